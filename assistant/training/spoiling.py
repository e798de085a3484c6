"""Changes to a true sentence: those that leave it true, and those that make it say what its article does not.

Each change is an `Edit`, so that the model can be told which words are wrong. The kinds of errors are those that people and
models make in summaries (Laban et al. 2023, SummEdits: another name or number, the contrary, a negation, an invented fact;
Pagnoni, Balachandran and Tsvetkov 2021, FRANK: another relation, another circumstance); rewordings put in words that WordNet
holds to be the same. That is seldom exact: the labels of rewordings are noisy, and the model's card says how noisy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from assistant.terms import FUNCTION_WORDS, stems
from assistant.training.made_questions import OPPOSITE
from assistant.training.wordnet import WordNet

T = TypeVar("T")
Span = tuple[int, int]

_CAPITALISED = r"[A-Z][\w-]+(?:[’'](?!s\b)\w+)?"
_NAME = re.compile(rf"\b{_CAPITALISED}(?: (?:(?:of|de|von|van|al|bin) )?{_CAPITALISED})*")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
_WORD = re.compile(r"(?<![\w’'-])[a-z]{3,}(?![\w’'-])")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|should|may|might|must|did|does|do)\b(?!\s+(?:not|n[o’']t))"
)
_NEGATION = re.compile(r"\b(?:not|never) |n[’']t\b|\bno longer ")
_QUANTIFIER = {
    "all": "some", "some": "all", "most": "few", "many": "few", "few": "many", "several": "no", "every": "no", "always": "never",
    "never": "always", "more than": "less than", "less than": "more than", "at least": "at most", "over": "under",
    "only": "not only", "both": "neither of", "often": "rarely", "rarely": "often", "mostly": "partly", "half": "all",
}  # fmt: skip
_QUANTITY = re.compile(r"\b(?:" + "|".join(sorted(_QUANTIFIER, key=len, reverse=True)) + r")\b")
_CUT = re.compile(
    r"(?<=[\w,]) (?=(?:in|on|at|by|for|from|with|to|after|before|because|when|while|which|who|that|as|during|was|were|is|are|has"
    r"|had|would|will|said)\b)"
)
_PHRASE = re.compile(
    r" (?:in|on|at|by|for|from|with|after|before|because of|due to|during|under) [^,.;:()]{6,60}(?=[,.;]|$)"
)
_ASIDE = re.compile(
    r" ?\([^()]{2,80}\)|, (?:who|which|where|when) [^,.;]{8,90},(?= )|, [^,.;]{3,40},(?= (?:was|is|has|had|said)\b)"
)
_LEAD = re.compile(r"^(?:In|On|At|By|During|After|Since|However|Meanwhile|Also|According to)\b[^,.;]{2,50}, ")
_TAIL = re.compile(r", (?:which|who|where|while|with|including|but|and|as)\b[^;]{10,160}(?=[.]$)")
_LEADS = (
    "According to the article, ",
    "The article says that ",
    "It is reported that ",
    "Reportedly, ",
    "The text states that ",
)
_INSTEAD = {
    "said": "stated", "because": "since", "about": "around", "also": "as well", "however": "but", "began": "started", "about to":
    "going to", "more than": "over", "such as": "like", "in order to": "to", "per cent": "percent", "%": " percent", "died": "passed away",
    "people": "persons", "was born": "came into the world", "bought": "purchased", "near": "close to", "after": "following", "led to":
    "resulted in", "used": "employed", "several": "a number of", "important": "significant", "main": "chief", "show": "indicate",
}  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """``sentence[start:end]`` becomes `text`; `wrong` when that makes it untrue."""

    start: int
    end: int
    text: str
    wrong: bool = False


def edited(sentence: str, edits: Sequence[Edit]) -> tuple[str, tuple[Span, ...]]:
    """The sentence with all edits that do not overlap an earlier one, and where the wrong ones stand in it."""
    taken: list[Edit] = []
    for edit in edits:
        if all(edit.end <= other.start or other.end <= edit.start for other in taken):
            taken.append(edit)
    text, last, wrong = "", 0, []
    for edit in sorted(taken, key=lambda e: (e.start, e.end)):
        text += sentence[last : edit.start]
        if edit.wrong:
            wrong.append((len(text), len(text) + max(len(edit.text), 1)))
        text += edit.text
        last = edit.end
    text += sentence[last:]
    return text, tuple(wrong)


class Spoiler:
    """Makes changes to sentences.

    Args:
        wordnet: Words of the same and of other meaning.
        random: Where all choices come from.
    """

    def __init__(self, wordnet: WordNet, random: Random) -> None:
        self._wordnet = wordnet
        self._random = random

    def wrong(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        """One or two changes of one kind that make a sentence untrue; none when no kind applies.

        Args:
            sentence: Of an article.
            others: Other sentences, most of them of the same article: what is put in comes from them where it can.
        """
        kinds: list[tuple[Callable[[str, Sequence[str]], list[Edit]], float]] = [
            (self._name, 3), (self._number, 3), (self._word, 3), (self._contrary, 3), (self._negation, 2), (self._swapped, 1),
            (self._spliced, 2), (self._inserted, 1.5), (self._quantifier, 2), (self._verb, 1.5),
        ]  # fmt: skip
        while kinds:
            weights = [weight for _, weight in kinds]
            kind = self._random.choices(kinds, weights)[0]
            if edits := kind[0](sentence, others):
                return edits
            kinds.remove(kind)
        return []

    def harmless(self, sentence: str) -> list[Edit]:
        """Rewordings: synonyms, asides and openings left out, a neutral lead. May be none."""
        edits: list[Edit] = []
        if self._random.random() < 0.75:
            edits += self._synonyms(sentence)
        if self._random.random() < 0.3:
            spans = [m.span() for pattern in (_ASIDE, _LEAD, _TAIL) for m in pattern.finditer(sentence)]
            if spans:
                start, end = self._random.choice(spans)
                edits.insert(0, Edit(start, end, ""))
        if self._random.random() < 0.12:
            edits.append(Edit(0, 0, self._random.choice(_LEADS)))
        return edits

    def _synonyms(self, sentence: str) -> list[Edit]:
        found = []
        for phrase, other in _INSTEAD.items():
            if (
                (place := sentence.find(phrase)) > 0
                and not sentence[place - 1].isalpha()
                and self._random.random() < 0.5
            ):
                found.append(Edit(place, place + len(phrase), other))
        for m in self._sample(list(_WORD.finditer(sentence)), 12):
            form = self._wordnet.form(m[0]) if m[0] not in FUNCTION_WORDS else None
            if form and (words := self._wordnet.synonyms(form)):
                synonym = self._wordnet.inflected(self._random.choice(words[:3]), form)
                if synonym and len(found) < 3:
                    found.append(Edit(*m.span(), synonym))
        return self._sample(found, self._random.choice((1, 1, 2, 3)))

    def _sample(self, items: Sequence[T], most: int) -> list[T]:
        return self._random.sample(list(items), min(most, len(items)))

    def _name(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        own = [m for m in _NAME.finditer(sentence) if m.start() or " " in m[0]]
        own = [m for m in own if m[0].casefold() not in FUNCTION_WORDS]
        if not own:
            return []
        m = self._random.choice(own)
        known = set(stems(sentence))
        pool = [
            n
            for o in others
            for n in _NAME.findall(o[1:])
            if not known & set(stems(n)) and n.lower() not in FUNCTION_WORDS
        ]
        if not pool:
            return []
        same = [n for n in pool if n.count(" ") == m[0].count(" ")] or pool
        return [Edit(*m.span(), self._random.choice(same), wrong=True)]

    def _number(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        own = list(_NUMBER.finditer(sentence))
        if not own:
            return []
        m = self._random.choice(own)
        known = set(_NUMBER.findall(sentence))
        pool = [n for o in others for n in _NUMBER.findall(o) if n not in known and len(n) == len(m[0])]
        if pool and self._random.random() < 0.6:
            return [Edit(*m.span(), self._random.choice(pool), wrong=True)]
        digits = [i for i, c in enumerate(m[0]) if c.isdigit()]
        place = self._random.choice(digits if len(m[0]) < 4 else digits[1:])
        other = self._random.choice([d for d in "123456789" if d != m[0][place]])
        return [Edit(*m.span(), m[0][:place] + other + m[0][place + 1 :], wrong=True)]

    def _word(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        """A noun or adjective becomes another, of the same kind of thing or from the same article."""
        return self._another(sentence, others, "na")

    def _verb(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        return self._another(sentence, others, "v")

    def _another(self, sentence: str, others: Sequence[str], pos: str) -> list[Edit]:
        own = [
            (m, f) for m in _WORD.finditer(sentence) if m[0] not in FUNCTION_WORDS and (f := self._wordnet.form(m[0]))
        ]
        own = [(m, f) for m, f in own if f.pos in pos]
        if not own:
            return []
        m, form = self._random.choice(own)
        same = {*self._wordnet.synonyms(form), form.lemma}
        if self._random.random() < 0.5 and (words := self._wordnet.siblings(form)):
            other = self._wordnet.inflected(self._random.choice(words), form)
            return [Edit(*m.span(), other, wrong=True)] if other else []
        known = set(stems(sentence))
        pool = [w for o in others for w in _WORD.findall(o) if w not in FUNCTION_WORDS and not known & set(stems(w))]
        for w in self._sample(pool, 12):
            f = self._wordnet.form(w)
            if f and (f.pos, f.ending) == (form.pos, form.ending) and f.lemma not in same:
                return [Edit(*m.span(), w, wrong=True)]
        return []

    def _contrary(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        found = [
            Edit(*m.span(), OPPOSITE[m[0]], wrong=True)
            for m in re.finditer(r"\b[a-z]+\b", sentence)
            if m[0] in OPPOSITE
        ]
        for m in _WORD.finditer(sentence):
            form = self._wordnet.form(m[0]) if m[0] not in FUNCTION_WORDS else None
            for word in self._wordnet.contraries(form) if form else ():
                contrary = self._wordnet.inflected(word, form) if form else None
                if contrary:
                    found.append(Edit(*m.span(), contrary, wrong=True))
        return self._sample(found, 1)

    def _negation(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        """A denial is put in; one that is taken out leaves no word that could be called wrong."""
        if _NEGATION.search(sentence):
            return []
        places = [m.end() for m in _AUXILIARY.finditer(sentence)]
        return [
            Edit(p, p, " " + self._random.choice(("not", "not", "never")), wrong=True) for p in self._sample(places, 1)
        ]

    def _swapped(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        own = [m for m in _NAME.finditer(sentence) if m.start() or " " in m[0]]
        if len(own) < 2:
            return []
        a, b = sorted(self._sample(own, 2), key=lambda m: m.start())
        if set(stems(a[0])) & set(stems(b[0])) or sentence[a.end() : b.start()].strip() in (",", "and", "or", ", and"):
            return []
        return [Edit(*a.span(), b[0], wrong=True), Edit(*b.span(), a[0], wrong=True)]

    def _spliced(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        cuts = [m.end() for m in _CUT.finditer(sentence) if 15 < m.end() < len(sentence) - 15]
        tails = [o[m.end() :] for o in self._sample(others, 6) for m in _CUT.finditer(o) if 15 < m.end() < len(o) - 15]
        if not cuts or not tails:
            return []
        return [Edit(self._random.choice(cuts), len(sentence), self._random.choice(tails), wrong=True)]

    def _inserted(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        phrases = [m[0] for o in self._sample(others, 8) for m in _PHRASE.finditer(o)]
        places = [m.start() for m in re.finditer(r"[,.;](?=\s|$)", sentence) if m.start() > 20]
        if not phrases or not places:
            return []
        place = self._random.choice(places)
        return [Edit(place, place, self._random.choice(phrases), wrong=True)]

    def _quantifier(self, sentence: str, others: Sequence[str]) -> list[Edit]:
        found = [Edit(*m.span(), _QUANTIFIER[m[0]], wrong=True) for m in _QUANTITY.finditer(sentence)]
        return self._sample(found, 1)
