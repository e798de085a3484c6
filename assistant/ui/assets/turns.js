// What can be done with a turn: copied, linked to, asked again, changed, asked of less or more, rated.
import { announce, copyText, el, fault, link, postJson } from "./net.js";
import * as wish from "./wish.js";

const current = () => document.getElementById("current");

// The nodes of the turn that a button belongs to: of one before in its section, of the last one among gradio's blocks.
const turnOf = (node) => node.closest(".turn") ?? current().querySelector(".question").parentElement;
const questionOf = (turn) => turn.querySelector(".question").textContent;
const numberOf = (turn) => Number(turn.querySelector(".tools").dataset.turn);

export function answerText(turn) {
  const lines = [...turn.querySelectorAll(".line")].map((line) => {
    const said = [...line.querySelectorAll(".said, .marker")];
    return said.map((node) => (node.matches(".marker") ? ` [${node.textContent}]` : `${node.previousSibling ? " " : ""}${node.textContent}`)).join("");
  });
  const card = turn.querySelector(".card");
  return lines.length || !card ? lines : [...card.querySelectorAll("h3, :scope > p:not(.elsewhere)")].map((node) => node.textContent);
}

function toCopy(turn) {
  const sources = new Map([...turn.querySelectorAll(".marker")].map((node) => [node.textContent, node.dataset.cite]));
  const from = [...turn.querySelectorAll(".sources span")].map((node) => node.textContent);
  return [questionOf(turn), "", ...answerText(turn), "", ...[...sources].map(([marker, id]) => `[${marker}] ${link({ cite: id })}`), ...from].join("\n").trim();
}

// The buttons of one turn, wherever it is drawn: gradio's and the copy that is kept of it.
const toolsOf = (number) => [...document.querySelectorAll("#log .tools")].filter((node) => node.dataset.turn === number);

async function rate(pressed, tools, kept) {
  const rating = pressed.getAttribute("aria-pressed") === "true" ? null : pressed.dataset.do;
  const body = { id: tools.dataset.chat, turn: Number(tools.dataset.turn), rating };
  await postJson("/onrecord/turn/rate", body);
  const twins = toolsOf(tools.dataset.turn);
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
    try {
      await postJson("/onrecord/turn/rate", { ...body, reason: field.value });
      form.replaceWith(el("p", "searched", "Kept, as a draft for your own evaluation."));
    } catch (error) {
      fault(error.message);
    }
  });
  tools.after(form);
  field.focus();
}

const isLast = (number) => ![...document.querySelectorAll("#log .tools")].some((node) => Number(node.dataset.turn) > number);

// The last question is asked in its own place; one before it as a new one, so that nothing is lost.
const again = (turn) => wish.ask(questionOf(turn), isLast(numberOf(turn)) ? numberOf(turn) : null);

function elsewhere(pressed, articles) {
  wish.setScope(articles);
  again(turnOf(pressed));
}

const ACTIONS = {
  copy: (pressed) => copyText(toCopy(turnOf(pressed)), pressed),
  link: (pressed, tools) => copyText(link({ chat: tools.dataset.chat }), pressed),
  again: (pressed) => again(turnOf(pressed)),
  edit: (pressed, tools) => wish.edit(questionOf(turnOf(pressed)), Number(tools.dataset.turn)),
  up: rate,
  down: rate,
};

// Does what a button says; `kept` is the copy of the turn that gradio draws.
export function act(pressed, kept) {
  const tools = pressed.closest(".tools");
  if (tools && ACTIONS[pressed.dataset.do]) Promise.resolve(ACTIONS[pressed.dataset.do](pressed, tools, kept)).catch((error) => fault(error.message));
  else if (pressed.dataset.do === "correct") wish.edit(pressed.dataset.question, numberOf(turnOf(pressed)));
  else if (pressed.dataset.do === "narrower") elsewhere(pressed, [pressed.dataset.article]);
  else if (pressed.dataset.do === "wider") elsewhere(pressed, []);
}
