// What becomes of the page when the chat behind it ends or cannot be reached: it looks for it, and is loaded again when it is
// back, with what was typed. Gradio's own streams do not come back by themselves.
import { fault, getJson, noFault } from "./net.js";
import * as wish from "./wish.js";

const LOOK = 2000; // milliseconds between two looks
const SLOW = 5000; // a question that has not been begun after this long may be lost
const LOST = "The chat cannot be reached. This page looks for it, and goes on when it is back; if it was stopped, start it again.";
const UNSENT = "The question has not been taken yet.";
const DRAFT = "onrecord-draft";
let looking = false;
let sending = 0;

export function lost() {
  if (looking) return;
  looking = true;
  fault(LOST);
  const look = setInterval(async () => {
    const answer = await fetch("/onrecord/conversations", { cache: "no-store" }).catch(() => null);
    if (!answer) return;
    clearInterval(look);
    reload();
  }, LOOK);
}

function reload() {
  sessionStorage.setItem(DRAFT, JSON.stringify({ question: wish.draft(), articles: wish.scope() }));
  location.reload();
}

// What was typed before the page was loaded again.
export function draft() {
  const kept = sessionStorage.getItem(DRAFT);
  sessionStorage.removeItem(DRAFT);
  return kept ? JSON.parse(kept) : null;
}

// A question is on its way: it is begun soon, or refused with a notice, or the chat is gone.
export function sent() {
  const question = wish.draft();
  if (!question.trim()) return;
  const notice = document.getElementById("notice").textContent;
  clearTimeout(sending);
  sending = setTimeout(async () => {
    if (wish.draft() !== question || document.getElementById("notice").textContent !== notice) return;
    try {
      await getJson("/onrecord/conversations");
      fault(UNSENT, "Load the page again", reload);
    } catch (error) {
      if (!error.status) lost();
    }
  }, SLOW);
}

export function arrived() {
  clearTimeout(sending);
  if (!looking) noFault();
}
