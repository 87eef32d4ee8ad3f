#include "engine/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace coderank {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

HubListing Listing(const std::vector<std::string>& paths) {
  HubListing listing;
  for (const std::string& path : paths) listing.files[path] = {.size = 1, .sha256 = ""};
  return listing;
}

TEST(ModelFilesTest, PlainPaths) {
  for (const char* good : {"a", "config.json", "1_Pooling/config.json", "a/b/c-1.x"}) {
    EXPECT_TRUE(IsPlainPath(good)) << good;
  }
  for (const char* bad : {"", "/a", "a/", "a//b", "..", "../a", "a/../b", ".hidden", "a/.git",
                          "a b", "a\\b", "a\nb", "a\x1b[0m", "a:b"}) {
    EXPECT_FALSE(IsPlainPath(bad)) << bad;
  }
  EXPECT_FALSE(IsPlainPath(std::string(1000, 'a')));
  EXPECT_FALSE(IsPlainPath(std::string_view("a\0b", 3)));
}

TEST(ModelFilesTest, OnlyWhatIsNeeded) {
  const auto listing = Listing(
      {"README.md", ".gitattributes", "config.json", "modules.json", "1_Pooling/config.json",
       "2_Normalize/x", "model.safetensors", "pytorch_model.bin", "onnx/model.onnx", "vocab.txt",
       "onnx/config.json", "tokenizer.json", "modeling_hf_nomic_bert.py", "../../evil", "/etc/x"});
  const auto wanted = ChooseFiles(listing, {"", "1_Pooling", "2_Normalize"});
  ASSERT_TRUE(wanted);
  EXPECT_THAT(wanted->paths,
              ElementsAre("modules.json", "config.json", "tokenizer.json", "vocab.txt",
                          "1_Pooling/config.json", "model.safetensors"));
  EXPECT_EQ(wanted->shard_index, "");
}

TEST(ModelFilesTest, TransformerInAFolderOfItsOwn) {
  const auto listing = Listing({"modules.json", "0_Transformer/config.json",
                                "0_Transformer/model.safetensors.index.json",
                                "0_Transformer/model-00001-of-00001.safetensors", "config.json"});
  const auto wanted = ChooseFiles(listing, {"0_Transformer", "1_Pooling"});
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->shard_index, "0_Transformer/model.safetensors.index.json");
  EXPECT_THAT(wanted->paths, ElementsAre("modules.json", "0_Transformer/config.json",
                                         "0_Transformer/model.safetensors.index.json"));
}

TEST(ModelFilesTest, ShardsMustBeListed) {
  testing::TempDir folder;
  const std::string index = "model.safetensors.index.json";
  folder.Write(index, R"({"weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors"}})");
  const auto both =
      ChooseShards(Listing({index, "x-1.safetensors", "x-2.safetensors"}), folder.path(), index);
  ASSERT_TRUE(both);
  EXPECT_THAT(*both, ElementsAre("x-1.safetensors", "x-2.safetensors"));
  const auto one = ChooseShards(Listing({index, "x-1.safetensors"}), folder.path(), index);
  ASSERT_FALSE(one);
  EXPECT_THAT(one.error().message(), HasSubstr("x-2.safetensors"));
  folder.Write(index, R"({"weight_map": {"a": "../x.safetensors"}})");
  EXPECT_FALSE(ChooseShards(Listing({index, "../x.safetensors"}), folder.path(), index));
}

TEST(ModelFilesTest, GgufByKind) {
  EXPECT_EQ(ChooseGguf({"m-Q4_K_M.gguf", "m-f16.gguf", "m-Q8_0.gguf", "m-f32.gguf"}),
            "m-Q8_0.gguf");
  EXPECT_EQ(ChooseGguf({"m.q4_k_m.gguf", "m.bf16.gguf", "m.f16.gguf"}), "m.f16.gguf");
  EXPECT_EQ(ChooseGguf({"m-Q4_0.gguf", "m-Q6_K.gguf", "m-Q5_K_S.gguf"}), "m-Q6_K.gguf");
  EXPECT_EQ(ChooseGguf({"m.gguf", "config.json"}), "m.gguf");
  EXPECT_EQ(ChooseGguf({"m-Q8_0-00001-of-00002.gguf", "m-Q4_0.gguf"}), "m-Q4_0.gguf");
  EXPECT_EQ(ChooseGguf({"model.bin"}), "");
}

TEST(ModelFilesTest, SafetensorsBeforeGgufAndNeverPickles) {
  EXPECT_THAT(ChooseFiles(Listing({"m-Q8_0.gguf", "model.safetensors"}), {""})->paths,
              ElementsAre("model.safetensors"));
  EXPECT_THAT(ChooseFiles(Listing({"m-Q8_0.gguf", "m-Q4_0.gguf"}), {""})->paths,
              ElementsAre("m-Q8_0.gguf"));
  const auto none = ChooseFiles(Listing({"config.json", "pytorch_model.bin"}), {""});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message(), HasSubstr("expected model.safetensors"));
}

TEST(ModelFilesTest, ModulesCannotLeaveTheFolder) {
  testing::TempDir folder;
  const auto file = folder.path() / "modules.json";
  folder.Write("modules.json", R"([{"path": ""}, {"path": "1_Pooling"}])");
  EXPECT_THAT(*ModuleFolders(file), ElementsAre("", "1_Pooling"));
  for (const char* bad : {R"([{"path": "../x"}])", R"([{"path": "/etc"}])", R"([{}])", R"([])",
                          R"({})", R"([{"path": 1}])", "x"}) {
    folder.Write("modules.json", bad);
    EXPECT_FALSE(ModuleFolders(file)) << bad;
  }
}

}  // namespace
}  // namespace coderank
