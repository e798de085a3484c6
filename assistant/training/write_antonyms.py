"""Writes the antonyms of WordNet that the judge knows: ``python -m assistant.training.write_antonyms DIR``.

A line a pair, the two words and their irregular forms on either side of a tab. Words of several parts are left out, and those
that WordNet's authors did not meet in the texts that they counted.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from assistant.opposites import ANTONYMS
from assistant.training.wordnet import WordNet


def lines(wordnet: WordNet) -> list[str]:
    """The pairs, each once, in order."""
    found = set()
    for one, other in wordnet.antonyms():
        if one.isalpha() and other.isalpha():
            sides = (" ".join(wordnet.forms(one)), " ".join(wordnet.forms(other)))
            found.add("\t".join(sorted(sides)))
    return sorted(found)


def main() -> None:
    """Writes the file into the package."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m assistant.training.write_antonyms WORDNET_FOLDER")
    out = Path(str(files("assistant").joinpath(ANTONYMS)))
    out.write_text("".join(f"{line}\n" for line in lines(WordNet(Path(sys.argv[1])))), encoding="utf-8")


if __name__ == "__main__":
    main()
