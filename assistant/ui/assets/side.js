// The conversations that are kept: found, opened, renamed, exported, deleted.
import { announce, button, el, fault, getJson, postJson } from "./net.js";
import * as log from "./log.js";

const FORMATS = [["html", "as a page"], ["markdown", "as Markdown"], ["json", "as JSON"]];
let offset = 0;
let asked = 0;

const field = () => document.querySelector("#side-view .search");

export function build(openLibrary) {
  const home = document.getElementById("side");
  const view = el("nav");
  view.id = "side-view";
  view.setAttribute("aria-label", "Conversations");
  const search = el("input", "search");
  search.type = "search";
  search.placeholder = "Search conversations";
  search.setAttribute("aria-label", "Search conversations");
  let pause = 0;
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(refresh, 200);
  });
  const list = el("ul", "chats");
  view.append(
    button("new", "New conversation", () => log.begin()),
    button("library", "Articles", openLibrary),
    search,
    list,
    button("more", "Show more", () => draw(offset)),
  );
  document.getElementById("side-placeholder")?.remove();
  home.append(view);
  const toggle = button("side-toggle", "Conversations", () => opened(!document.body.classList.contains("side-open")));
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-controls", "side-view");
  document.querySelector(".masthead")?.append(toggle);
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.("#side-view details")));
}

function opened(is) {
  document.body.classList.toggle("side-open", is);
  document.querySelector(".side-toggle")?.setAttribute("aria-expanded", String(is));
}

export function refresh() {
  offset = 0;
  return draw(0);
}

async function draw(from, { anyway = false } = {}) {
  const turn = (asked += 1);
  const list = document.querySelector("#side-view .chats");
  const inUse = () => from === 0 && !anyway && list.querySelector("form, details[open]");
  if (inUse()) return; // drawn anew when the name is kept, or the menu is closed
  try {
    const found = await getJson("/onrecord/conversations", { query: field().value, offset: from });
    if (turn !== asked || inUse()) return;
    const held = list.contains(document.activeElement) ? idOf(document.activeElement) : null;
    if (from === 0) list.replaceChildren();
    list.append(...found.map(row));
    if (held) [...list.querySelectorAll("a.chat")].find((node) => node.dataset.chat === held)?.focus({ preventScroll: true });
    offset = from + found.length;
    document.querySelector("#side-view .more").hidden = found.length < 50;
    if (!offset) list.append(el("li", "none", field().value ? "No conversation holds these words." : "What you ask is kept here."));
  } catch (error) {
    if (turn === asked) list.replaceChildren(el("li", "none", error.message));
  }
}

const idOf = (node) => node.closest("li")?.querySelector("a.chat")?.dataset.chat ?? null;

// The menu of a conversation is left with Escape, or with a click elsewhere.
function closeMenus(but = null) {
  for (const menu of document.querySelectorAll("#side-view details[open]")) if (menu !== but) menu.open = false;
}

function row(chat) {
  const item = el("li");
  const open = el("a", "chat", chat.title);
  open.href = `/?chat=${chat.id}`;
  open.dir = "auto";
  open.dataset.chat = chat.id;
  if (chat.id === log.openChat()) open.setAttribute("aria-current", "page");
  const when = new Date(chat.changed_at);
  const day = when.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  open.title = `${chat.title}\n${when.toLocaleString()}`;
  const more = el("details", "more-of");
  const summary = el("summary", "", "⋯");
  summary.setAttribute("aria-label", `More about the conversation: ${chat.title}`);
  more.append(summary, menu(chat, item));
  more.addEventListener("toggle", () => {
    if (more.open) closeMenus(more);
    else {
      more.lastElementChild.replaceWith(menu(chat, item)); // "Delete for good?" is asked from the beginning again
      refresh();
    }
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    summary.focus();
  });
  item.append(open, el("span", "when", `${day} · ${chat.turns}`), more);
  return item;
}

function menu(chat, item) {
  const box = el("div", "menu");
  box.append(button("", "Rename", () => rename(chat, item)));
  for (const [format, words] of FORMATS) {
    const save = el("a", "", `Save ${words}`);
    save.href = `/onrecord/export?${new URLSearchParams({ id: chat.id, format })}`;
    save.setAttribute("download", "");
    box.append(save);
  }
  const remove = button("danger", "Delete", () => {
    if (remove.dataset.sure) return void drop(chat);
    remove.dataset.sure = "yes";
    remove.textContent = "Delete for good?";
    announce("Press again to delete this conversation for good.");
  });
  box.append(remove);
  return box;
}

function rename(chat, item) {
  const form = el("form", "rename");
  const name = el("input");
  name.value = chat.title;
  name.maxLength = 120;
  name.setAttribute("aria-label", "Title of the conversation");
  form.append(name, el("button", "", "Keep"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await postJson("/onrecord/conversation/rename", { id: chat.id, title: name.value }).catch((error) => fault(error.message));
    done();
  });
  const done = async () => {
    await draw(0, { anyway: true });
    [...document.querySelectorAll("#side-view a.chat")].find((node) => node.dataset.chat === chat.id)?.focus();
  };
  form.addEventListener("keydown", (event) => event.key === "Escape" && done());
  item.replaceChildren(form);
  name.select();
}

async function drop(chat) {
  try {
    await postJson("/onrecord/conversation/delete", { id: chat.id });
    closeMenus();
    if (chat.id === log.openChat()) log.begin();
    else await draw(0, { anyway: true });
    announce("The conversation is deleted.");
  } catch (error) {
    fault(error.message);
  }
}

export function follow(link) {
  opened(false);
  log.openConversation(link.dataset.chat).catch((error) => fault(error.message));
}
