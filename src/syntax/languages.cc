// The table is data. To add a language: its crate in cmake/grammars.toml, a record here, a query
// file, and samples in testdata/ (docs/languages.md).
#include "syntax/languages.h"

#include <algorithm>
#include <array>

#include "syntax/generated_queries.h"

extern "C" {
const TSLanguage* tree_sitter_bash();
const TSLanguage* tree_sitter_c();
const TSLanguage* tree_sitter_c_sharp();
const TSLanguage* tree_sitter_containerfile();
const TSLanguage* tree_sitter_cpp();
const TSLanguage* tree_sitter_css();
const TSLanguage* tree_sitter_dart();
const TSLanguage* tree_sitter_elixir();
const TSLanguage* tree_sitter_go();
const TSLanguage* tree_sitter_haskell();
const TSLanguage* tree_sitter_html();
const TSLanguage* tree_sitter_java();
const TSLanguage* tree_sitter_javascript();
const TSLanguage* tree_sitter_json();
const TSLanguage* tree_sitter_julia();
const TSLanguage* tree_sitter_kotlin();
const TSLanguage* tree_sitter_lua();
const TSLanguage* tree_sitter_markdown();
const TSLanguage* tree_sitter_ocaml();
const TSLanguage* tree_sitter_ocaml_interface();
const TSLanguage* tree_sitter_php();
const TSLanguage* tree_sitter_proto();
const TSLanguage* tree_sitter_python();
const TSLanguage* tree_sitter_r();
const TSLanguage* tree_sitter_ruby();
const TSLanguage* tree_sitter_rust();
const TSLanguage* tree_sitter_scala();
const TSLanguage* tree_sitter_sql();
const TSLanguage* tree_sitter_swift();
const TSLanguage* tree_sitter_toml();
const TSLanguage* tree_sitter_tsx();
const TSLanguage* tree_sitter_typescript();
const TSLanguage* tree_sitter_yaml();
const TSLanguage* tree_sitter_zig();
}

namespace coderank {
namespace {

constexpr std::array<std::string_view, 5> kScriptSilent = {"exports", "module", "prototype", "self",
                                                           "this"};

constexpr Language kLanguages[] = {
    {.name = "bash", .grammar = {tree_sitter_bash, kQueryBash}},
    {.name = "c", .grammar = {tree_sitter_c, kQueryC}},
    {.name = "cpp", .grammar = {tree_sitter_cpp, kQueryCpp}, .separators = ":"},
    {.name = "csharp", .grammar = {tree_sitter_c_sharp, kQueryCsharp}, .separators = "."},
    {.name = "css", .grammar = {tree_sitter_css, kQueryCss}},
    {.name = "dart", .grammar = {tree_sitter_dart, kQueryDart}},
    {.name = "dockerfile", .grammar = {tree_sitter_containerfile, kQueryDockerfile}},
    {.name = "elixir", .grammar = {tree_sitter_elixir, kQueryElixir}, .separators = "."},
    {.name = "go", .grammar = {tree_sitter_go, kQueryGo}},
    {.name = "haskell", .grammar = {tree_sitter_haskell, kQueryHaskell}},
    {.name = "html", .grammar = {tree_sitter_html, kQueryHtml}, .prose = true},
    {.name = "java", .grammar = {tree_sitter_java, kQueryJava}},
    {.name = "javascript",
     .grammar = {tree_sitter_javascript, kQueryJavascript},
     .separators = ".",
     .silent = kScriptSilent},
    {.name = "json", .grammar = {tree_sitter_json, kQueryJson}},
    {.name = "julia", .grammar = {tree_sitter_julia, kQueryJulia}, .separators = "."},
    {.name = "kotlin", .grammar = {tree_sitter_kotlin, kQueryKotlin}},
    {.name = "lua", .grammar = {tree_sitter_lua, kQueryLua}, .separators = ".:"},
    {.name = "markdown", .grammar = {tree_sitter_markdown, kQueryMarkdown}, .prose = true},
    {.name = "ocaml",
     .grammar = {tree_sitter_ocaml, kQueryOcaml},
     .second = {tree_sitter_ocaml_interface, kQueryOcamlInterface}},
    {.name = "php", .grammar = {tree_sitter_php, kQueryPhp}, .separators = "\\"},
    {.name = "protobuf", .grammar = {tree_sitter_proto, kQueryProtobuf}},
    {.name = "python", .grammar = {tree_sitter_python, kQueryPython}},
    {.name = "r", .grammar = {tree_sitter_r, kQueryR}},
    {.name = "ruby", .grammar = {tree_sitter_ruby, kQueryRuby}, .separators = ":"},
    {.name = "rust", .grammar = {tree_sitter_rust, kQueryRust}},
    {.name = "scala", .grammar = {tree_sitter_scala, kQueryScala}},
    {.name = "sql", .grammar = {tree_sitter_sql, kQuerySql}, .separators = "."},
    {.name = "swift", .grammar = {tree_sitter_swift, kQuerySwift}},
    {.name = "toml", .grammar = {tree_sitter_toml, kQueryToml}},
    {.name = "tsx",
     .grammar = {tree_sitter_tsx, kQueryTypescript},
     .separators = ".",
     .silent = kScriptSilent},
    {.name = "typescript",
     .grammar = {tree_sitter_typescript, kQueryTypescript},
     .separators = ".",
     .silent = kScriptSilent},
    {.name = "yaml", .grammar = {tree_sitter_yaml, kQueryYaml}},
    {.name = "zig", .grammar = {tree_sitter_zig, kQueryZig}},
};

}  // namespace

const Language* FindLanguage(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kLanguages), std::end(kLanguages),
                   [&](const Language& language) { return language.name == name; });
  return found == std::end(kLanguages) ? nullptr : found;
}

std::span<const Language> AllLanguages() { return kLanguages; }

}  // namespace coderank
