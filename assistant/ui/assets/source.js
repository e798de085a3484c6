// The article beside the conversation: its words, what of them is cited, and where one can go from there.
import { announce, button, copyText, el, getJson, link, parseAddress, smoothly, spokenDate, stacked, unitOffset } from "./net.js";
import { finder } from "./find.js";

const STATUS = {
  superseded: "An earlier version: the article has changed since. These are the words that were cited.",
  withdrawn: "Withdrawn: the article is in no answer any more. These are the words that were cited.",
};
const FORMS = [["text", "Text"], ["bibtex", "BibTeX"], ["csl", "CSL-JSON"]];

const FRESH = 15000; // milliseconds for which a text's status is believed: it may become an earlier version, or be withdrawn
const sources = new Map(); // "article@version" -> {promise of its text, when it was asked for}
let cited = new Map(); // "article@version" -> Set of "start-end" that the open conversation cites
let articles = [];
let open = null; // {source, address} that is shown
let latest = 0; // the last choice wins, also when an earlier text arrives after it

let shown = () => {}; // who wants to know that another passage is open

export const chosen = () => open?.address?.id ?? null;
export const isUntouched = () => latest === 0;

export function whenShown(listener) {
  shown = listener;
}

export function setArticles(found) {
  articles = found;
}

// ---- what the conversation cites -----------------------------------------------------------------------------------

export function setCited(found) {
  cited = new Map(Object.entries(found).map(([key, spans]) => [key, new Set(spans.map((span) => span.join("-")))]));
  redraw();
}

export function addCited(ids) {
  const before = JSON.stringify(places());
  for (const id of ids) {
    const address = parseAddress(id);
    if (!address || address.field) continue;
    const key = `${address.article}@${address.version}`;
    if (!cited.has(key)) cited.set(key, new Set());
    cited.get(key).add(`${address.start}-${address.end}`);
  }
  if (JSON.stringify(places()) !== before) redraw();
}

