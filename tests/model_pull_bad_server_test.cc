// What `coderank model pull` makes of servers and mirrors that fail, lie or are hostile: an error
// that says so, nothing installed, nothing outside of its folder, no secret given away.
#include "support/model_pull_testing.h"

namespace coderank {
namespace {

using nlohmann::json;
using ::testing::AllOf;
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

class BadServerTest : public ModelPullTest {
 protected:
  void ExpectRefused(const ProcessResult& result, const std::string& message) {
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_TRUE(NothingInstalled());
  }
  static std::string Changed(std::string content) {
    content[content.size() / 2] ^= 1;
    return content;
  }
};

TEST_F(BadServerTest, WrongBytesAreRefusedAndNotKept) {
  hub_.ServeInstead(kWeights, Changed(hub_.File(kWeights)));
  ExpectRefused(Pull(), "as the server lists it");
  hub_.ServeInstead(kWeights, hub_.File(kWeights));
  const ProcessResult mended = Pull();
  ASSERT_EQ(mended.exit_code, 0) << mended.err;
  EXPECT_FALSE(hub_.Requests(kWeights).back().Has("range")) << "wrong bytes are no beginning";
  EXPECT_TRUE(Installed());
}

TEST_F(BadServerTest, ChangedBytesOfTheSameCommitAreRefused) {
  ASSERT_EQ(Pull().exit_code, 0);
  std::filesystem::remove_all(Models());
  // The listing tells the new hash, too: only the record of the first use can know.
  const std::string honest = hub_.File(kWeights);
  hub_.SetFile(kWeights, Changed(honest));
  ExpectRefused(Pull(), "as recorded when it was first downloaded");
  hub_.SetFile(kWeights, honest);
  std::filesystem::remove_all(Models());  // with what is complete of the pull that was refused
  hub_.SetFile("vocab.txt", Changed(hub_.File("vocab.txt")));
  ExpectRefused(Pull(), "vocab.txt: expected SHA-256");
}

TEST_F(BadServerTest, UnreadableRecordOfHashesIsAnErrorNotAFirstUse) {
  ASSERT_EQ(Pull().exit_code, 0);
  std::filesystem::remove_all(Models());
  std::ofstream(PinsFile()) << "{\"format\": 1, \"files\"";
  ExpectRefused(Pull(), "model-hashes.json");
}

class KnownModelTest : public ModelPullTest {
 protected:
  KnownModelTest() : ModelPullTest("sentence-transformers/all-MiniLM-L6-v2", "mean_gelu") {}
};

TEST_F(KnownModelTest, BytesOtherThanTheKnownOnesAreRefused) {
  for (const std::string source :
       {"all-MiniLM-L6-v2", "hf:sentence-transformers/all-MiniLM-L6-v2"}) {
    source_ = source;
    const ProcessResult refused = Pull();
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("known to this program"));
    EXPECT_TRUE(NothingInstalled());
  }
}

TEST_F(BadServerTest, ServerThatIgnoresRange) {
  hub_.Next(kWeights, [](const ServedRequest&, ServedConnection& c, const std::string& all) {
    FakeHub::ServeBeginning(c, all, all.size() / 2);
  });
  hub_.Always(kWeights, [](const ServedRequest&, ServedConnection& c, const std::string& all) {
    c.Reply(200, {}, all);
  });
  ASSERT_EQ(Pull().exit_code, 0);
  EXPECT_TRUE(Installed());
  EXPECT_EQ(hub_.Requests(kWeights).size(), 2U);
}

// That such a server is given up after some tries is a test of the client, without the pauses.
TEST_F(BadServerTest, LengthLongerThanTheBody) {
  for (const size_t bytes : {100U, 0U}) {
    hub_.Next(kWeights, [=](const ServedRequest&, ServedConnection& c, const std::string& all) {
      FakeHub::ServeBeginning(c, all, bytes);
    });
  }
  ASSERT_EQ(Pull().exit_code, 0);
  EXPECT_EQ(hub_.Requests(kWeights).size(), 3U);
  EXPECT_TRUE(Installed());
}

TEST_F(BadServerTest, LengthShorterThanTheListing) {
  hub_.Always(kWeights, [](const ServedRequest&, ServedConnection& c, const std::string& all) {
    c.Reply(200, {}, all.substr(1));
  });
  ExpectRefused(Pull(), "the server announces");
}

TEST_F(BadServerTest, BodyLongerThanTheListing) {
  hub_.Always(kWeights, [](const ServedRequest&, ServedConnection& c, const std::string& all) {
    c.Send("HTTP/1.1 200 OK\r\n\r\n" + all);
    while (c.Send(std::string(1 << 16, 'x'))) {
    }
  });
  ExpectRefused(Pull(), "the server sends more");
  EXPECT_LE(std::filesystem::file_size(Staging() / (std::string(kWeights) + ".part")),
            hub_.File(kWeights).size());
}

TEST_F(BadServerTest, TooManyRequestsAndServerErrorsPass) {
  hub_.Next("", [](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(429, {"Retry-After: 0"}, "slow down");
  });
  hub_.Next(kWeights, [](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(500, {}, "oops");
  });
  hub_.Next(kWeights,
            [](const ServedRequest&, ServedConnection& c, const std::string&) { c.Reset(); });
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_THAT(pulled.err, AllOf(HasSubstr("HTTP status 429; next try in"),
                                HasSubstr("HTTP status 500; next try in")));
  EXPECT_TRUE(Installed());
}

TEST_F(BadServerTest, WaitBeyondReasonIsAnError) {
  hub_.Always("", [](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(429, {"Retry-After: 86400"}, "");
  });
  ExpectRefused(Pull(), "asks to wait (HTTP 429)");
}

TEST_F(BadServerTest, PrivateGatedAndUnknownModels) {
  for (const int status : {401, 403}) {
    hub_.Always("", [status](const ServedRequest&, ServedConnection& c, const std::string&) {
      c.Reply(status, {}, "");
    });
    coderank_.environment()["HF_TOKEN"] = "";
    ExpectRefused(Pull(), "set HF_TOKEN");
    coderank_.environment()["HF_TOKEN"] = "hf_secret";
    const ProcessResult refused = Pull();
    EXPECT_THAT(refused.err, AllOf(HasSubstr("HF_TOKEN was sent"), Not(HasSubstr("hf_secret"))));
  }
  hub_.Always("", [](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(404, {}, "");
  });
  ExpectRefused(Pull(), "no such model or revision");
}

TEST_F(BadServerTest, GatedFileOfAListedModel) {
  hub_.Always(kWeights, [](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(403, {}, "accept the terms first");
  });
  ExpectRefused(Pull(), "model.safetensors: refused (HTTP 403)");
}

TEST_F(BadServerTest, RedirectsAreFollowedWithoutTheToken) {
  coderank_.environment()["HF_TOKEN"] = "hf_secret";
  const testing::HttpServer other([&](const ServedRequest& r, ServedConnection& c) {
    FakeHub::Serve(r, c, hub_.File(kWeights));
  });
  hub_.Always(kWeights, [&](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(302, {"Location: " + other.url() + "/signed?x=y"}, "");
  });
  hub_.Next("config.json", [&](const ServedRequest& r, ServedConnection& c, const std::string&) {
    c.Reply(307, {"Location: " + r.target}, "");
  });
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  for (const char* path : {"", "config.json", kWeights}) {
    for (const ServedRequest& request : hub_.Requests(path)) {
      EXPECT_EQ(request.Header("authorization"), "Bearer hf_secret") << path;
    }
  }
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_FALSE(other.requests()[0].Has("authorization"));
}

TEST_F(BadServerTest, RedirectLoopEnds) {
  hub_.Always(kWeights, [&](const ServedRequest& r, ServedConnection& c, const std::string&) {
    c.Reply(302, {"Location: " + r.target}, "");
  });
  ExpectRefused(Pull(), "more than 8 redirects");
}

TEST_F(BadServerTest, HostileNamesAreNotAskedFor) {
  hub_.EditListing([](json& listing) {
    for (const char* name : {"../../../../evil", "/etc/cron.d/evil", "1_Pooling/../../../evil",
                             "a\x1b]0;title\x07.safetensors", ".bashrc"}) {
      listing["siblings"].push_back({{"rfilename", name}, {"size", 4}});
    }
    listing["cardData"]["license"] = "mit\x1b[2J\n";
  });
  const ProcessResult pulled = Pull();
  ASSERT_EQ(pulled.exit_code, 0) << pulled.err;
  EXPECT_THAT(pulled.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(pulled.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(hub_.RequestedPaths(), Not(::testing::Contains("?")));
}

TEST_F(BadServerTest, ModulesThatLeaveTheFolder) {
  hub_.SetFile("modules.json",
               R"([{"type": "Transformer", "path": "../../../../x"}, {"path": "1_Pooling"}])");
  hub_.SetFile("../../../../x/config.json", "{}");
  ExpectRefused(Pull(), "modules.json");
}

TEST_F(BadServerTest, ListingsBeyondReason) {
  hub_.EditListing([](json& listing) {
    for (int i = 0; i < 20'000; ++i) {
      listing["siblings"].push_back({{"rfilename", std::to_string(i)}, {"size", 1}});
    }
  });
  ExpectRefused(Pull(), "expected a list of at most 10000 files");
  hub_.EditListing([](json& listing) { listing["x"] = std::string(9 << 20, 'x'); });
  ExpectRefused(Pull(), "larger than the limit");
  hub_.EditListing([](json& listing) {
    for (json& file : listing["siblings"]) {
      if (file["rfilename"] == kWeights) file["size"] = uint64_t{1} << 39;
    }
  });
  ExpectRefused(Pull(), "more than any model");
  hub_.EditListing([](json& listing) {
    for (json& file : listing["siblings"]) {
      if (file["rfilename"] == "vocab.txt") file["size"] = uint64_t{1} << 30;
    }
  });
  ExpectRefused(Pull(), "vocab.txt");
  EXPECT_THAT(hub_.Requests(kWeights), IsEmpty());
}

TEST_F(BadServerTest, ListingsThatAreNone) {
  const std::vector<std::function<void(json&)>> edits = {
      [](json& l) { l["sha"] = "../../x"; },
      [](json& l) { l.erase("sha"); },
      [](json& l) { l["siblings"] = 1; },
      [](json& l) { l["siblings"][0] = "x"; },
      [](json& l) { l["siblings"].push_back(l["siblings"][0]); },
      [](json& l) { l["siblings"][0]["size"] = -1; },
      [](json& l) {
        l["siblings"][0]["lfs"] = {{"sha256", "abc"}};
      },
      [](json& l) { l["siblings"] = json::array(); },
      [](json& l) {
        for (json& file : l["siblings"]) file.erase("size");
      },
      [](json& l) { l = json::array(); },
  };
  for (size_t i = 0; i < edits.size(); ++i) {
    hub_.EditListing(edits[i]);
    const ProcessResult refused = Pull();
    EXPECT_EQ(refused.exit_code, 2) << i;
    EXPECT_THAT(refused.err, HasSubstr("error: ")) << i;
  }
  hub_.Always("", [](const ServedRequest&, ServedConnection& c, const std::string&) {
    c.Reply(200, {}, "<html>log in</html>");
  });
  ExpectRefused(Pull(), "expected JSON");
}

TEST_F(BadServerTest, AnotherCommitThanAskedFor) {
  source_ += "@" + std::string(40, 'b');
  ExpectRefused(Pull(), "sha: expected bbbb");
}

TEST_F(BadServerTest, ModelThatDoesNotLoadIsNotInstalled) {
  hub_.SetFile("config.json", R"({"model_type": "mystery"})");
  ExpectRefused(Pull(), "config.json");
}

}  // namespace
}  // namespace coderank
