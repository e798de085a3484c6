// Puts the page together. Clicks are caught on the document: gradio may redraw what is below.
import { fault, getJson, parseAddress } from "./net.js";
import * as connection from "./connection.js";
import * as library from "./library.js";
import * as log from "./log.js";
import * as side from "./side.js";
import * as source from "./source.js";
import * as wish from "./wish.js";

function follow(address) {
  source.show(address.article, address.version, address);
}

// A question from another page of the chat: put where it can be read before it is asked.
function tryIt(question) {
  document.querySelector("#pages [role=tab]")?.click();
  log.begin();
  wish.offer(question);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("button, a[data-chat], .also") : null;
  if (!target) return;
  if (target.id === "send") connection.sent();
  if (target.dataset.cite !== undefined) {
    const address = parseAddress(target.dataset.cite);
    if (address) follow(address);
  } else if (target.matches("a[data-chat]")) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    side.follow(target);
  } else if (target.dataset.do === "library") library.open();
  else if (target.dataset.do === "stop") log.stop();
  else if (target.dataset.do === "try") tryIt(target.dataset.question);
  else if (target.dataset.do !== undefined) log.act(target);
  else if (target.dataset.article !== undefined) source.show(target.dataset.article, target.dataset.version, null);
  else if (target.dataset.question !== undefined) wish.ask(target.dataset.question);
  else if (target.classList.contains("back")) log.back();
});

// Files that are dropped anywhere are added; a browser would leave the page for them.
for (const name of ["dragover", "drop"])
  window.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (name === "dragover" || event.target.closest?.("#library .adder")) return;
    const files = [...event.dataTransfer.files];
    library.open();
    library.upload(files);
  });

document.addEventListener(
  "keydown",
  (event) => {
    if (!event.target.closest?.("#question")) return;
    if (event.key === "Escape" && wish.stopEditing()) event.preventDefault();
    if (event.key !== "Enter") return;
    // Enter that ends the composing of a character (Japanese, Chinese, Korean) does not send; nor does one while an
    // answer is being written.
    if (event.isComposing || (document.body.classList.contains("answering") && !event.shiftKey)) {
      event.stopPropagation();
      if (!event.isComposing) event.preventDefault();
    } else if (!event.shiftKey) connection.sent();
  },
  true,
);

// ---- what the address of the page names ------------------------------------------------------------------------------

function citeOf(named) {
  if (!location.hash.startsWith("#cite=")) return named.get("cite");
  try {
    return decodeURIComponent(location.hash.slice(6));
  } catch {
    return location.hash.slice(6);
  }
}

async function go() {
  const named = new URLSearchParams(location.search);
  const cite = citeOf(named);
  if (named.get("chat")) {
    try {
      await log.openConversation(named.get("chat"), { push: false });
    } catch (error) {
      log.showNone(error.message);
    }
  } else if (document.body.classList.contains("talking")) log.begin({ push: false });
  const address = cite ? parseAddress(cite) : null;
  if (address) follow(address);
  else if (cite) source.showNothing("The link names no passage; an address looks like ARTICLE@0123456789ab:10-42.");
  if (named.get("ask")) wish.offer(named.get("ask"));
  return address || cite;
}
window.addEventListener("popstate", go);

// Articles were added, updated, withdrawn or purged.
async function libraryChanged() {
  const before = known;
  await Promise.all([loadArticles({ first: true }), log.drawWelcome()]);
  await source.refresh();
  if (before.some((id) => !known.includes(id))) await log.reopen(); // what it quotes may be gone
}

let known = []; // the articles' ids
async function loadArticles({ first = false } = {}) {
  const articles = await getJson("/onrecord/articles");
  known = articles.map((info) => info.article);
  source.setArticles(articles);
  wish.setTitles(new Map(articles.map((info) => [info.article, info.title])));
  document.body.classList.toggle("several", articles.length > 1);
  if (!first || !source.isUntouched()) return;
  if (articles.length) source.show(articles[0].article, articles[0].version, null);
  else source.showNothing("There are no articles yet.");
}

// ---- start: gradio builds the page some time after this script runs --------------------------------------------------

async function begin() {
  side.build(() => library.open());
  library.build(() => libraryChanged().catch((error) => fault(error.message)));
  source.whenShown(log.showChosen);
  log.watch(() => side.refresh());
  side.refresh();
  const opened = await go();
  const draft = connection.draft();
  if (draft?.articles.length) wish.setScope(draft.articles);
  if (draft?.question) wish.offer(draft.question);
  try {
    await loadArticles({ first: !opened });
  } catch (error) {
    source.showNothing(error.message);
  }
}

const ready = () => ["log", "article", "side", "wish", "clear", "welcome"].every((id) => document.getElementById(id));
if (ready()) begin();
else {
  const built = new MutationObserver(() => {
    if (!ready()) return;
    built.disconnect();
    begin();
  });
  built.observe(document.documentElement, { childList: true, subtree: true });
}
