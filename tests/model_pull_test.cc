// `coderank model pull` as a user sees it: what it gets, what it says, what it remembers, and that
// it can be interrupted, killed and run twice at once.
#include <sys/file.h>

#include "base/file.h"
#include "support/model_pull_testing.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using testing::Eventually;
using testing::FakeHub;
using testing::FileText;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kWeights;
using testing::ModelPullTest;
using ::testing::Not;
using testing::ProcessResult;
using testing::ServedConnection;
using testing::ServedRequest;

class PullTest : public ModelPullTest {};

TEST_F(PullTest, InstallsAModelThatEmbeds) {
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_THAT(pulled.out, AllOf(HasSubstr("installed a-model"), HasSubstr("licence mit")));
  EXPECT_THAT(pulled.err, AllOf(HasSubstr("licence: mit"), HasSubstr(FakeHub::kCommit),
                                HasSubstr(" files, "), HasSubstr(" MB")));
  EXPECT_TRUE(Installed());
  const auto source = std::filesystem::path(CODERANK_SOURCE_DIR) / "tests/data/models/mean_gelu";
  ASSERT_EQ(coderank_.Run({"model", "add", "same", source.native()}).exit_code, 0);
  const auto vector = [&](const std::string& model) {
    return coderank_.RunJson({"embed", "--model", model, "return the file"})["vector"];
  };
  EXPECT_FALSE(vector("a-model").empty());
  EXPECT_EQ(vector("a-model"), vector("same"));
}

TEST_F(PullTest, AsksForNothingButWhatIsNeeded) {
  hub_.SetFile("pytorch_model.bin", "pickle");
  hub_.SetFile("onnx/model.onnx", "onnx");
  hub_.SetFile("modeling.py", "code");
  ASSERT_EQ(Pull().exit_code, 0);
  EXPECT_THAT(hub_.RequestedPaths(),
              AllOf(Contains(kWeights), Contains("1_Pooling/config.json"), Not(Contains("?")),
                    Not(Contains("goldens.json")), Not(Contains("pytorch_model.bin")),
                    Not(Contains("onnx/model.onnx")), Not(Contains("modeling.py"))));
}

TEST_F(PullTest, RecordsOriginAndHashesAndCleansUp) {
  const json report = json::parse(Pull({"--json"}).out);
  EXPECT_EQ(report["repository"], "someone/a-model");
  EXPECT_EQ(report["revision"], FakeHub::kCommit);
  EXPECT_EQ(report["licence"], "mit");
  EXPECT_EQ(report["already_installed"], false);
  EXPECT_GT(report["bytes_fetched"], hub_.File(kWeights).size());
  const json info = coderank_.RunJson({"model", "info", "a-model", "--json"});
  EXPECT_EQ(info["revision"], FakeHub::kCommit);
  EXPECT_THAT(coderank_.Run({"model", "info", "a-model"}).out, HasSubstr("licence"));
  const json pins = json::parse(FileText(PinsFile()));
  const json& files = pins["files"][std::string("someone/a-model@") + FakeHub::kCommit];
  EXPECT_EQ(files[kWeights].get<std::string>().size(), 64U);
  EXPECT_TRUE(files.contains("vocab.txt"));
  EXPECT_FALSE(std::filesystem::exists(Models() / ".pulling"));
}

TEST_F(PullTest, AnInstalledModelIsNotAskedForAgain) {
  ASSERT_EQ(Pull().exit_code, 0);
  const size_t before = hub_.RequestedPaths().size();
  const ProcessResult again = Pull();
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.out, HasSubstr("already installed: a-model"));
  EXPECT_EQ(hub_.RequestedPaths().size(), before) << "not even the listing";
  source_ += std::string("@") + FakeHub::kCommit;
  EXPECT_EQ(Pull().exit_code, 0);
  EXPECT_EQ(hub_.RequestedPaths().size(), before);
  source_ = "hf:someone/a-model@main";
  EXPECT_EQ(Pull().exit_code, 0);
  EXPECT_EQ(hub_.RequestedPaths().size(), before + 1) << "a branch may have moved";
}

TEST_F(PullTest, AnotherRevisionNeedsAWord) {
  ASSERT_EQ(Pull().exit_code, 0);
  const std::string newer(40, 'a');
  hub_.SetCommit(newer);
  source_ = "hf:someone/a-model@main";
  const ProcessResult refused = Pull();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("--replace"), HasSubstr(newer)));
  EXPECT_EQ(Pull({"--name", "beside"}).exit_code, 0);
  ASSERT_EQ(Pull({"--replace"}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"model", "info", "a-model", "--json"})["revision"], newer);
}

