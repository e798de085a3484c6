// The article pane, and the small manners of the page. Whatever comes from an article or a question is put into the
// document as text (textContent), never as HTML. Events are caught on the document: gradio may redraw what is below.
"use strict";

(() => {
  const MONTHS = ("January February March April May June July August September October November December").split(" ");
  const STATUS = {
    superseded: "An earlier version: the article has changed since",
    withdrawn: "Withdrawn: the article is no longer in the archive",
  };
  const sources = new Map(); // "article@version" -> promise of its text
  let articles = [];
  let chosen = null; // the address that is open, null for an article without a passage
  let latest = 0; // the last choice wins, also when an earlier text arrives after it

  const el = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  };
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const stacked = () => !window.matchMedia("(min-width: 1000px)").matches;

  // ---- addresses and texts -----------------------------------------------------------------------------------------

  // Read from the right: an article's id may itself hold "@", ":" and "#".
  function parseAddress(id) {
    const found = /^([^]*)@([0-9a-f]+)(?::(\d+)-(\d+)|#([a-z]+))$/.exec(id);
    if (!found) return null;
    const [, article, version, start, end, field] = found;
    return field ? { id, article, version, field } : { id, article, version, start: Number(start), end: Number(end) };
  }

  async function getJson(url) {
    const answer = await fetch(url);
    const content = await answer.json();
    if (!answer.ok) throw new Error(content.message || content.detail || "The article could not be loaded.");
    return content;
  }

  function getSource(article, version) {
    const key = `${article}@${version}`;
    if (!sources.has(key)) {
      const query = new URLSearchParams({ article, version });
      const promise = getJson(`/onrecord/source?${query}`);
      promise.catch(() => sources.delete(key)); // asked again at the next click
      sources.set(key, promise);
    }
    return sources.get(key);
  }

  // Offsets count characters (code points); JavaScript's strings count UTF-16 units.
  function unitOffset(text, codePoints) {
    let units = 0;
    for (let seen = 0; seen < codePoints && units < text.length; seen += 1) {
      units += text.codePointAt(units) > 0xffff ? 2 : 1;
    }
    return units;
  }

  function spokenDate(iso) {
    const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?=$|[T ])/.exec(iso);
    if (!found || (found[2] && !MONTHS[Number(found[2]) - 1])) return null;
    return [found[3] && String(Number(found[3])), found[2] && MONTHS[Number(found[2]) - 1], found[1]]
      .filter(Boolean)
      .join(" ");
  }

  // ---- the article pane --------------------------------------------------------------------------------------------

  function pane() {
    const home = document.getElementById("article");
    if (!home) return null;
    let view = document.getElementById("article-view");
    if (!view) {
      view = el("section");
      view.id = "article-view";
      view.tabIndex = -1;
      view.setAttribute("aria-label", "The article");
      home.append(view);
    }
    return view;
  }

  function draw(...children) {
    const view = pane();
    if (!view) return null;
    document.getElementById("article-placeholder")?.remove();
    const scroller = document.getElementById("article");
    const top = scroller.scrollTop;
    view.replaceChildren(...children.filter(Boolean));
    scroller.scrollTop = top;
    return view;
  }

  function shelf(open) {
    if (articles.length < 2) return null;
    const nav = el("nav", "shelf");
    nav.setAttribute("aria-label", "Articles");
    nav.append(el("h2", "label", `${articles.length} articles`));
    const list = el("ul");
    for (const info of articles) {
      const button = el("button", "choose", info.title || info.description || info.article);
      button.type = "button";
      button.dir = "auto";
      button.dataset.article = info.article;
      button.dataset.version = info.version;
      if (info.article === open) button.setAttribute("aria-current", "true");
      const by = [info.author, info.published && (spokenDate(info.published) || info.published)].filter(Boolean);
      const item = el("li");
      item.append(button);
      if (by.length) item.append(el("span", "by", by.join(" · ")));
      list.append(item);
    }
    nav.append(list);
    return nav;
  }

  function heading(source) {
    const head = el("header", "article-head");
    if (STATUS[source.status]) head.append(el("p", `badge ${source.status}`, STATUS[source.status]));
    const title = el("h1", source.title ? "title" : "title untitled", source.title || source.description || source.article);
    title.dir = "auto";
    head.append(title);
    const by = el("p", "byline");
    for (const part of [source.author, source.outlet]) if (part) by.append(bylinePart(el("span", "", part)));
    if (source.published) by.append(bylinePart(dateOf(source.published)));
    if (by.childNodes.length) head.append(by);
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

  // Stays in sight above the passage: whose words these are, their address, and the way back.
  function cited(source, address) {
    const box = el("div", "cited");
    const back = el("button", "back", "Back to the answer");
    back.type = "button";
    const date = source.published && (spokenDate(source.published) || source.published);
    const whence = el("p", "whence", [source.title, source.author, date].filter(Boolean).join(" · ") || source.article);
    whence.dir = "auto";
    box.append(back, whence, addressBar(address.id));
    return box;
  }

  function addressBar(id) {
    const bar = el("div", "address");
    const field = el("input");
    field.readOnly = true;
    field.value = id;
    field.setAttribute("aria-label", "The citation's address");
    const copy = el("button", "copy", "Copy");
    copy.type = "button";
    copy.setAttribute("aria-live", "polite");
    bar.append(field, copy);
    return bar;
  }

  function fact(address, source) {
    const box = el("dl", "fact");
    const value = el("dd", "", source[address.field] ?? "unknown");
    value.dir = "auto";
    box.append(el("dt", "", `On record: ${address.field}`), value);
    return box;
  }

  // Paragraphs end at blank lines. Each character of the text stands in the document, the blank lines hidden.
  function body(source, from, to) {
    const { text } = source;
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
      pieces(paragraph, text, at, end, from, to);
      if (next > end) {
        const hidden = el("span", "gap");
        pieces(hidden, text, end, next, from, to);
        paragraph.append(hidden);
      }
      box.append(paragraph);
      at = next;
    }
    return box;
  }

  function pieces(parent, text, start, end, from, to) {
    const cut = (offset) => Math.min(Math.max(offset, start), end);
    const [a, b] = [cut(from), cut(to)];
    if (a > start) parent.append(text.slice(start, a));
    if (b > a) parent.append(el("mark", "", text.slice(a, b)));
    if (end > b) parent.append(text.slice(b, end));
  }

  async function open(article, version, address) {
    const turn = (latest += 1);
    chosen = address ? address.id : null;
    showChosen();
    try {
      const source = await getSource(article, version);
      if (turn === latest) show(source, address);
    } catch (error) {
      if (turn === latest) draw(shelf(article), el("p", "trouble", error.message));
    }
  }

  function show(source, address) {
    const { text } = source;
    const marked = address && address.start !== undefined;
    const range = marked ? [unitOffset(text, address.start), unitOffset(text, address.end)] : [0, 0];
    const view = draw(
      shelf(source.article),
      heading(source),
      address && cited(source, address),
      address && address.field && fact(address, source),
      body(source, ...range),
    );
    if (!view) return;
    const target = view.querySelector("mark") || (address ? view.querySelector(".fact") : null);
    if (target) target.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    else document.getElementById("article").scrollTop = 0;
    if (address && stacked()) view.focus({ preventScroll: true });
    announce(address ? "The passage is open in the article." : "The article is open.");
  }

  function announce(words) {
    let said = document.getElementById("said");
    if (!said) {
      said = el("p");
      said.id = "said";
      said.setAttribute("role", "status");
      document.body.append(said);
    }
    said.textContent = words;
  }

  function markerOf(id) {
    return [...document.querySelectorAll("#log [data-cite]")].filter((node) => node.dataset.cite === id);
  }

  function showChosen() {
    for (const node of document.querySelectorAll("#log [aria-current]")) node.removeAttribute("aria-current");
    if (chosen !== null) for (const node of markerOf(chosen)) node.setAttribute("aria-current", "true");
  }

  // ---- copying, asking, scrolling ----------------------------------------------------------------------------------

  async function copy(button) {
    const field = button.parentElement.querySelector("input");
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }

  function ask(question) {
    const box = document.querySelector("#question textarea");
    if (!box) return;
    box.value = question;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    // Svelte takes over the new value in its next round.
    requestAnimationFrame(() => document.getElementById("send")?.click());
  }

  // A new question or sentence comes into view, but the question stays in sight and nobody is pulled away from an
  // earlier answer that they went back to read.
  let following = true;
  function follow() {
    const log = document.getElementById("log");
    const question = document.querySelector("#current .question");
    if (!log || !question || !following || stacked()) return;
    const top = question.getBoundingClientRect().top - log.getBoundingClientRect().top + log.scrollTop - 16;
    log.scrollTo({ top: Math.min(top, log.scrollHeight), behavior: "auto" });
  }

  function watch(log) {
    log.setAttribute("role", "log");
    log.setAttribute("aria-live", "polite");
    log.setAttribute("aria-label", "Conversation");
    let asked = null;
    new MutationObserver(() => {
      const question = document.querySelector("#current .question");
      if (question !== asked) following = true;
      asked = question;
      document.body.classList.toggle("talking", Boolean(question));
      showChosen();
      follow();
    }).observe(log, { childList: true, subtree: true });
    const letGo = () => (following = false);
    log.addEventListener("wheel", letGo, { passive: true });
    log.addEventListener("touchmove", letGo, { passive: true });
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("button") : null;
    if (!target) return;
    if (target.dataset.cite !== undefined) {
      const address = parseAddress(target.dataset.cite);
      if (address) open(address.article, address.version, address);
    } else if (target.dataset.article !== undefined) open(target.dataset.article, target.dataset.version, null);
    else if (target.dataset.question !== undefined) ask(target.dataset.question);
    else if (target.classList.contains("copy")) copy(target);
    else if (target.classList.contains("back")) {
      const marker = markerOf(chosen)[0];
      marker?.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
      marker?.focus({ preventScroll: true });
    }
  });

  // Enter that ends the composing of a character (Japanese, Chinese, Korean) does not send.
  document.addEventListener("keydown", (event) => event.isComposing && event.key === "Enter" && event.stopPropagation(), true);

  // ---- start: gradio builds the page some time after this script runs ----------------------------------------------

  async function start() {
    try {
      articles = await getJson("/onrecord/articles");
      const cited = location.hash.startsWith("#cite=") ? parseAddress(decodeURIComponent(location.hash.slice(6))) : null;
      if (latest) return; // something was chosen in the meantime
      if (cited) open(cited.article, cited.version, cited);
      else if (articles.length) open(articles[0].article, articles[0].version, null);
      else draw(el("p", "empty", "There are no articles yet."));
    } catch (error) {
      draw(el("p", "trouble", error.message));
    }
  }

  const ready = () => document.getElementById("log") && document.getElementById("article");
  function begin() {
    watch(document.getElementById("log"));
    start();
  }
  if (ready()) begin();
  else {
    const built = new MutationObserver(() => {
      if (!ready()) return;
      built.disconnect();
      begin();
    });
    built.observe(document.documentElement, { childList: true, subtree: true });
  }
})();
