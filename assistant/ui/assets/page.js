// Puts the page together. Clicks are caught on the document: gradio may redraw what is below.
import { announce, el, getJson, parseAddress } from "./net.js";
import * as library from "./library.js";
import * as log from "./log.js";
import * as side from "./side.js";
import * as source from "./source.js";

function follow(address) {
  source.show(address.article, address.version, address);
}

// A question from another page of the chat: put where it can be read before it is asked.
function tryIt(question) {
  document.querySelector("#pages [role=tab]")?.click();
  log.begin();
  put(question);
}

function put(question) {
  const box = document.querySelector("#question textarea");
  if (!box) return;
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("button, a[data-chat], .also") : null;
  if (!target) return;
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
  else if (target.dataset.question !== undefined) log.ask(target.dataset.question);
  else if (target.classList.contains("back")) log.back();
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || !event.target.closest?.("#question")) return;
    // Enter that ends the composing of a character (Japanese, Chinese, Korean) does not send; nor does one while an
    // answer is being written.
    if (event.isComposing || (document.body.classList.contains("answering") && !event.shiftKey)) {
      event.stopPropagation();
      if (!event.isComposing) event.preventDefault();
    }
  },
  true,
);

// ---- what the address of the page names ------------------------------------------------------------------------------

async function go() {
  const named = new URLSearchParams(location.search);
  const cite = location.hash.startsWith("#cite=") ? decodeURIComponent(location.hash.slice(6)) : named.get("cite");
  if (named.get("chat")) {
    try {
      await log.openConversation(named.get("chat"), { push: false });
    } catch (error) {
      document.getElementById("past").replaceChildren(el("p", "card error", error.message));
    }
  } else if (log.openChat()) log.begin({ push: false });
  const address = cite ? parseAddress(cite) : null;
  if (address) follow(address);
  else if (cite) source.showNothing("The link names no passage; an address looks like ARTICLE@0123456789ab:10-42.");
  if (named.get("ask")) put(named.get("ask"));
  return address || cite;
}
window.addEventListener("popstate", go);

async function loadArticles({ first = false } = {}) {
  const articles = await getJson("/onrecord/articles");
  source.setArticles(articles);
  log.setTitles(new Map(articles.map((info) => [info.article, info.title])));
  document.body.classList.toggle("several", articles.length > 1);
  if (!first || !source.isUntouched()) return;
  if (articles.length) source.show(articles[0].article, articles[0].version, null);
  else source.showNothing("There are no articles yet.");
}

// ---- start: gradio builds the page some time after this script runs --------------------------------------------------

async function begin() {
  side.build(() => library.open());
  library.build(() => {
    source.forget();
    return loadArticles({ first: true }).catch((error) => announce(error.message));
  });
  source.whenShown(log.showChosen);
  log.watch(() => side.refresh());
  side.refresh();
  const opened = await go();
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