TEST_F(PullTest, AModelOfThatNameFromElsewhereIsKept) {
  ASSERT_EQ(coderank_.AddTinyModel(1, "a-model").exit_code, 0);
  const ProcessResult refused = Pull();
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("from a folder"), HasSubstr("--name")));
  EXPECT_THAT(hub_.RequestedPaths(), IsEmpty());
}

TEST_F(PullTest, DamagedModelIsFetchedAgain) {
  ASSERT_EQ(Pull().exit_code, 0);
  std::filesystem::resize_file(Models() / "a-model" / kWeights, 10);
  ASSERT_EQ(Pull().exit_code, 0);
  EXPECT_TRUE(Installed());
}

TEST_F(PullTest, CopyOfAnInstalledModelKeepsItsOrigin) {
  ASSERT_EQ(Pull().exit_code, 0);
  const auto folder = Models() / "a-model";
  ASSERT_EQ(coderank_.Run({"model", "add", "copy", folder.native()}).exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"model", "info", "copy", "--json"})["repository"],
            "someone/a-model");
}

TEST_F(PullTest, WrongUse) {
  for (const std::string source : {"nothing", "hf:a", "hf:../../x", "hf:a/b@../c"}) {
    source_ = source;
    EXPECT_EQ(Pull().exit_code, 2) << source;
  }
  source_ = "hf:someone/a-model";
  EXPECT_EQ(Pull({"--name", "../x"}).exit_code, 2);
  EXPECT_THAT(hub_.RequestedPaths(), IsEmpty());
  for (const std::string endpoint :
       {"ftp://example.org", "http://user:secret@127.0.0.1", "http://127.0.0.1/?x", "x"}) {
    coderank_.environment()["HF_ENDPOINT"] = endpoint;
    const ProcessResult refused = Pull();
    EXPECT_EQ(refused.exit_code, 2) << endpoint;
    EXPECT_THAT(refused.err, AllOf(HasSubstr("HF_ENDPOINT"), Not(HasSubstr("secret"))));
  }
}

TEST_F(PullTest, ConnectionCutMidFileIsResumedInTheSameRun) {
  const size_t half = hub_.File(kWeights).size() / 2;
  hub_.Next(kWeights, [&](const ServedRequest&, ServedConnection& c, const std::string& content) {
    FakeHub::ServeBeginning(c, content, half);
  });
  const json report = json::parse(Pull({"--json"}).out);
  EXPECT_EQ(report["name"], "a-model");
  const auto requests = hub_.Requests(kWeights);
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].Header("range"), "bytes=" + std::to_string(half) + "-");
  EXPECT_TRUE(Installed());
}

TEST_F(PullTest, KilledPullGoesOnWhereItStopped) {
  const size_t half = hub_.File(kWeights).size() / 2;
  hub_.Next(kWeights, [&](const ServedRequest&, ServedConnection& c, const std::string& content) {
    FakeHub::ServeBeginning(c, content, half);
    c.Hang();
  });
  const Running pull = StartPull();
  ASSERT_TRUE(Eventually([&] { return PartHas(half); }));
  ::kill(pull.pid, SIGKILL);
  EXPECT_EQ(pull.Wait(), 128 + SIGKILL);
  EXPECT_TRUE(NothingInstalled());
  const size_t before = hub_.RequestedPaths().size();
  const ProcessResult second = Pull();
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("still to come"));
  EXPECT_EQ(hub_.RequestedPaths().size(), before + 2) << "the listing and the rest of one file";
  EXPECT_EQ(hub_.Requests(kWeights).back().Header("range"), "bytes=" + std::to_string(half) + "-");
  EXPECT_TRUE(Installed());
}

TEST_F(PullTest, FirstInterruptEndsASilentDownload) {
  const size_t half = hub_.File(kWeights).size() / 2;
  hub_.Next(kWeights, [&](const ServedRequest&, ServedConnection& c, const std::string& content) {
    FakeHub::ServeBeginning(c, content, half);
    c.Hang();
  });
  const Running pull = StartPull();
  ASSERT_TRUE(Eventually([&] { return PartHas(half); }));
  ::kill(pull.pid, SIGINT);
  EXPECT_EQ(pull.Wait(), 2);
  EXPECT_THAT(pull.Log(), HasSubstr("interrupted; what is done is kept"));
  EXPECT_EQ(hub_.Requests(kWeights).size(), 1U) << "not tried again";
  ASSERT_EQ(Pull().exit_code, 0);
  EXPECT_TRUE(hub_.Requests(kWeights).back().Has("range"));
}

