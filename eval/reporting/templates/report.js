"use strict";
// Chooses which samples are shown. Without it all are.
const bar = document.getElementById("filter");
if (bar) {
  const cards = [...document.querySelectorAll("details.sample")];
  const texts = new Map();
  const wrong = document.getElementById("wrong-only");
  const tag = document.getElementById("tag");
  const words = document.getElementById("words");
  const count = document.getElementById("count");
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };
  const choose = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const state = card.dataset.state;
      const fits = (!wrong.checked || state === "wrong" || state === "failed")
        && (!tag.value || card.dataset.tags.split("\n").includes(tag.value))
        && wanted.every((word) => textOf(card).includes(word));
      card.hidden = !fits;
      shown += fits;
    }
    count.textContent = shown + " of " + cards.length + " shown";
  };
  for (const control of [wrong, tag, words]) control.addEventListener("input", choose);
  const toggle = (open) => () => { for (const card of cards) if (!card.hidden) card.open = open; };
  document.getElementById("open-all").addEventListener("click", toggle(true));
  document.getElementById("close-all").addEventListener("click", toggle(false));
  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.hidden = false;
  choose();
}
const target = () => {
  const card = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details.sample");
  if (card) card.open = true;
};
addEventListener("hashchange", target);
target();
