// The tables are data: a language is added by adding rows. Names follow tree-sitter's grammars
// where there is one.
#include "source/language.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/ascii.h"

namespace coderank {
namespace {

struct Row {
  std::string_view key;
  std::string_view language;
};

// Whole file names, as written.
constexpr Row kFileNames[] = {
    {"BUILD", "starlark"},
    {"BUILD.bazel", "starlark"},
    {"Brewfile", "ruby"},
    {"CMakeLists.txt", "cmake"},
    {"Capfile", "ruby"},
    {"Containerfile", "dockerfile"},
    {"Dangerfile", "ruby"},
    {"Dockerfile", "dockerfile"},
    {"Fastfile", "ruby"},
    {"GNUmakefile", "make"},
    {"Gemfile", "ruby"},
    {"Guardfile", "ruby"},
    {"Jenkinsfile", "groovy"},
    {"Justfile", "just"},
    {"Kconfig", "kconfig"},
    {"MODULE.bazel", "starlark"},
    {"Makefile", "make"},
    {"PKGBUILD", "bash"},
    {"Pipfile", "toml"},
    {"Podfile", "ruby"},
    {"Procfile", "yaml"},
    {"Rakefile", "ruby"},
    {"SConscript", "python"},
    {"SConstruct", "python"},
    {"Tiltfile", "starlark"},
    {"Vagrantfile", "ruby"},
    {"WORKSPACE", "starlark"},
    {"go.mod", "gomod"},
    {"go.work", "gomod"},
    {"justfile", "just"},
    {"makefile", "make"},
    {"meson.build", "meson"},
    {"meson_options.txt", "meson"},
    {"requirements.txt", "text"},
    {".babelrc", "json"},
    {".bash_aliases", "bash"},
    {".bash_profile", "bash"},
    {".bashrc", "bash"},
    {".clang-format", "yaml"},
    {".clang-tidy", "yaml"},
    {".clangd", "yaml"},
    {".dockerignore", "gitignore"},
    {".editorconfig", "ini"},
    {".emacs", "elisp"},
    {".eslintrc", "json"},
    {".gitattributes", "gitattributes"},
    {".gitconfig", "ini"},
    {".gitignore", "gitignore"},
    {".gitmodules", "ini"},
    {".prettierrc", "json"},
    {".profile", "bash"},
    {".vimrc", "vim"},
    {".zprofile", "bash"},
    {".zshenv", "bash"},
    {".zshrc", "bash"},
};

// What follows the last '.', where upper case means something.
constexpr Row kCaseSensitiveExtensions[] = {{"C", "cpp"}, {"H", "cpp"}, {"S", "assembly"}};

// What follows the last '.', in lower case. ".h" is "cpp": the C++ grammar reads C headers, and
// the C grammar does not read C++ ones.
constexpr Row kExtensions[] = {
    {"adb", "ada"},
    {"adoc", "asciidoc"},
    {"ads", "ada"},
    {"asciidoc", "asciidoc"},
    {"asm", "assembly"},
    {"astro", "astro"},
    {"awk", "awk"},
    {"bash", "bash"},
    {"bat", "batch"},
    {"bats", "bash"},
    {"bib", "bibtex"},
    {"bzl", "starlark"},
    {"c", "c"},
    {"c++", "cpp"},
    {"cc", "cpp"},
    {"cfg", "ini"},
    {"cjs", "javascript"},
    {"cl", "opencl"},
    {"clj", "clojure"},
    {"cljc", "clojure"},
    {"cljs", "clojure"},
    {"cls", "latex"},
    {"cmake", "cmake"},
    {"cmd", "batch"},
    {"coffee", "coffeescript"},
    {"comp", "glsl"},
    {"conf", "ini"},
    {"cpp", "cpp"},
    {"cppm", "cpp"},
    {"cr", "crystal"},
    {"cs", "csharp"},
    {"csproj", "xml"},
    {"css", "css"},
    {"csv", "csv"},
    {"csx", "csharp"},
    {"cts", "typescript"},
    {"cu", "cuda"},
    {"cuh", "cuda"},
    {"cxx", "cpp"},
    {"d", "d"},
    {"dart", "dart"},
    {"diff", "diff"},
    {"dockerfile", "dockerfile"},
    {"dpr", "pascal"},
    {"edn", "clojure"},
    {"el", "elisp"},
    {"elm", "elm"},
    {"erb", "erb"},
    {"erl", "erlang"},
    {"ex", "elixir"},
    {"exs", "elixir"},
    {"f", "fortran"},
    {"f03", "fortran"},
    {"f08", "fortran"},
    {"f90", "fortran"},
    {"f95", "fortran"},
    {"fish", "fish"},
    {"for", "fortran"},
    {"frag", "glsl"},
    {"fs", "fsharp"},
    {"fsi", "fsharp"},
    {"fsx", "fsharp"},
    {"gd", "gdscript"},
    {"gemspec", "ruby"},
    {"geom", "glsl"},
    {"gleam", "gleam"},
    {"glsl", "glsl"},
    {"go", "go"},
    {"gql", "graphql"},
    {"gradle", "groovy"},
    {"graphql", "graphql"},
    {"groovy", "groovy"},
    {"h", "cpp"},
    {"h++", "cpp"},
    {"hbs", "handlebars"},
    {"hcl", "hcl"},
    {"hh", "cpp"},
    {"hlsl", "hlsl"},
    {"hpp", "cpp"},
    {"hrl", "erlang"},
    {"hs", "haskell"},
    {"htm", "html"},
    {"html", "html"},
    {"hxx", "cpp"},
    {"inc", "cpp"},
    {"ini", "ini"},
    {"inl", "cpp"},
    {"ino", "cpp"},
    {"ipp", "cpp"},
    {"ipynb", "json"},
    {"ixx", "cpp"},
    {"java", "java"},
    {"jl", "julia"},
    {"js", "javascript"},
    {"json", "json"},
    {"json5", "json"},
    {"jsonc", "json"},
    {"jsonl", "json"},
    {"jsonnet", "jsonnet"},
    {"jsx", "javascript"},
    {"just", "just"},
    {"ksh", "bash"},
    {"kt", "kotlin"},
    {"kts", "kotlin"},
    {"less", "less"},
    {"lhs", "haskell"},
    {"lisp", "commonlisp"},
    {"lsp", "commonlisp"},
    {"lua", "lua"},
    {"m", "objc"},
    {"mak", "make"},
    {"markdown", "markdown"},
    {"md", "markdown"},
    {"mdx", "markdown"},
    {"metal", "cpp"},
    {"mjs", "javascript"},
    {"mk", "make"},
    {"ml", "ocaml"},
    {"mli", "ocaml"},
    {"mm", "objc"},
    {"mts", "typescript"},
    {"nim", "nim"},
    {"nims", "nim"},
    {"nix", "nix"},
    {"nu", "nu"},
    {"org", "org"},
    {"pas", "pascal"},
    {"patch", "diff"},
    {"php", "php"},
    {"phtml", "php"},
    {"pl", "perl"},
    {"plist", "xml"},
    {"pm", "perl"},
    {"pod", "perl"},
    {"pp", "puppet"},
    {"prisma", "prisma"},
    {"properties", "properties"},
    {"proto", "protobuf"},
    {"ps1", "powershell"},
    {"psd1", "powershell"},
    {"psm1", "powershell"},
    {"purs", "purescript"},
    {"py", "python"},
    {"pyi", "python"},
    {"pyw", "python"},
    {"pyx", "python"},
    {"r", "r"},
    {"rake", "ruby"},
    {"rb", "ruby"},
    {"rego", "rego"},
    {"rkt", "racket"},
    {"rmd", "markdown"},
    {"rs", "rust"},
    {"rst", "rst"},
    {"s", "assembly"},
    {"sass", "sass"},
    {"sbt", "scala"},
    {"sc", "scala"},
    {"scala", "scala"},
    {"scm", "scheme"},
    {"scss", "scss"},
    {"sh", "bash"},
    {"smithy", "smithy"},
    {"sol", "solidity"},
    {"sql", "sql"},
    {"star", "starlark"},
    {"sty", "latex"},
    {"sv", "verilog"},
    {"svelte", "svelte"},
    {"svh", "verilog"},
    {"swift", "swift"},
    {"t", "perl"},
    {"tcl", "tcl"},
    {"tex", "latex"},
    {"tf", "hcl"},
    {"tfvars", "hcl"},
    {"thrift", "thrift"},
    {"toml", "toml"},
    {"tpp", "cpp"},
    {"ts", "typescript"},
    {"tsv", "csv"},
    {"tsx", "tsx"},
    {"txt", "text"},
    {"typ", "typst"},
    {"v", "verilog"},
    {"vb", "vb"},
    {"vert", "glsl"},
    {"vh", "verilog"},
    {"vhd", "vhdl"},
    {"vhdl", "vhdl"},
    {"vim", "vim"},
    {"vue", "vue"},
    {"wat", "wat"},
    {"wgsl", "wgsl"},
    {"xhtml", "html"},
    {"xml", "xml"},
    {"xsd", "xml"},
    {"xsl", "xml"},
    {"xslt", "xml"},
    {"yaml", "yaml"},
    {"yml", "yaml"},
    {"zig", "zig"},
    {"zsh", "bash"},
};

// Names without an extension of their own: "Dockerfile.dev", "Makefile.am".
constexpr Row kNamePrefixes[] = {
    {"Containerfile.", "dockerfile"},
    {"Dockerfile.", "dockerfile"},
    {"Makefile.", "make"},
    {"LICENSE", "text"},
    {"README", "text"},
    {"CHANGELOG", "text"},
};

// The program of a "#!" line, without its version.
constexpr Row kInterpreters[] = {
    {"ash", "bash"},
    {"awk", "awk"},
    {"bash", "bash"},
    {"bun", "javascript"},
    {"crystal", "crystal"},
    {"dash", "bash"},
    {"deno", "typescript"},
    {"elixir", "elixir"},
    {"escript", "erlang"},
    {"fish", "fish"},
    {"gawk", "awk"},
    {"groovy", "groovy"},
    {"julia", "julia"},
    {"ksh", "bash"},
    {"lua", "lua"},
    {"luajit", "lua"},
    {"make", "make"},
    {"nix-shell", "nix"},
    {"node", "javascript"},
    {"nodejs", "javascript"},
    {"ocaml", "ocaml"},
    {"perl", "perl"},
    {"php", "php"},
    {"pwsh", "powershell"},
    {"pypy", "python"},
    {"python", "python"},
    {"rscript", "r"},
    {"ruby", "ruby"},
    {"runghc", "haskell"},
    {"runhaskell", "haskell"},
    {"scala", "scala"},
    {"sh", "bash"},
    {"swift", "swift"},
    {"tclsh", "tcl"},
    {"ts-node", "typescript"},
    {"tsx", "typescript"},
    {"wish", "tcl"},
    {"zsh", "bash"},
};

// What people call a language that is neither its name here nor an extension of its files.
constexpr Row kOtherNames[] = {
    {"bazel", "starlark"},    {"c#", "csharp"},
    {"docker", "dockerfile"}, {"emacs-lisp", "elisp"},
    {"f#", "fsharp"},         {"golang", "go"},
    {"lisp", "commonlisp"},   {"makefile", "make"},
    {"obj-c", "objc"},        {"objective-c", "objc"},
    {"objectivec", "objc"},   {"plaintext", "text"},
    {"python3", "python"},    {"restructuredtext", "rst"},
    {"shell", "bash"},        {"systemverilog", "verilog"},
    {"terraform", "hcl"},     {"viml", "vim"},
    {"vimscript", "vim"},     {"visualbasic", "vb"},
};

template <size_t kRows>
std::string_view Find(const Row (&rows)[kRows], std::string_view key) {
  for (const Row& row : rows) {
    if (row.key == key) return row.language;
  }
  return {};
}

std::string_view ByExtension(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view extension = name.substr(dot + 1);
  const std::string_view exact = Find(kCaseSensitiveExtensions, extension);
  return exact.empty() ? Find(kExtensions, AsciiLower(extension)) : exact;
}

std::string_view ByPrefix(std::string_view name) {
  for (const Row& row : kNamePrefixes) {
    if (name.starts_with(row.key)) return row.language;
  }
  return {};
}

// The next word of a "#!" line; empty at its end.
std::string_view TakeWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
  const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// "#!/usr/bin/env -S FOO=1 python3.11 -u" names "python3.11".
std::string_view Interpreter(std::string_view line) {
  const auto base = [](std::string_view path) { return path.substr(path.rfind('/') + 1); };
  std::string_view program = base(TakeWord(line));
  if (program != "env") return program;
  do {
    program = TakeWord(line);
  } while (program.starts_with('-') || program.find('=') != std::string_view::npos);
  return base(program);
}

std::string_view ByFirstLine(std::string_view content) {
  if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
  if (!content.starts_with("#!")) return {};
  const std::string program = AsciiLower(Interpreter(content.substr(2, content.find('\n') - 2)));
  const std::string_view exact = Find(kInterpreters, program);
  if (!exact.empty()) return exact;
  const size_t last = program.find_last_not_of("0123456789.-");
  return Find(kInterpreters, std::string_view(program).substr(0, last + 1));
}

}  // namespace

std::string_view DetectLanguage(std::string_view path, std::string_view content) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  std::string_view language = Find(kFileNames, name);
  if (language.empty()) language = ByExtension(name);
  if (language.empty()) language = ByFirstLine(content);
  if (language.empty()) language = ByPrefix(name);
  return language;
}

std::span<const std::string_view> KnownLanguages() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    const auto add = [&all](const auto& rows) {
      for (const Row& row : rows) all.push_back(row.language);
    };
    add(kFileNames);
    add(kCaseSensitiveExtensions);
    add(kExtensions);
    add(kNamePrefixes);
    add(kInterpreters);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }();
  return names;
}

std::string_view LanguageNamed(std::string_view name) {
  const std::string lowered = AsciiLower(name);
  const auto known = KnownLanguages();
  const auto found = std::lower_bound(known.begin(), known.end(), lowered);
  if (found != known.end() && *found == lowered) return *found;
  for (const std::string_view language :
       {Find(kOtherNames, lowered), Find(kExtensions, lowered), Find(kInterpreters, lowered)}) {
    if (!language.empty()) return language;
  }
  return {};
}

}  // namespace coderank
