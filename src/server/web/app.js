// The page: asks the server, shows what it answers. Everything that comes from a tree (names of files,
// code) is put into the page as text, never as markup.
import { piecesOf } from "/highlight.js";

const LINES_SHOWN = 14;
const CONTEXT = 12; // lines around a result, shown on demand
const LIMIT = 20;
const AGAIN = 1000; // milliseconds, while the server gets ready

const byId = (id) => document.getElementById(id);
const query = byId("query");
const statusLine = byId("status");
const notes = byId("notes");
const results = byId("results");
const FILTERS = ["lang", "path", "content", "mode"];

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// --- The server.

// The token comes once, in the address that the server printed; it is kept for this tab and does not
// stay in the address, where it would be seen and bookmarked.
function takeToken() {
  const address = new URL(location.href);
  const token = address.searchParams.get("token");
  if (token === null) return;
  sessionStorage.setItem("token", token);
  address.searchParams.delete("token");
  history.replaceState(null, "", address);
}

class ServerError extends Error {
  constructor(message, isForNow) {
    super(message);
    this.isForNow = isForNow;
  }
}

async function ask(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  const token = sessionStorage.getItem("token");
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  const reply = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  if (reply.ok) return reply.json();
  if (reply.status === 401) {
    throw new ServerError("Open the address that `coderank serve` printed: the access token is in it.");
  }
  const answer = await reply.json().catch(() => null);
  throw new ServerError(answer?.error?.message ?? `The server answered ${reply.status}.`,
    reply.status === 503 || reply.status === 429);
}

// --- One question at a time: a later one takes the place of one that is under way.

let underWay = new AbortController();

function say(text, failed = false) {
  statusLine.textContent = text;
  statusLine.classList.toggle("failed", failed);
}

const pause = (signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, AGAIN);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); });
});

async function run(path, body, asked) {
  underWay.abort();
  underWay = new AbortController();
  const { signal } = underWay;
  say("Searching ...");
  while (!signal.aborted) {
    try {
      const answer = await ask(path, body, signal);
      if (!signal.aborted) show(answer, asked);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (error.isForNow) {
        say(`${error.message} Asking again ...`, true);
        await pause(signal);
        continue;
      }
      clear();
      say(error instanceof ServerError ? error.message : "The server does not answer.", true);
      return;
    }
  }
}

function filters() {
  const body = { limit: LIMIT, context: CONTEXT };
  for (const name of FILTERS) {
    const value = byId(name).value.trim();
    if (value === "") continue;
    body[name] = name === "lang" || name === "path" ? value.split(/[\s,]+/) : value;
  }
  return body;
}

function search() {
  const text = query.value.trim();
  if (text === "") return;
  document.title = `${text} - coderank`;
  run("/search", { query: text, ...filters() }, text);
}

// Of several folders the first part of a path is the folder's name.
function placeOf(result, several) {
  const place = `${result.path}:${result.start_line}`;
  const slash = place.indexOf("/");
  if (!several || slash < 0) return { place };
  return { directory: place.slice(0, slash), place: place.slice(slash + 1) };
}

function related(result, several) {
  const place = placeOf(result, several);
  run("/related", { limit: LIMIT, context: CONTEXT, ...place }, `code like ${place.place}`);
}

// --- The answer.

function clear() {
  results.replaceChildren();
  notes.replaceChildren();
}

function notesOf(answer) {
  const list = [...(answer.notes ?? [])];
  const { coverage, freshness } = answer;
  if (answer.mode === "lexical" && answer.model === "" && byId("mode").value !== "lexical") {
    list.push("Found by words alone: there are no vectors.");
  } else if (coverage.embedded_chunks < coverage.chunks) {
    list.push(`${coverage.embedded_chunks} of ${coverage.chunks} chunks have a vector yet.`);
  }
  const behind = freshness.new_files + freshness.changed_files + freshness.removed_files;
  if (!freshness.refreshed && behind > 0) list.push(`The index is ${behind} files behind the tree.`);
  return list;
}

function show(answer, asked) {
  clear();
  const count = answer.results.length;
  const found = count === 0 ? "Nothing found" : `${count} place${count === 1 ? "" : "s"}`;
  say(`${found} for "${asked}" in ${answer.coverage.files} files, ` +
    `${Math.max(1, Math.round(answer.timings_ms.total))} ms`);
  notes.append(...notesOf(answer).map((note) => element("li", "", note)));
  const several = answer.trees !== undefined;
  results.append(...answer.results.map((result) => card(result, several)));
  window.scrollTo(0, 0);
}

