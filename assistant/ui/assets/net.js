// What every part of the page uses: nodes, requests, addresses, dates. Whatever comes from an article, a file or a question is
// put into the document as text (textContent), never as HTML.

const MONTHS = "January February March April May June July August September October November December".split(" ");

export function el(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

export function button(className, text, action, label) {
  const node = el("button", className, text);
  node.type = "button";
  if (label) node.setAttribute("aria-label", label);
  if (action) node.addEventListener("click", action);
  return node;
}

export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
export const stacked = () => !window.matchMedia("(min-width: 1000px)").matches;
export const smoothly = () => (calm() ? "auto" : "smooth");

// ---- requests ------------------------------------------------------------------------------------------------------

const TOO_LARGE = "It is larger than what a proxy before the chat lets through; split it, or raise the proxy's limit.";

async function told(answer) {
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const words = typeof content.detail === "string" ? content.detail : null;
  const error = new Error(content.message || words || (answer.status === 413 ? TOO_LARGE : "The chat could not do this; is it still running?"));
  error.status = answer.status; // none where there was no answer at all
  throw error;
}

export async function getJson(path, parameters = {}) {
  const known = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const query = new URLSearchParams(known).toString();
  return told(await fetch(query ? `${path}?${query}` : path).catch(unreachable));
}

export async function postJson(path, body) {
  const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return told(await fetch(path, request).catch(unreachable));
}

export function unreachable() {
  throw new Error("The chat cannot be reached; start it again, and load this page again.");
}

// ---- addresses, offsets, dates -------------------------------------------------------------------------------------

// Read from the right: an article's id may itself hold "@", ":" and "#".
export function parseAddress(id) {
  const found = /^([^]*)@([0-9a-f]+)(?::(\d+)-(\d+)|#([a-z]+))$/.exec(id);
  if (!found) return null;
  const [, article, version, start, end, field] = found;
  return field ? { id, article, version, field } : { id, article, version, start: Number(start), end: Number(end) };
}

// Offsets count characters (code points); JavaScript's strings count UTF-16 units.
export function unitOffset(text, codePoints) {
  let units = 0;
  for (let seen = 0; seen < codePoints && units < text.length; seen += 1) units += text.codePointAt(units) > 0xffff ? 2 : 1;
  return units;
}

export function spokenDate(iso) {
  const found = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?=$|[T ])/.exec(iso);
  if (!found || (found[2] && !MONTHS[Number(found[2]) - 1])) return null;
  return [found[3] && String(Number(found[3])), found[2] && MONTHS[Number(found[2]) - 1], found[1]]
    .filter(Boolean)
    .join(" ");
}

// ---- telling, copying ----------------------------------------------------------------------------------------------

export function announce(words) {
  let said = document.getElementById("said");
  if (!said) {
    said = el("p");
    said.id = "said";
    said.setAttribute("role", "status");
    document.body.append(said);
  }
  said.textContent = words;
}

// What went wrong, beside the question box, until it is closed or something works; with a way out where there is one.
export function fault(words, remedy, action) {
  noFault();
  const bar = el("div", "", words);
  bar.id = "fault";
  bar.setAttribute("role", "alert");
  if (remedy) bar.append(button("plain", remedy, action));
  bar.append(button("plain", "Close", noFault));
  document.getElementById("ask-row")?.before(bar);
}

export function noFault() {
  document.getElementById("fault")?.remove();
}

// Where a page may not write to the clipboard, the browser's older way, which takes the focus for a moment.
function copyOld(text) {
  const { activeElement } = document;
  const field = el("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  activeElement?.focus({ preventScroll: true });
  return copied;
}

export async function copyText(text, pressed) {
  const copied = await navigator.clipboard.writeText(text).then(() => true, () => copyOld(text));
  announce(copied ? "Copied." : "The browser does not let this page copy.");
  if (!copied) return;
  if (!pressed || pressed.dataset.said) return;
  pressed.dataset.said = pressed.textContent;
  pressed.textContent = "Copied";
  setTimeout(() => {
    pressed.textContent = pressed.dataset.said;
    delete pressed.dataset.said;
  }, 2000);
}

export const link = (parameters) => `${location.origin}/?${new URLSearchParams(parameters)}`;
