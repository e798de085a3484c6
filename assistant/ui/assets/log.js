// The conversation: the turn that gradio draws, and the ones before it, which are kept here and never sent again.
import { announce, button, el, fault, getJson, noFault, postJson, smoothly, stacked } from "./net.js";
import * as connection from "./connection.js";
import * as source from "./source.js";
import * as turns from "./turns.js";
import * as wish from "./wish.js";

export { openChat, scope, setScope } from "./wish.js";

const POLL = 400; // milliseconds between two looks at an answer that gradio does not draw
const STILL = 3000; // nothing has come for so long: the answer is looked for without gradio
let shown = null; // {chat, turn} that gradio draws
let kept = null; // the same turn, copied when it was over
let view = 0; // counts the conversations opened and begun: what was asked for an earlier view comes too late
let lastDrawn = 0;
let changed = () => {}; // who wants to know of a new or changed conversation

const log = () => document.getElementById("log");
const current = () => document.getElementById("current");

function past() {
  let box = document.getElementById("past");
  if (!box) {
    box = el("div");
    box.id = "past";
    box.setAttribute("aria-live", "off"); // what was read before is not read out again
    document.getElementById("welcome").after(box);
  }
  return box;
}

// ---- opening a conversation, beginning one -------------------------------------------------------------------------

function answering(is) {
  const { activeElement } = document;
  document.body.classList.toggle("answering", is);
  // The button that was pressed goes out of sight; on a small screen the box would bring a keyboard up.
  const gone = activeElement === document.body || activeElement?.closest("#send, #stop");
  if (gone && !stacked()) document.querySelector("#question textarea")?.focus({ preventScroll: true });
}

function reset(chat, lastSeen = null) {
  view += 1;
  kept = null;
  shown = null;
  wish.leave(chat, lastSeen);
  wish.setScope([]);
  answering(false);
  past().replaceChildren();
  document.body.classList.add("leaving"); // hides what gradio draws of the view that was left
  document.getElementById("clear")?.click();
}

export function begin({ push = true, focus = true } = {}) {
  reset(null);
  source.setCited({});
  document.body.classList.remove("talking");
  document.title = "onrecord";
  if (push) history.pushState(null, "", "/");
  changed();
  if (focus) document.querySelector("#question textarea")?.focus();
}

export async function openConversation(id, { push = true } = {}) {
  const mine = (view += 1);
  const found = await getJson("/onrecord/conversation", { id });
  if (mine !== view) return;
  const last = found.turns.at(-1);
  reset(id, last?.number ?? null);
  noFault();
  document.body.classList.add("talking");
  document.title = `${found.title} – onrecord`;
  if (push) history.pushState(null, "", `/?chat=${id}`);
  past().replaceChildren(...found.turns.map(section));
  if (found.more) past().prepend(earlier(id, found.turns[0].number));
  const box = log();
  box.scrollTop = box.scrollHeight;
  if (stacked()) past().lastElementChild?.scrollIntoView();
  if (last?.state === "waiting") wait(id, last.number);
  changed();
  const mineNow = view;
  const cited = await getJson("/onrecord/cited", { id }).catch(() => null);
  if (cited && mineNow === view) source.setCited(cited);
}

// What the page shows of the open conversation may have been purged.
export async function reopen() {
  const chat = wish.openChat();
  if (!chat || document.body.classList.contains("answering")) return;
  const scope = wish.scope();
  await openConversation(chat, { push: false });
  wish.setScope(scope);
}

// There is no such conversation, or it cannot be had now.
export function showNone(words) {
  begin({ push: false, focus: false });
  document.body.classList.add("talking");
  const card = el("p", "card error", words);
  card.setAttribute("role", "alert");
  past().replaceChildren(card);
}

// The HTML is our server's own, in which every character from elsewhere is a reference.
function filled(box, html) {
  box.innerHTML = html;
  return box;
}

function section(turn) {
  const box = el("section", "turn");
  box.dataset.turn = turn.number;
  return filled(box, turn.html);
}

// What the page says before anything was asked; gradio draws it only when the page is loaded.
export async function drawWelcome() {
  const { html } = await getJson("/onrecord/welcome");
  const box = document.querySelector("#welcome .welcome")?.parentElement;
  if (box) filled(box, html);
}

function earlier(id, before) {
  const more = button("more", "Show earlier questions", async () => {
    try {
      const found = await getJson("/onrecord/conversation", { id, before });
      const below = log().scrollHeight - log().scrollTop;
      const sections = found.turns.map(section);
      more.replaceWith(...(found.more ? [earlier(id, found.turns[0].number)] : []), ...sections);
      log().scrollTop = log().scrollHeight - below;
      const last = sections.at(-1);
      if (last) last.tabIndex = -1;
      last?.focus({ preventScroll: true });
    } catch (error) {
      fault(error.message);
    }
  });
  return more;
}

