// The conversation: the turn that gradio draws, and the ones before it, which are kept here and never sent again.
import { announce, button, copyText, el, getJson, link, postJson, smoothly, stacked } from "./net.js";
import * as source from "./source.js";

const POLL = 400; // milliseconds between two looks at an answer that another tab, or this one before it was loaded, asked for
const talk = { chat: null, articles: [], insteadOf: null }; // what the next question says beside its words
let shown = null; // {chat, turn} that gradio draws
let kept = null; // the same turn, copied when it was over
let polling = 0;
let changed = () => {}; // who wants to know of a new or changed conversation
let titles = new Map(); // article -> title, to say what a scope holds

const log = () => document.getElementById("log");
const current = () => document.getElementById("current");

function past() {
  let box = document.getElementById("past");
  if (!box) {
    box = el("div");
    box.id = "past";
    document.getElementById("welcome").after(box);
  }
  return box;
}

export const openChat = () => talk.chat;
export const scope = () => [...talk.articles];

export function setTitles(found) {
  titles = found;
}

// ---- what the next question says beside its words ------------------------------------------------------------------

function put(selector, value) {
  const box = document.querySelector(`${selector} :is(textarea, input)`);
  if (!box || box.value === value) return;
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function tell() {
  const wish = {};
  if (talk.chat) wish.chat = talk.chat;
  if (talk.insteadOf !== null) wish.instead_of = talk.insteadOf;
  if (talk.articles.length) wish.articles = talk.articles;
  put("#wish", JSON.stringify(wish));
}

export function setScope(ids) {
  talk.articles = [...ids];
  tell();
  const chip = document.getElementById("scope");
  if (chip) {
    const [first] = talk.articles;
    const count = talk.articles.length;
    chip.textContent = count === 0 ? "All articles" : count === 1 ? `Only: ${titles.get(first) || first}` : `Only ${count} articles`;
    chip.classList.toggle("some", count > 0);
  }
  document.body.classList.toggle("scoped", talk.articles.length > 0);
}

export function ask(question, insteadOf = null) {
  if (document.body.classList.contains("answering")) return;
  talk.insteadOf = insteadOf;
  tell();
  put("#question", question);
  // Svelte takes over the new values in its next round.
  requestAnimationFrame(() => document.getElementById("send")?.click());
}

function edit(question, turn) {
  const box = document.querySelector("#question textarea");
  talk.insteadOf = turn;
  tell();
  put("#question", question);
  box?.focus();
  box?.setSelectionRange(question.length, question.length);
  const later = [...log().querySelectorAll(".tools")].some((tools) => Number(tools.dataset.turn) > turn);
  editing(later ? "Asked again, this question takes its old place, and the answers after it go." : "Asked again, this question takes its old place.");
}

function editing(words) {
  document.getElementById("editing")?.remove();
  if (!words) return;
  const bar = el("div", "", words);
  bar.id = "editing";
  bar.append(button("plain", "Ask it as a new one", () => {
    talk.insteadOf = null;
    tell();
    editing(null);
  }));
  document.getElementById("ask-row").before(bar);
}

// ---- opening a conversation, beginning one -------------------------------------------------------------------------

function answering(is) {
  document.body.classList.toggle("answering", is);
}

function reset(chat) {
  polling += 1;
  kept = null;
  shown = null;
  talk.chat = chat;
  talk.insteadOf = null;
  tell();
  editing(null);
  answering(false);
  past().replaceChildren();
  document.body.classList.add("leaving"); // hides what gradio still draws until it is cleared
  document.getElementById("clear")?.click();
}

export function begin({ push = true } = {}) {
  reset(null);
  setScope([]);
  source.setCited({});
  document.body.classList.remove("talking");
  document.title = "onrecord";
  if (push) history.pushState(null, "", "/");
  changed();
  document.querySelector("#question textarea")?.focus();
}

export async function openConversation(id, { push = true } = {}) {
  const found = await getJson("/onrecord/conversation", { id });
  reset(id);
  document.body.classList.add("talking");
  document.title = `${found.title} – onrecord`;
  if (push) history.pushState(null, "", `/?chat=${id}`);
  past().replaceChildren(...found.turns.map(section));
  if (found.more) past().prepend(earlier(id, found.turns[0].number));
  const last = found.turns.at(-1);
  const box = log();
  box.scrollTop = box.scrollHeight;
  if (stacked()) past().lastElementChild?.scrollIntoView();
  if (last?.state === "waiting") wait(id, last.number);
  changed();
  getJson("/onrecord/cited", { id }).then(source.setCited).catch(() => {});
}

// The HTML is our server's own, in which every character from elsewhere is a reference.
function section(turn) {
  const box = el("section", "turn");
  box.dataset.turn = turn.number;
  box.innerHTML = turn.html;
  return box;
}

function earlier(id, before) {
  const more = button("more", "Show earlier questions", async () => {
    const found = await getJson("/onrecord/conversation", { id, before });
    const below = log().scrollHeight - log().scrollTop;
    more.replaceWith(...(found.more ? [earlier(id, found.turns[0].number)] : []), ...found.turns.map(section));
    log().scrollTop = log().scrollHeight - below;
  });
  return more;
}

// An answer that this page did not ask for, or asked for before it was loaded again.
async function wait(id, number) {
  const mine = polling;
  answering(true);
  for (;;) {
    await new Promise((done) => setTimeout(done, POLL));
    if (mine !== polling) return;
    const turn = await getJson("/onrecord/turn", { id, number }).catch((error) => ({ state: "failed", error }));
    if (mine !== polling) return;
    if (turn.state === "waiting") continue;
    if (turn.html) past().querySelector(`:scope > [data-turn="${number}"]`)?.replaceWith(section(turn));
    source.addCited([...past().querySelectorAll(`[data-turn="${number}"] .marker`)].map((node) => node.dataset.cite));
    answering(false);
    changed();
    return;
  }
}

// ---- the turn that gradio draws ------------------------------------------------------------------------------------

function drawn() {
  const question = current().querySelector(".question");
  showChosen();
  if (!question) {
    document.body.classList.remove("leaving");
    return;
  }
  const { chat } = question.dataset;
  const turn = Number(question.dataset.turn);
  if (document.body.classList.contains("leaving")) return;
  if (!shown || shown.chat !== chat || shown.turn !== turn) newTurn(chat, turn);
  const tools = current().querySelector(".tools");
  if (tools && !kept) over(turn);
  follow();
  if (kept) following = false;
}

function newTurn(chat, turn) {
  if (kept && shown.chat === chat) past().append(kept);
  if (talk.insteadOf !== null)
    for (const node of [...past().querySelectorAll(".turn")]) if (Number(node.dataset.turn) >= talk.insteadOf) node.remove();
  kept = null;
  shown = { chat, turn };
  following = true;
  document.body.classList.add("talking");
  editing(null);
  if (talk.chat !== chat) history.replaceState(null, "", `/?chat=${chat}`);
  Object.assign(talk, { chat, insteadOf: null });
  tell();
  answering(true);
  changed();
}

function over(turn) {
  kept = el("section", "turn");
  kept.dataset.turn = turn;
  const { parentElement } = current().querySelector(".question");
  kept.append(...[...parentElement.children].map((node) => node.cloneNode(true)));
  answering(false);
  source.addCited([...current().querySelectorAll(".marker")].map((node) => node.dataset.cite));
  changed();
}

// A new question or sentence comes into view, but the question stays in sight and nobody is pulled away from an
// earlier answer that they went back to read.
let following = true;
function follow() {
  const question = current().querySelector(".question");
  if (!question || !following) return;
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

// ---- what can be done with a turn ----------------------------------------------------------------------------------

// The nodes of the turn that a button belongs to: of one before in its section, of the last one among gradio's blocks.
const turnOf = (node) => node.closest(".turn") ?? current().querySelector(".question").parentElement;

function answerText(turn) {
  const lines = [...turn.querySelectorAll(".line")].map((line) => {
    const said = [...line.querySelectorAll(".said, .marker")];
    return said.map((node) => (node.matches(".marker") ? ` [${node.textContent}]` : `${node.previousSibling ? " " : ""}${node.textContent}`)).join("");
  });
  const sources = new Map([...turn.querySelectorAll(".marker")].map((node) => [node.textContent, node.dataset.cite]));
  const from = [...turn.querySelectorAll(".sources span")].map((node) => node.textContent);
  const question = turn.querySelector(".question").textContent;
  const card = turn.querySelector(".card");
  const told = lines.length || !card ? lines : [...card.querySelectorAll("h3, :scope > p:not(.elsewhere)")].map((node) => node.textContent);
  return [question, "", ...told, "", ...[...sources].map(([marker, id]) => `[${marker}] ${link({ cite: id })}`), ...from].join("\n").trim();
}

async function rate(pressed, tools) {
  const rating = pressed.getAttribute("aria-pressed") === "true" ? null : pressed.dataset.do;
  const body = { id: tools.dataset.chat, turn: Number(tools.dataset.turn), rating };
  await postJson("/onrecord/turn/rate", body);
  const twins = [...document.querySelectorAll("#log .tools")].filter((node) => node.dataset.turn === tools.dataset.turn);
  if (kept?.dataset.turn === tools.dataset.turn) twins.push(kept.querySelector(".tools"));
  for (const twin of twins)
    for (const node of twin.querySelectorAll("[aria-pressed]")) node.setAttribute("aria-pressed", String(node.dataset.do === rating));
  tools.parentElement.querySelector(".why")?.remove();
  announce(rating ? "Kept. Thank you." : "Taken back.");
  if (rating === "down") why(tools, body);
}

function why(tools, body) {
  const form = el("form", "why");
  const label = el("label", "", "What is wrong with it? ");
  const field = el("input");
  field.maxLength = 2000;
  label.append(field);
  const send = el("button", "", "Keep");
  form.append(label, send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await postJson("/onrecord/turn/rate", { ...body, reason: field.value });
    form.replaceWith(el("p", "searched", "Kept, as a draft for your own evaluation."));
  });
  tools.after(form);
  field.focus();
}

const ACTIONS = {
  copy: (pressed) => copyText(answerText(turnOf(pressed)), pressed),
  link: (pressed, tools) => copyText(link({ chat: tools.dataset.chat }), pressed),
  again: (pressed, tools) => again(turnOf(pressed), Number(tools.dataset.turn)),
  edit: (pressed, tools) => edit(turnOf(pressed).querySelector(".question").textContent, Number(tools.dataset.turn)),
  up: rate,
  down: rate,
};

const isLast = (number) => ![...document.querySelectorAll("#log .tools")].some((node) => Number(node.dataset.turn) > number);

function again(turn, number, question = turn.querySelector(".question").textContent) {
  ask(question, isLast(number) ? number : null);
}

function elsewhere(pressed, articles) {
  const turn = turnOf(pressed);
  setScope(articles);
  again(turn, Number(turn.querySelector(".tools").dataset.turn));
}

export function act(pressed) {
  const tools = pressed.closest(".tools");
  if (tools && ACTIONS[pressed.dataset.do]) Promise.resolve(ACTIONS[pressed.dataset.do](pressed, tools)).catch((error) => announce(error.message));
  else if (pressed.dataset.do === "correct") edit(pressed.dataset.question, Number(turnOf(pressed).querySelector(".tools").dataset.turn));
  else if (pressed.dataset.do === "narrower") elsewhere(pressed, [pressed.dataset.article]);
  else if (pressed.dataset.do === "wider") elsewhere(pressed, []);
}

export function stop() {
  const waiting = [...document.querySelectorAll("#log .question")].at(-1);
  if (!waiting) return;
  const { chat, turn } = waiting.dataset;
  postJson("/onrecord/turn/stop", { id: chat, turn: Number(turn) }).catch((error) => announce(error.message));
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
  tell();
  new MutationObserver(drawn).observe(current(), { childList: true, subtree: true, characterData: true });
  const letGo = () => (following = false);
  box.addEventListener("wheel", letGo, { passive: true });
  box.addEventListener("touchmove", letGo, { passive: true });
}
