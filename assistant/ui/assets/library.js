// The library: the articles that can be asked, files added to them, and which of them the next question is asked of.
import { announce, button, el, getJson, postJson, spokenDate, unreachable } from "./net.js";
import * as log from "./log.js";

const LOOK = 500; // milliseconds between two looks at files that are being taken in
const SHOWN = 200;
const TYPES = [".txt", ".text", ".md", ".markdown"];
const OVER = ["added", "updated", "unchanged", "failed", "elsewhere"];
const STATES = { waiting: "waits", reading: "is being read", added: "added", updated: "updated", unchanged: "not changed", failed: "not added", elsewhere: "no longer waits" };
let articles = [];
let picked = new Set();
let changed = () => {};
let dialog = null;
let looking = false;
let again = false; // something was sent since the last look
const uploads = new Map(); // name -> {state, reason} before the chat knows of it

export function build(onChange) {
  changed = onChange;
  dialog = el("dialog");
  dialog.id = "library";
  dialog.setAttribute("aria-labelledby", "library-title");
  const head = el("header");
  const title = el("h2", "", "Articles");
  title.id = "library-title";
  head.append(title, button("close", "Close", () => dialog.close()));
  dialog.append(head, adder(), el("ul", "added"), filters(), el("p", "counted"), el("ul", "list"), foot());
  dialog.querySelector(".counted").setAttribute("role", "status");
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
}

export async function open() {
  picked = new Set(log.scope());
  if (!dialog.open) dialog.showModal();
  await load();
  look();
}

async function load() {
  try {
    articles = await getJson("/onrecord/articles");
    draw();
  } catch (error) {
    dialog.querySelector(".list").replaceChildren(el("li", "none", error.message));
  }
}

// ---- adding --------------------------------------------------------------------------------------------------------

function adder() {
  const box = el("div", "adder");
  const label = el("label", "drop", "Drop text or Markdown files here, or ");
  const input = el("input");
  input.type = "file";
  input.multiple = true;
  input.accept = TYPES.join();
  input.addEventListener("change", () => {
    upload([...input.files]);
    input.value = "";
  });
  label.append(input);
  for (const name of ["dragenter", "dragover"]) box.addEventListener(name, (event) => {
    event.preventDefault();
    box.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    upload([...event.dataTransfer.files]);
  });
  box.append(label);
  return box;
}

export async function upload(files) {
  for (const file of files) uploads.set(file.name, { name: file.name, state: "waiting", reason: "to be sent" });
  drawAdded([]);
  for (const file of files) {
    try {
      // A picture is not sent only to be refused.
      if (!TYPES.some((type) => file.name.toLowerCase().endsWith(type)))
        throw new Error(`It is of a type that is not read (${TYPES.join(", ")} are); save it as text, and add it again.`);
      const answer = await fetch(`/onrecord/add?${new URLSearchParams({ name: file.name })}`, { method: "POST", body: file }).catch(unreachable);
      const told = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new Error(told.message || "It could not be sent; add it again.");
      uploads.delete(file.name);
    } catch (error) {
      uploads.set(file.name, { name: file.name, state: "failed", reason: error.message });
    }
    look();
  }
}

// As long as files are being taken in, and once more.
async function look() {
  again = true;
  if (looking) return;
  looking = true;
  let before = "";
  for (;;) {
    again = false;
    const found = await getJson("/onrecord/inbox").catch(() => []);
    drawAdded(found);
    const over = found.filter((one) => OVER.includes(one.state) && one.state !== "failed").map((one) => one.name + one.state).join();
    if (over !== before && (before || over)) {
      await changed();
      await load();
    }
    before = over;
    if (!again && found.every((one) => OVER.includes(one.state)) && ![...uploads.values()].some((one) => one.state === "waiting")) break;
    await new Promise((done) => setTimeout(done, LOOK));
  }
  looking = false;
}

function drawAdded(found) {
  const rows = [...found.filter((one) => !uploads.has(one.name)), ...uploads.values()].slice(-50);
  rows.sort((one, other) => (other.state === "failed") - (one.state === "failed")); // what went wrong is seen first
  const list = dialog.querySelector(".added");
  list.replaceChildren(...rows.map((one) => {
    const item = el("li", one.state);
    const name = el("span", "name", one.name);
    name.dir = "auto";
    item.append(name, el("span", "state", STATES[one.state] ?? one.state));
    if (one.reason) item.append(el("p", "reason", one.reason.replace(`${one.name}: `, "")));
    return item;
  }));
  const reading = rows.filter((one) => !OVER.includes(one.state)).length;
  list.setAttribute("aria-busy", String(reading > 0));
}

// ---- the list ------------------------------------------------------------------------------------------------------

