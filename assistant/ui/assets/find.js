// Find in the article: every place where some words stand, painted over the text without changing it.
import { button, el, smoothly } from "./net.js";

const NAME = "found";

export function finder(text) {
  const box = el("form", "find");
  box.setAttribute("role", "search");
  const field = el("input");
  field.type = "search";
  field.placeholder = "Find in the article";
  field.setAttribute("aria-label", "Find in the article");
  const count = el("span", "count");
  count.setAttribute("role", "status");
  let found = [];
  let at = -1;

  const go = (step) => {
    if (!found.length) return;
    at = (at + step + found.length) % found.length;
    count.textContent = `${at + 1} of ${found.length}`;
    CSS.highlights?.set(`${NAME}-now`, new Highlight(found[at]));
    found[at].startContainer.parentElement.scrollIntoView({ block: "center", behavior: smoothly() });
  };
  const search = () => {
    found = rangesOf(text, field.value.trim());
    at = -1;
    CSS.highlights?.set(NAME, new Highlight(...found));
    CSS.highlights?.delete(`${NAME}-now`);
    count.textContent = field.value.trim() && !found.length ? "not there" : "";
    go(1);
  };
  field.addEventListener("input", search);
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    go(1);
  });
  CSS.highlights?.clear();
  box.append(field, count, button("step", "‹", () => go(-1), "Previous find"), button("step", "›", () => go(1), "Next find"));
  return box;
}

function rangesOf(box, words) {
  if (!words) return [];
  const text = box.textContent;
  const pattern = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), "giu");
  const nodes = [];
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let start = 0; walker.nextNode(); start += walker.currentNode.length) nodes.push({ node: walker.currentNode, start });
  const place = (offset, isEnd) => {
    let low = 0;
    let high = nodes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (isEnd ? nodes[middle].start < offset : nodes[middle].start <= offset) low = middle;
      else high = middle - 1;
    }
    return [nodes[low].node, offset - nodes[low].start];
  };
  const ranges = [];
  for (const match of text.matchAll(pattern)) {
    const range = document.createRange();
    range.setStart(...place(match.index, false));
    range.setEnd(...place(match.index + match[0].length, true));
    ranges.push(range);
    if (ranges.length === 1000) break;
  }
  return ranges;
}