// An answer that gradio does not draw: another tab asked for it, or this one before it was loaded, or the stream broke.
async function wait(id, number) {
  const mine = view;
  answering(true);
  for (;;) {
    await new Promise((done) => setTimeout(done, POLL));
    if (mine !== view) return;
    let turn;
    try {
      turn = await getJson("/onrecord/turn", { id, number });
    } catch (error) {
      if (mine !== view) return;
      if (!error.status) return connection.lost();
      answering(false);
      return fault(error.message);
    }
    if (mine !== view) return;
    if (turn.state === "waiting") continue;
    const drawn = section(turn);
    const before = past().querySelector(`:scope > [data-turn="${number}"]`);
    if (before) before.replaceWith(drawn);
    else past().append(drawn);
    settled(drawn);
    return;
  }
}

// ---- the turn that gradio draws ------------------------------------------------------------------------------------

function drawn() {
  const question = current().querySelector(".question");
  const mine = question && wish.isMine(current().querySelector("[data-mark]")?.dataset.mark);
  document.body.classList.toggle("leaving", Boolean(question) && !mine);
  if (!mine) return;
  lastDrawn = Date.now();
  const { chat } = question.dataset;
  const turn = Number(question.dataset.turn);
  if (!shown || shown.chat !== chat || shown.turn !== turn) newTurn(chat, turn, question.textContent);
  showChosen();
  if (!kept && current().querySelector(".tools")) over(turn);
}

function newTurn(chat, turn, question) {
  if (kept && shown.chat === chat) past().append(kept);
  const replaced = wish.replaced();
  if (replaced !== null)
    for (const node of [...past().querySelectorAll(".turn")]) if (Number(node.dataset.turn) >= replaced) node.remove();
  kept = null;
  shown = { chat, turn };
  connection.arrived();
  document.body.classList.add("talking");
  if (wish.openChat() !== chat) {
    history.replaceState(null, "", `/?chat=${chat}`);
    document.title = `${question.slice(0, 80)} – onrecord`;
  }
  wish.arrived(chat, turn);
  answering(true);
  changed();
  toTop();
  requestAnimationFrame(toTop); // what was above may have got its place only now
}

function over(turn) {
  kept = el("section", "turn");
  kept.dataset.turn = turn;
  const { parentElement } = current().querySelector(".question");
  kept.append(...[...parentElement.children].map((node) => node.cloneNode(true)));
  settled(current());
}

function settled(turn) {
  answering(false);
  source.addCited([...turn.querySelectorAll(".marker")].map((node) => node.dataset.cite));
  changed();
}

// Where gradio's stream is broken, nothing more comes of the answer that it draws: the chat is asked for it instead.
function watchStream() {
  if (!document.body.classList.contains("answering") || !shown || kept || Date.now() - lastDrawn < STILL) return;
  lastDrawn = Date.now();
  const mine = view;
  const { chat, turn } = shown;
  getJson("/onrecord/turn", { id: chat, number: turn }).then(
    (found) => {
      if (mine !== view || kept || found.state === "waiting") return;
      const over = section(found);
      past().append(over);
      wish.leave(chat, turn); // what gradio may still draw of it is not wanted any more
      shown = null;
      document.body.classList.add("leaving");
      settled(over);
    },
    (error) => {
      if (mine === view && !error.status) connection.lost();
    },
  );
}

// A new question goes to the top, where there is room for its answer; nothing moves after that.
function toTop() {
  const question = current().querySelector(".question");
  if (!question) return;
  const box = stacked() ? document.scrollingElement : log();
  const above = stacked() ? 0 : box.getBoundingClientRect().top;
  box.scrollTo({ top: question.getBoundingClientRect().top - above + box.scrollTop - 16, behavior: "auto" });
}

export function showChosen() {
  const id = source.chosen();
  for (const node of document.querySelectorAll("#log [aria-current]")) node.removeAttribute("aria-current");
  if (id !== null) for (const node of markersOf(id)) node.setAttribute("aria-current", "true");
}

const markersOf = (id) => [...document.querySelectorAll("#log [data-cite]")].filter((node) => node.dataset.cite === id);

export function back() {
  const marker = markersOf(source.chosen()).at(-1);
  marker?.scrollIntoView({ block: "center", behavior: smoothly() });
  marker?.focus({ preventScroll: true });
}

export const act = (pressed) => turns.act(pressed, kept);

export function stop() {
  const waiting = [...document.querySelectorAll("#log .question")].at(-1);
  if (!waiting) return;
  const { chat, turn } = waiting.dataset;
  postJson("/onrecord/turn/stop", { id: chat, turn: Number(turn) }).catch((error) => fault(error.message));
}

// ---- start ---------------------------------------------------------------------------------------------------------

export function watch(listener) {
  changed = listener;
  const box = log();
  box.setAttribute("role", "log");
  box.setAttribute("aria-live", "polite");
  box.setAttribute("aria-label", "Conversation");
  box.tabIndex = 0;
  past();
  wish.tell();
  new MutationObserver(drawn).observe(current(), { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["data-mark"] });
  setInterval(watchStream, 1000);
}