TEST_F(PullTest, SecondPullWaitsForTheFirst) {
  std::atomic<bool> open = false;
  hub_.Next(kWeights, [&](const ServedRequest& r, ServedConnection& c, const std::string& content) {
    EXPECT_TRUE(Eventually([&] { return open.load(); }));
    FakeHub::Serve(r, c, content);
  });
  const Running first = StartPull();
  ASSERT_TRUE(Eventually([&] { return !hub_.Requests(kWeights).empty(); }));
  const Running second = StartPull();
  EXPECT_TRUE(Eventually([&] {
    return second.Log().find("another coderank is pulling a-model") != std::string::npos;
  }));
  open = true;
  EXPECT_EQ(first.Wait(), 0);
  EXPECT_EQ(second.Wait(), 0);
  EXPECT_EQ(hub_.Requests(kWeights).size(), 1U);
  EXPECT_TRUE(Installed());
}

TEST_F(PullTest, WaitingPullCanBeInterrupted) {
  std::filesystem::create_directories(Staging());
  const UniqueFd held(::open(Staging().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  const Running pull = StartPull();
  ASSERT_TRUE(Eventually([&] { return pull.Log().find("waiting") != std::string::npos; }));
  ::kill(pull.pid, SIGINT);
  EXPECT_EQ(pull.Wait(), 2);
  EXPECT_THAT(pull.Log(), HasSubstr("interrupted"));
}

// True once the process has its handler: from then on an interrupt is a request, not the end.
bool CatchesInterrupt(pid_t pid) {
  const std::string status = FileText("/proc/" + std::to_string(pid) + "/status");
  const size_t at = status.find("SigCgt:");
  return at != std::string::npos &&
         (std::stoull(status.substr(at + 7), nullptr, 16) & (1ULL << (SIGINT - 1))) != 0;
}

TEST_F(PullTest, AddObeysTheFirstInterruptToo) {
  ASSERT_EQ(coderank_.AddTinyModel().exit_code, 0);
  const UniqueFd held(::open(Models().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
  const auto source = coderank_.world() / "model-1";
  const Running add = Start({"model", "add", "other", source.native()});
  ASSERT_TRUE(Eventually([&] { return CatchesInterrupt(add.pid); }));
  ::kill(add.pid, SIGINT);
  EXPECT_EQ(add.Wait(), 2);
  EXPECT_THAT(add.Log(), HasSubstr("interrupted; nothing was installed"));
  EXPECT_FALSE(std::filesystem::exists(Models() / "other"));
}

TEST_F(PullTest, VerifyObeysTheFirstInterruptToo) {
  ASSERT_EQ(Pull().exit_code, 0);
  // Large enough that hashing it cannot be over before the interrupt: sparse, so it costs nothing.
  const auto weights = Models() / "a-model" / kWeights;
  const uint64_t size = uint64_t{1} << 40;
  std::error_code error;
  std::filesystem::resize_file(weights, size, error);
  if (error) GTEST_SKIP() << "the file system has no sparse files of 1 TiB: " << error.message();
  json record = json::parse(FileText(Models() / "a-model/record.json"));
  for (json& file : record["files"]) {
    if (file["path"] == kWeights) file["size"] = size;
  }
  coderank_.environment()["CODERANK_MODELS"] = Models().native();
  std::ofstream(Models() / "a-model/record.json") << record.dump();
  const Running verify = Start({"model", "verify", "a-model"});
  ASSERT_TRUE(Eventually([&] { return CatchesInterrupt(verify.pid); }));
  ::kill(verify.pid, SIGINT);
  EXPECT_EQ(verify.Wait(), 2);
  EXPECT_THAT(verify.Log(), HasSubstr("interrupted; not every file was looked at"));
}

TEST_F(PullTest, ProxyVariableIsHonoured) {
  std::atomic<int> through = 0;
  const testing::HttpServer proxy([&](const ServedRequest& request, ServedConnection& connection) {
    const std::string prefix = "http://hub.invalid";
    EXPECT_THAT(request.target, ::testing::StartsWith(prefix));
    EXPECT_FALSE(request.Has("authorization")) << "not over plain http";
    ++through;
    ServedRequest inner = request;
    inner.target = request.target.substr(prefix.size());
    hub_.Handle(inner, connection);
  });
  coderank_.environment()["HF_ENDPOINT"] = "http://hub.invalid";
  coderank_.environment()["HF_TOKEN"] = "hf_secret";
  coderank_.environment()["http_proxy"] = proxy.url();
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_THAT(pulled.err, HasSubstr("plain http"));
  EXPECT_GT(through, 3);
}

TEST_F(PullTest, NoNetworkNamesTheWaysOut) {
  coderank_.environment()["HF_ENDPOINT"] = "http://127.0.0.1:1";
  const ProcessResult failed = Pull();
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.err,
              AllOf(HasSubstr("cannot reach http://127.0.0.1:1"), HasSubstr("HTTPS_PROXY"),
                    HasSubstr("HF_ENDPOINT"), HasSubstr("coderank model add")));
}

TEST_F(PullTest, FullDiskIsSaidBeforeTheDownload) {
  const auto models = coderank_.world() / "small-disk";
  std::filesystem::create_directories(models);
  coderank_.environment()["CODERANK_MODELS"] = models.native();
  const auto in_small_disk = [&](const std::string& command) {
    const std::string script =
        "mount -t tmpfs -o size=16k none " + models.native() + " || exit 77; " + command;
    return testing::RunProcess({"unshare", "-rm", "/bin/sh", "-c", script},
                               {.input = {},
                                .environment = coderank_.environment(),
                                .working_directory = coderank_.tree()});
  };
  if (in_small_disk("exit 0").exit_code != 0) {
    GTEST_SKIP() << "a small file system cannot be mounted here (unshare -rm, mount -t tmpfs)";
  }
  const ProcessResult full =
      in_small_disk(std::string("exec ") + CODERANK_PROGRAM + " model pull " + source_);
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_THAT(full.err, AllOf(HasSubstr("still to come"), HasSubstr("CODERANK_MODELS")));
  EXPECT_THAT(hub_.Requests(kWeights), IsEmpty());
}

class ShardedTest : public ModelPullTest {
 protected:
  ShardedTest() : ModelPullTest("someone/sharded", "mean_relu_sharded") {}
};

TEST_F(ShardedTest, ShardsOfTheIndexInAFolderOfItsOwn) {
  hub_.SetFile("0_Transformer/model-00009-of-00009.safetensors", "not in the index");
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_TRUE(Installed());
  EXPECT_THAT(hub_.RequestedPaths(),
              AllOf(Contains("0_Transformer/model-00002-of-00002.safetensors"),
                    Not(Contains("0_Transformer/model-00009-of-00009.safetensors"))));
}

class DefaultModelTest : public ModelPullTest {
 protected:
  DefaultModelTest() : ModelPullTest("nomic-ai/CodeRankEmbed", "nomic_cls") {
    source_ = "CodeRankEmbed";
  }
};

TEST_F(DefaultModelTest, WithoutAModelTheOneCommandIsNamed) {
  coderank_.Write("a.py", "def f(): pass\n");
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{"search", "x"}, {"index"}, {"embed", "x"}}) {
    EXPECT_THAT(coderank_.Run(arguments).err, HasSubstr("`coderank model pull CodeRankEmbed`"));
  }
  EXPECT_THAT(coderank_.Run({"search", "x", "--model", "all-MiniLM-L6-v2"}).err,
              HasSubstr("`coderank model pull all-MiniLM-L6-v2` downloads it"));
}

TEST_F(DefaultModelTest, CodeRankEmbedIsTheDefaultWherePresent) {
  ASSERT_EQ(coderank_.AddTinyModel(1, "all-MiniLM-L6-v2").exit_code, 0);
  ASSERT_EQ(coderank_.AddTinyModel(2, "another").exit_code, 0);
  EXPECT_EQ(coderank_.RunJson({"model", "info", "--json"})["name"], "all-MiniLM-L6-v2");
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_EQ(coderank_.RunJson({"model", "info", "--json"})["name"], "CodeRankEmbed");
  coderank_.environment()["CODERANK_MODEL"] = "another";
  EXPECT_EQ(coderank_.RunJson({"model", "info", "--json"})["name"], "another");
}

}  // namespace
}  // namespace coderank
