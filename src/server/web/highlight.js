// Code as a list of pieces: comments, strings, literals, keywords, calls, types and the rest. Knows
// how languages write those and nothing else of them, which is enough to read by.

const HASH = new Set(["python", "bash", "ruby", "perl", "r", "yaml", "toml", "make", "cmake",
  "dockerfile", "starlark", "elixir", "julia", "nim", "nix", "tcl", "fish", "awk", "powershell",
  "crystal", "just", "meson", "gdscript", "properties", "graphql", "hcl", "coffeescript"]);
const DASHES = new Set(["sql", "lua", "haskell", "ada", "elm", "purescript"]);
const SEMICOLON = new Set(["elisp", "commonlisp", "scheme", "clojure", "racket", "assembly", "ini"]);
const PERCENT = new Set(["latex", "erlang", "bibtex"]);
const PROSE = new Set(["", "text", "markdown", "rst", "asciidoc", "org", "csv", "diff"]);
const MARKUP = new Set(["html", "xml", "svelte", "vue", "astro", "handlebars", "erb"]);

// Where one quote begins a character, or something else, such as a lifetime.
const CHARACTERS = new Set(["rust", "c", "cpp", "java", "go", "csharp", "kotlin", "scala", "haskell",
  "ocaml", "elm", "zig", "cuda", "verilog"]);

const KEYWORDS = new Set(`abstract and as assert async await auto begin bool boolean break byte case
  catch chan char class co_await co_return co_yield concept const consteval constexpr constructor
  continue crate debugger def default defer del delete do double dyn elif else elseif end ensure enum
  except explicit export extends extern final finally float fn for foreach from func function global
  go goto guard if impl implements import in include init inline instanceof int interface internal is
  lambda let local long loop match mod module mut mutable namespace new noexcept not object of
  operator or override package pass private protected protocol pub public raise readonly ref register
  require requires rescue return select self short signed sizeof static struct super switch
  template then this throw throws trait try type typedef typename typeof union unless unsafe unsigned
  until use using val var virtual void volatile when where while with yield`.split(/\s+/));
const LITERALS = new Set(["true", "false", "null", "nil", "None", "True", "False", "nullptr",
  "undefined", "NULL"]);

const CHARACTER = /'(?:\\[^\n']*.|[^'\\\n])'/uy;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:0[xX][\da-fA-F_']+|0[bB][01_']+|\d[\d_']*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)\w*/y;

function lineComments(language) {
  if (HASH.has(language)) return ["#"];
  if (DASHES.has(language)) return ["--"];
  if (SEMICOLON.has(language)) return [";"];
  if (PERCENT.has(language)) return ["%"];
  return language === "php" ? ["//", "#"] : ["//"];
}

function blockComment(language) {
  if (MARKUP.has(language)) return ["<!--", "-->"];
  return HASH.has(language) && language !== "hcl" ? null : ["/*", "*/"];
}

// Where the text that begins at `at` with `mark` ends: behind `closing`, or at the end of all.
function endOf(code, at, mark, closing) {
  const end = code.indexOf(closing, at + mark.length);
  return end < 0 ? code.length : end + closing.length;
}

// `at` + 1 where no string begins.
function endOfString(code, at, language) {
  const quote = code[at];
  if (quote === "'" && CHARACTERS.has(language)) {
    return Math.max(at + 1, matchAt(CHARACTER, code, at));
  }
  const triple = quote.repeat(3);
  if (quote !== "`" && code.startsWith(triple, at)) return endOf(code, at, triple, triple);
  for (let i = at + 1; i < code.length; ++i) {
    if (code[i] === "\\") ++i;
    else if (code[i] === quote) return i + 1;
    else if (code[i] === "\n" && quote !== "`") return at + 1; // an apostrophe
  }
  return at + 1;
}

function matchAt(pattern, code, at) {
  pattern.lastIndex = at;
  const found = pattern.exec(code);
  return found === null ? at : pattern.lastIndex;
}

function kindOfWord(code, word, end) {
  if (LITERALS.has(word)) return "literal";
  if (KEYWORDS.has(word)) return "keyword";
  if (code[end] === "(") return "call";
  return /^[A-Z]\w*[a-z]/.test(word) ? "type" : "";
}

// [{kind, text}], whose texts make up the code.
export function piecesOf(code, language) {
  if (PROSE.has(language)) return [{ kind: "", text: code }];
  const lines = lineComments(language);
  const block = blockComment(language);
  const pieces = [];
  const add = (kind, text) => {
    const last = pieces[pieces.length - 1];
    if (last !== undefined && last.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  for (let at = 0; at < code.length;) {
    let kind = "";
    let end = at + 1;
    const word = matchAt(WORD, code, at);
    if (word > at) {
      end = word;
      kind = kindOfWord(code, code.slice(at, end), end);
    } else if (lines.some((mark) => code.startsWith(mark, at))) {
      kind = "comment";
      end = endOf(code, at, "", "\n");
    } else if (block !== null && code.startsWith(block[0], at)) {
      kind = "comment";
      end = endOf(code, at, block[0], block[1]);
    } else if ("\"'`".includes(code[at])) {
      end = endOfString(code, at, language);
      kind = end > at + 1 ? "string" : "";
    } else if (code[at] >= "0" && code[at] <= "9") {
      kind = "literal";
      end = matchAt(NUMBER, code, at);
    }
    add(kind, code.slice(at, end));
    at = end;
  }
  return pieces;
}
