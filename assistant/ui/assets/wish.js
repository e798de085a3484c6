// What the next question says beside its words: its conversation, the articles it is asked of, the turn that it replaces.
import { button, el } from "./net.js";

// `mark` comes back with every answer that this view of the page asked for: what comes without it is of a view that was left.
const wish = { chat: null, articles: [], insteadOf: null, lastSeen: null, mark: newMark() };
let titles = new Map(); // article -> title, to say what a scope holds

function newMark() {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
}

export const openChat = () => wish.chat;
export const scope = () => [...wish.articles];
export const replaced = () => wish.insteadOf;
export const isMine = (mark) => mark === wish.mark;

export function setTitles(found) {
  titles = found;
}

const box = () => document.querySelector("#question textarea");

// What is typed but not sent.
export const draft = () => box()?.value ?? "";

function put(selector, value) {
  const field = document.querySelector(`${selector} :is(textarea, input)`);
  if (!field || field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function tell() {
  const told = { mark: wish.mark };
  if (wish.chat) told.chat = wish.chat;
  if (wish.articles.length) told.articles = wish.articles;
  if (wish.insteadOf !== null) Object.assign(told, { instead_of: wish.insteadOf, last_seen: wish.lastSeen });
  put("#wish", JSON.stringify(told));
}

// Another conversation, or none yet: what was asked before is not of this view any more.
export function leave(chat, lastSeen = null) {
  Object.assign(wish, { chat, lastSeen, insteadOf: null, mark: newMark() });
  editing(null);
  tell();
}

// The turn that this view shows last.
export function arrived(chat, turn) {
  Object.assign(wish, { chat, lastSeen: turn, insteadOf: null });
  editing(null);
  tell();
}

export function setScope(ids) {
  wish.articles = [...ids];
  tell();
  const chip = document.getElementById("scope");
  if (chip) {
    const [first] = wish.articles;
    const count = wish.articles.length;
    chip.textContent = count === 0 ? "All articles" : count === 1 ? `Only: ${titles.get(first) || first}` : `Only ${count} articles`;
    chip.classList.toggle("some", count > 0);
  }
  document.body.classList.toggle("scoped", wish.articles.length > 0);
}

export function ask(question, insteadOf = null) {
  if (document.body.classList.contains("answering")) return;
  wish.insteadOf = insteadOf;
  tell();
  put("#question", question);
  // Svelte takes over the new values in its next round.
  requestAnimationFrame(() => document.getElementById("send")?.click());
}

// Puts a question where it can be changed before it is asked.
export function offer(question) {
  put("#question", question);
  box()?.focus();
  box()?.setSelectionRange(question.length, question.length);
}

export function edit(question, turn) {
  wish.insteadOf = turn;
  tell();
  offer(question);
  const later = wish.lastSeen !== null && wish.lastSeen > turn;
  editing(later ? "Asked again, this question takes its old place, and the answers after it go." : "Asked again, this question takes its old place.");
}

// The question is asked as a new one after all; whether it was not meant to be.
export function stopEditing() {
  if (wish.insteadOf === null) return false;
  wish.insteadOf = null;
  tell();
  editing(null);
  box()?.focus();
  return true;
}

function editing(words) {
  document.getElementById("editing")?.remove();
  if (!words) return;
  const bar = el("div", "", words);
  bar.id = "editing";
  bar.append(button("plain", "Ask it as a new one", stopEditing));
  document.getElementById("ask-row").before(bar);
}