// Of the article that is open: [start, end] in characters, in reading order.
function places() {
  if (!open) return [];
  const spans = [...(cited.get(`${open.source.article}@${open.source.version}`) ?? [])].map((s) => s.split("-").map(Number));
  const { address } = open;
  if (address && !address.field && !spans.some(([a, b]) => a === address.start && b === address.end)) spans.push([address.start, address.end]);
  return spans.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

// ---- opening -------------------------------------------------------------------------------------------------------

function getSource(article, version) {
  const key = `${article}@${version}`;
  if (!sources.has(key)) {
    const promise = getJson("/onrecord/source", { article, version });
    promise.catch(() => sources.delete(key)); // asked again at the next click
    sources.set(key, { promise, at: Date.now() });
  }
  return sources.get(key).promise;
}

// The articles changed: the one that is open may be another version now, or withdrawn, or purged.
export async function refresh() {
  sources.clear();
  if (!open) return;
  const { source, address } = open;
  const turn = latest;
  const now = articles.find((info) => info.article === source.article);
  const version = address || !now ? source.version : now.version; // whoever reads an article and no citation reads the newest
  try {
    const found = await getSource(source.article, version);
    if (turn !== latest) return;
    open = { source: found, address };
    render();
  } catch (error) {
    if (turn !== latest) return;
    open = null;
    const words = error.status === 404 ? "This article was purged: nothing of it is kept." : error.message;
    draw(shelf(null), el("p", "trouble", words));
  }
}

// What was shown at once from memory may not be what it was.
async function check(source) {
  const known = sources.get(`${source.article}@${source.version}`);
  if (!known || Date.now() - known.at < FRESH) return;
  known.at = Date.now();
  const turn = latest;
  const found = await getJson("/onrecord/source", { article: source.article, version: source.version }).catch((error) => error);
  if (found.status !== source.status && turn === latest) await refresh();
}

export async function show(article, version, address, { focus = true } = {}) {
  const turn = (latest += 1);
  try {
    const source = await getSource(article, version);
    if (turn !== latest) return;
    open = { source, address };
    render();
    shown();
    const target = view()?.querySelector("mark") || (address ? view()?.querySelector(".fact") : null);
    if (target) target.scrollIntoView({ block: "center", behavior: smoothly() });
    else document.getElementById("article").scrollTop = 0;
    if (address && stacked() && focus) view().focus({ preventScroll: true });
    announce(address ? "The passage is open in the article." : "The article is open.");
    check(source);
  } catch (error) {
    if (turn !== latest) return;
    open = { source: { article, version, text: "" }, address };
    draw(shelf(article), el("p", "trouble", error.message), address && addressBar(address));
    shown();
  }
}

export function showNothing(message) {
  draw(el("p", "empty", message));
}

function redraw() {
  const finding = document.querySelector("#article-view .find input")?.value; // whoever looks for something keeps it
  if (open?.source.text && !finding) render();
}

function view() {
  const home = document.getElementById("article");
  if (!home) return null;
  let found = document.getElementById("article-view");
  if (!found) {
    found = el("section");
    found.id = "article-view";
    found.tabIndex = -1;
    found.setAttribute("aria-label", "The article");
    home.append(found);
  }
  return found;
}

function draw(...children) {
  const found = view();
  if (!found) return;
  document.getElementById("article-placeholder")?.remove();
  const scroller = document.getElementById("article");
  const top = scroller.scrollTop;
  const held = found.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  found.replaceChildren(...children.filter(Boolean));
  scroller.scrollTop = top;
  // Whoever goes from citation to citation with the keyboard stays on the button.
  if (held) [...found.querySelectorAll("button, input")].find((node) => nameOf(node) === held)?.focus({ preventScroll: true });
}

const nameOf = (node) => node.dataset.article ?? node.getAttribute("aria-label") ?? node.textContent;

function render() {
  const { source, address } = open;
  const text = body(source, address);
  draw(shelf(source.article), heading(source), bar(source, address, text), address?.field && fact(address, source), text);
}

// ---- its parts -----------------------------------------------------------------------------------------------------

function shelf(shown) {
  if (articles.length < 2) return null;
  const nav = el("nav", "shelf");
  nav.setAttribute("aria-label", "Articles");
  nav.append(el("h2", "label", `${articles.length} articles`));
  const list = el("ul");
  list.tabIndex = 0;
  list.setAttribute("aria-label", "Articles");
  for (const info of articles.slice(0, 50)) {
    const choose = button("choose", info.title || info.description || info.article);
    choose.dir = "auto";
    choose.dataset.article = info.article;
    choose.dataset.version = info.version;
    if (info.article === shown) choose.setAttribute("aria-current", "true");
    const by = [info.author, info.published && (spokenDate(info.published) || info.published)].filter(Boolean);
    const item = el("li");
    item.append(choose);
    if (by.length) item.append(el("span", "by", by.join(" · ")));
    list.append(item);
  }
  nav.append(list);
  if (articles.length > 50) nav.append(el("p", "by", "The others are in the library."));
  return nav;
}

function heading(source) {
  const head = el("header", "article-head");
  if (STATUS[source.status]) head.append(el("p", `badge ${source.status}`, STATUS[source.status]));
  const title = el("h2", source.title ? "title" : "title untitled", source.title || source.description || source.article);
  title.dir = "auto";
  head.append(title);
  const by = el("p", "byline");
  for (const part of [source.author, source.outlet]) if (part) by.append(bylinePart(el("span", "", part)));
  if (source.published) by.append(bylinePart(dateOf(source.published)));
  const version = el("span", "", `version ${source.version}`);
  version.title = "Names this state of the article's words; a citation keeps it.";
  by.append(bylinePart(version));
  head.append(by);
  return head;
}

function bylinePart(node) {
  node.classList.add("part");
  node.dir = "auto";
  return node;
}

function dateOf(iso) {
  const spoken = spokenDate(iso);
  if (!spoken) return el("span", "", iso);
  const time = el("time", "", spoken);
  time.dateTime = iso;
  time.title = iso;
  if (spoken !== iso) time.append(el("span", "iso", ` (${iso})`));
  return time;
}

// Stays in sight above the text: whose words these are, their address, ways to copy it, to the next one, and back.
function bar(source, address, text) {
  const box = el("div", "cited");
  box.append(el("div", "steps"));
  const steps = box.firstChild;
  if (address) {
    steps.append(button("back", "Back to the answer"));
    const date = source.published && (spokenDate(source.published) || source.published);
    const whence = el("p", "whence", [source.title, source.author, date].filter(Boolean).join(" · ") || source.article);
    whence.dir = "auto";
    box.prepend(whence);
    box.append(addressBar(address));
  }
  steps.append(coverage(source), finder(text));
  return box;
}

function coverage(source) {
  const found = places();
  const box = el("span", "coverage");
  const total = found.length;
  if (!total) return box;
  const at = open.address ? found.findIndex(([a, b]) => a === open.address.start && b === open.address.end) : -1;
  const said = at >= 0 ? `${at + 1} of ${total} cited` : `${total} cited`;
  const count = el("span", "count", said);
  count.title = "Places of this article that this conversation cites; they are marked in the margin.";
  const go = (step) => {
    const [a, b] = found[(at + step + total + (at < 0 && step < 0 ? 1 : 0)) % total];
    const id = `${source.article}@${source.version}:${a}-${b}`;
    show(source.article, source.version, parseAddress(id), { focus: false });
  };
  if (total > 1 || at < 0) box.append(button("step", "‹", () => go(-1), "Previous citation"));
  box.append(count);
  if (total > 1 || at < 0) box.append(button("step", "›", () => go(1), "Next citation"));
  return box;
}

function addressBar(address) {
  const box = el("div", "address");
  const field = el("input");
  field.readOnly = true;
  field.value = address.id;
  field.setAttribute("aria-label", "The citation's address");
  const copy = (words, get, label) => button("copy", words, async (event) => copyText(await get(), event.currentTarget), label);
  box.append(field, copy("Copy", () => address.id, "Copy the address"), copy("Link", () => link({ cite: address.id }), "Copy a link to this passage"));
  for (const [form, name] of FORMS) {
    const get = async () => {
      const found = await getJson("/onrecord/cite", { id: address.id });
      return typeof found[form] === "string" ? found[form] : JSON.stringify(found[form], null, 2);
    };
    box.append(button("copy", name, async (event) => {
      const pressed = event.currentTarget;
      try {
        await copyText(await get(), pressed);
      } catch (error) {
        announce(error.message);
      }
    }, `Copy the citation as ${name}`));
  }
  return box;
}

function fact(address, source) {
  const box = el("dl", "fact");
  const value = el("dd", "", source[address.field] ?? "unknown");
  value.dir = "auto";
  box.append(el("dt", "", `On record: ${address.field}`), value);
  return box;
}

// ---- its words -----------------------------------------------------------------------------------------------------

// Paragraphs end at blank lines. Each character of the text stands in the document, the blank lines hidden.
function body(source, address) {
  const { text } = source;
  const marks = places().map(([a, b]) => ({ from: unitOffset(text, a), to: unitOffset(text, b), start: a, end: b }));
  for (const mark of marks) {
    mark.id = `${source.article}@${source.version}:${mark.start}-${mark.end}`;
    mark.chosen = mark.id === address?.id;
  }
  const bodyStart = unitOffset(text, source.body_start || 0);
  const box = el("div", "text");
  const gaps = /\n[^\S\n]*\n\s*/g;
  let at = 0;
  while (at < text.length) {
    gaps.lastIndex = at;
    const gap = gaps.exec(text);
    const end = gap ? gap.index : text.length;
    const next = gap ? gap.index + gap[0].length : text.length;
    const paragraph = el("p", end <= bodyStart && end > at ? "front" : "");
    paragraph.dir = "auto";
    pieces(paragraph, text, at, end, marks);
    if (next > end) {
      const hidden = el("span", "gap");
      pieces(hidden, text, end, next, marks);
      paragraph.append(hidden);
    }
    box.append(paragraph);
    at = next;
  }
  return box;
}

// Cut where any mark begins or ends: the chosen words in a <mark>, those that are cited elsewhere in a quiet one.
function pieces(parent, text, start, end, marks) {
  const here = marks.filter((mark) => mark.from < end && start < mark.to);
  const cuts = [...new Set([start, end, ...here.flatMap((mark) => [mark.from, mark.to])])].filter((c) => c >= start && c <= end);
  cuts.sort((one, other) => one - other);
  for (let n = 0; n + 1 < cuts.length; n += 1) {
    const over = here.filter((mark) => mark.from <= cuts[n] && cuts[n + 1] <= mark.to);
    const words = text.slice(cuts[n], cuts[n + 1]);
    const last = parent.lastChild;
    if (!over.length) parent.append(words);
    else if (over.some((mark) => mark.chosen)) {
      if (last?.nodeName === "MARK") last.append(words);
      else parent.append(el("mark", "", words));
    } else {
      const also = el("span", "also", words);
      also.dataset.cite = over[0].id;
      parent.append(also);
    }
  }
}