function filters() {
  const box = el("form", "filters");
  box.setAttribute("role", "search");
  box.addEventListener("submit", (event) => event.preventDefault());
  const make = (name, words, type, list) => {
    const label = el("label", "", `${words} `);
    const input = el("input");
    Object.assign(input, { name, type });
    if (list) {
      input.setAttribute("list", list);
      const options = el("datalist");
      options.id = list;
      label.append(options);
    }
    input.addEventListener("input", draw);
    label.append(input);
    return label;
  };
  box.append(
    make("words", "Title", "search"), make("author", "Author", "search", "library-authors"),
    make("outlet", "Outlet", "search", "library-outlets"), make("since", "From", "date"), make("until", "To", "date"),
  );
  return box;
}

const folded = (text) => (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function fits(info) {
  const value = (name) => dialog.querySelector(`.filters [name=${name}]`).value;
  const has = (name, ...texts) => !value(name) || texts.some((text) => folded(text).includes(folded(value(name))));
  const day = info.published ?? "";
  return (
    has("words", info.title, info.description, info.article) && has("author", info.author) && has("outlet", info.outlet) &&
    (!value("since") || day >= value("since").slice(0, day.length || 10)) &&
    (!value("until") || (day && day <= value("until")))
  );
}

function draw() {
  const found = articles.filter(fits);
  for (const [list, field] of [["library-authors", "author"], ["library-outlets", "outlet"]])
    document.getElementById(list).replaceChildren(...[...new Set(articles.map((info) => info[field]).filter(Boolean))].slice(0, 200).map((name) => new Option(name, name)));
  const more = found.length > SHOWN ? `; the first ${SHOWN} are shown` : "";
  dialog.querySelector(".counted").textContent = articles.length ? `${found.length} of ${articles.length} articles${more}` : "There are no articles yet.";
  // A list in which somebody is being asked whether they are sure stays as it is.
  if (!dialog.querySelector(".list .sure")) dialog.querySelector(".list").replaceChildren(...found.slice(0, SHOWN).map(row));
  drawFoot(found);
}

function row(info) {
  const item = el("li");
  const label = el("label");
  const box = el("input");
  box.type = "checkbox";
  box.checked = picked.has(info.article);
  box.addEventListener("change", () => {
    if (box.checked) picked.add(info.article);
    else picked.delete(info.article);
    drawFoot(articles.filter(fits));
  });
  const title = el("span", "title", info.title || info.description || info.article);
  title.dir = "auto";
  label.append(box, title);
  const by = [info.author, info.outlet, info.published && (spokenDate(info.published) || info.published)].filter(Boolean).join(" · ");
  const by_ = el("span", "by", by);
  by_.dir = "auto";
  const show = button("", "Open", () => dialog.close());
  show.dataset.article = info.article;
  show.dataset.version = info.version;
  show.setAttribute("aria-label", `Open ${info.title || info.article}`);
  item.append(label, by_, show, withdraw(info, item));
  return item;
}

function withdraw(info, item) {
  const name = info.title || info.article;
  return button("", "Withdraw", () => {
    const sure = el("div", "sure");
    sure.setAttribute("role", "group");
    sure.append(el("p", "", "Withdrawn, it is in no answer any more, and its citations still open. Purged, nothing of it is kept, in no conversation either."));
    const act = (purge) => async () => {
      try {
        await postJson("/onrecord/withdraw", { article: info.article, purge });
        picked.delete(info.article);
        announce(purge ? "The article is purged." : "The article is withdrawn.");
        sure.remove();
        log.setScope(log.scope().filter((id) => id !== info.article));
        await changed();
        await load();
      } catch (error) {
        sure.append(el("p", "reason", error.message));
      }
    };
    sure.append(button("", "Withdraw", act(false)), button("danger", "Purge for good", act(true)), button("", "Keep it", () => {
      sure.remove();
      load();
    }));
    item.replaceChildren(el("span", "title", name), sure);
    sure.querySelector("button").focus();
  }, `Withdraw ${name}`);
}

function foot() {
  const box = el("footer");
  box.append(button("all", "Ask all articles", () => choose([])), button("some", "", () => choose([...picked])), button("pick", "Select these", () => {
    for (const info of articles.filter(fits)) picked.add(info.article);
    draw();
  }));
  return box;
}

function drawFoot(found) {
  const known = new Set(articles.map((info) => info.article));
  picked = new Set([...picked].filter((id) => known.has(id)));
  const some = dialog.querySelector("footer .some");
  some.textContent = picked.size === 1 ? "Ask only the selected one" : picked.size ? `Ask only these ${picked.size}` : "Ask only the selected";
  some.disabled = picked.size === 0;
  const pick = dialog.querySelector("footer .pick");
  pick.hidden = found.length === articles.length || found.length === 0;
  pick.textContent = `Select these ${found.length}`;
}

function choose(ids) {
  log.setScope(ids);
  dialog.close();
  document.querySelector("#question textarea")?.focus();
}
