#include "source/language.h"

#include <gtest/gtest.h>

#include <utility>

namespace coderank {
namespace {

TEST(LanguageTest, ByExtension) {
  const std::pair<const char*, const char*> cases[] = {
      {"a.py", "python"},
      {"a.js", "javascript"},
      {"a.mjs", "javascript"},
      {"a.ts", "typescript"},
      {"a.tsx", "tsx"},
      {"a.java", "java"},
      {"a.c", "c"},
      {"a.cpp", "cpp"},
      {"a.h", "cpp"},
      {"a.go", "go"},
      {"a.rs", "rust"},
      {"a.rb", "ruby"},
      {"a.php", "php"},
      {"a.cs", "csharp"},
      {"a.kt", "kotlin"},
      {"a.swift", "swift"},
      {"a.scala", "scala"},
      {"a.sh", "bash"},
      {"a.lua", "lua"},
      {"a.hs", "haskell"},
      {"a.ex", "elixir"},
      {"a.zig", "zig"},
      {"a.sql", "sql"},
      {"a.html", "html"},
      {"a.css", "css"},
      {"a.json", "json"},
      {"a.yml", "yaml"},
      {"a.toml", "toml"},
      {"a.md", "markdown"},
      {"a.ml", "ocaml"},
      {"a.R", "r"},
      {"a.jl", "julia"},
      {"a.dart", "dart"},
      {"a.proto", "protobuf"},
      {"a.pl", "perl"},
      {"a.vue", "vue"},
      {"a.svelte", "svelte"},
      {"a.m", "objc"},
      {"a.groovy", "groovy"},
      {"a.clj", "clojure"},
      {"a.erl", "erlang"},
      {"a.fs", "fsharp"},
      {"a.nim", "nim"},
      {"a.f90", "fortran"},
      {"a.asm", "assembly"},
      {"a.cu", "cuda"},
      {"a.glsl", "glsl"},
      {"a.tf", "hcl"},
      {"a.nix", "nix"},
      {"a.ps1", "powershell"},
      {"a.rst", "rst"},
      {"a.tex", "latex"},
      {"a.vim", "vim"},
      {"a.el", "elisp"},
      {"a.xml", "xml"},
      {"a.ini", "ini"},
      {"a.txt", "text"},
      {"a.cmake", "cmake"},
      {"x/y.d/a.PY", "python"},
      {"a.C", "cpp"},
      {"a.d.ts", "typescript"},
  };
  for (const auto& [path, language] : cases) EXPECT_EQ(DetectLanguage(path, ""), language) << path;
}

TEST(LanguageTest, ByFileName) {
  EXPECT_EQ(DetectLanguage("a/CMakeLists.txt", ""), "cmake");
  EXPECT_EQ(DetectLanguage("Dockerfile", ""), "dockerfile");
  EXPECT_EQ(DetectLanguage("deploy/Dockerfile.dev", ""), "dockerfile");
  EXPECT_EQ(DetectLanguage("web.dockerfile", ""), "dockerfile");
  EXPECT_EQ(DetectLanguage("Makefile", ""), "make");
  EXPECT_EQ(DetectLanguage("Rakefile", ""), "ruby");
  EXPECT_EQ(DetectLanguage("README", ""), "text");
  EXPECT_EQ(DetectLanguage("README.md", ""), "markdown");
  EXPECT_EQ(DetectLanguage("unknown.qqq", ""), "");
  EXPECT_EQ(DetectLanguage("", ""), "");
}

TEST(LanguageTest, ByFirstLineWhereTheNameDoesNotSay) {
  EXPECT_EQ(DetectLanguage("tool", "#!/bin/sh\n"), "bash");
  EXPECT_EQ(DetectLanguage("tool", "#! /usr/bin/python3.11 -u\r\n"), "python");
  EXPECT_EQ(DetectLanguage("tool", "#!/usr/bin/env node"), "javascript");
  EXPECT_EQ(DetectLanguage("tool", "#!/usr/bin/env -S A=1 deno run\n"), "typescript");
  EXPECT_EQ(DetectLanguage("tool", "#!/usr/bin/Rscript\n"), "r");
  EXPECT_EQ(DetectLanguage("tool.py", "#!/bin/sh\n"), "python");
  EXPECT_EQ(DetectLanguage("tool", "#!\n"), "");
  EXPECT_EQ(DetectLanguage("tool", "#!/usr/bin/env\n"), "");
  EXPECT_EQ(DetectLanguage("tool", "#!/usr/bin/42\n"), "");
  EXPECT_EQ(DetectLanguage("tool", "text\n#!/bin/sh\n"), "");
}

TEST(LanguageTest, NamedAsPeopleNameThem) {
  EXPECT_EQ(LanguageNamed("python"), "python");
  EXPECT_EQ(LanguageNamed("Python"), "python");
  for (const auto& [name, language] :
       {std::pair("py", "python"), std::pair("js", "javascript"), std::pair("ts", "typescript"),
        std::pair("rs", "rust"), std::pair("rb", "ruby"), std::pair("cc", "cpp"),
        std::pair("C++", "cpp"), std::pair("golang", "go"), std::pair("sh", "bash"),
        std::pair("c", "c"), std::pair("tsx", "tsx"), std::pair("C#", "csharp"),
        std::pair("node", "javascript"), std::pair("shell", "bash"), std::pair("md", "markdown")}) {
    EXPECT_EQ(LanguageNamed(name), language) << name;
  }
  for (const char* name : {"", "pyhton", "english", ".py"}) EXPECT_EQ(LanguageNamed(name), "");
}

// Another name must not hide a language, and has to lead to one.
TEST(LanguageTest, EveryKnownLanguageIsItsOwnName) {
  ASSERT_GT(KnownLanguages().size(), 50U);
  for (const std::string_view name : KnownLanguages()) EXPECT_EQ(LanguageNamed(name), name);
}

}  // namespace
}  // namespace coderank