// Lines of code, from number `first` on.
function linesOf(code, language, first, className) {
  const lines = [];
  const begin = () => {
    const line = element("span", `line ${className}`);
    line.dataset.number = first + lines.length;
    lines.push(line);
  };
  begin();
  for (const { kind, text } of piecesOf(code.replace(/\n$/, ""), language)) {
    text.split("\n").forEach((part, i) => {
      if (i > 0) begin();
      lines[lines.length - 1].append(kind === "" ? part : element("span", kind, part));
    });
  }
  for (const line of lines) line.append("\n");
  return lines;
}

const countLines = (text) => (text ? text.replace(/\n$/, "").split("\n").length : 0);
const around = (text, language, first) => (text ? linesOf(text, language, first, "around") : []);

function head(result, open) {
  const row = element("div", "head");
  const place = element("span", "place");
  const slash = result.path.lastIndexOf("/") + 1;
  place.append(element("span", "folder", result.path.slice(0, slash)),
    element("span", "file", result.path.slice(slash)),
    element("span", "lines", `:${result.start_line}-${result.end_line}`));
  row.append(place);
  if (result.qualified_name) {
    const symbol = element("span", "symbol", result.kind ? `${result.kind} ` : "");
    symbol.append(element("b", "", result.qualified_name));
    row.append(symbol);
  }
  row.append(element("span", "score", result.score.toFixed(3)));
  const like = element("button", "", "like this");
  like.type = "button";
  like.addEventListener("click", open);
  row.append(like);
  return row;
}

function card(result, several) {
  const item = element("li", "result");
  item.tabIndex = -1;
  const language = result.language ?? "";
  const code = element("pre");
  const own = linesOf(result.snippet, language, result.start_line, "");
  const first = own.slice(0, LINES_SHOWN);
  const all = [...around(result.before, language, result.start_line - countLines(result.before)), ...own,
    ...around(result.after, language, result.end_line + 1)];
  const more = element("button", "more");
  more.type = "button";
  const hidden = own.length - first.length;
  const offer = hidden > 0 ? `${hidden} more lines` : `${all.length - own.length} lines around it`;
  let isWhole = true;
  const toggle = () => {
    isWhole = !isWhole;
    code.replaceChildren(...(isWhole ? all : first));
    more.textContent = isWhole ? "less" : offer;
  };
  toggle();
  more.addEventListener("click", () => { item.focus(); toggle(); });
  item.append(head(result, () => related(result, several)), code);
  if (all.length > first.length) item.append(more);
  item.actions = { toggle, like: () => related(result, several),
    copy: () => copy(`${result.path}:${result.start_line}`) };
  return item;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied ${text}`);
  } catch {
    say(`The browser does not let ${text} be copied.`, true);
  }
}

// --- Keys.

function move(step) {
  const items = [...results.children];
  const next = items.indexOf(document.activeElement?.closest?.(".result")) + step;
  if (next < 0) return query.focus();
  // From its top, however long it is.
  const item = items[Math.min(next, items.length - 1)];
  item?.focus({ preventScroll: true });
  item?.scrollIntoView({ block: "start" });
}

function typeAnew() {
  query.focus();
  query.select();
}

const KEYS = {
  "/": typeAnew,
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  Escape: typeAnew,
};
const RESULT_KEYS = { Enter: "toggle", o: "toggle", r: "like", c: "copy" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  const typing = target.matches("input, select");
  if (typing && !(target === query && event.key === "ArrowDown")) return;
  if (target.matches("button") && event.key === "Enter") return;
  const item = target.closest(".result");
  const action = (item && item.actions[RESULT_KEYS[event.key]]) ?? KEYS[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
});

// --- The address says what was asked, so that the browser's own keys go back to it.

function readAddress() {
  const given = new URL(location.href).searchParams;
  query.value = given.get("q") ?? "";
  for (const name of FILTERS) {
    if (given.has(name)) byId(name).value = given.get(name);
  }
  if (query.value !== "") search();
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const address = new URL("/", location.href);
  address.searchParams.set("q", query.value.trim());
  for (const name of FILTERS) {
    const field = byId(name);
    const isDefault = field.value === (field.options?.[0]?.value ?? "");
    if (!isDefault) address.searchParams.set(name, field.value);
  }
  history.pushState(null, "", address);
  search();
});
window.addEventListener("popstate", readAddress);

takeToken();
readAddress();
