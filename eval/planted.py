"""Errors planted in true sentences, and harmless rewordings of them: ``python -m eval.planted CORPUS.jsonl``.

A checker of claims is only worth something if it can fail. Each claim made here is either a true sentence of an article with
one error of a named kind, which a checker must stop, or the same statement in other words, which it must let pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click

from eval.planting import names, rewordings, same_words, sources, values, words
from eval.planting.sentences import Change, Shelf, Span, Text, Told
from ingest.errors import DatasetError, OnRecordError
from ingest.json_lines import read_json_lines

__all__ = ["ERRORS", "HARMLESS", "KINDS", "Planted", "Text", "plant"]

_Way = Callable[[Told, Shelf, Random], Change | None]
_ERRORS: Mapping[str, _Way] = {
    "number": values.other_number,
    "date": values.other_date,
    "name": names.other_name,
    "place": names.other_place,
    "negation": words.other_negation,
    "polarity": words.opposite,
    "direction": words.other_direction,
    "quantifier": words.other_quantifier,
    "speaker": names.other_speaker,
    "wrong_article": sources.of_another_article,
    "stitched": sources.stitched,
    "word_changed": words.other_quoted_word,
    "citation_shifted": sources.with_shifted_citation,
    "outside_fact": sources.with_outside_fact,
}
_HARMLESS: Mapping[str, _Way] = {
    "untouched": rewordings.untouched,
    "number_written": rewordings.number_written,
    "date_written": rewordings.date_written,
    "marks": rewordings.marks,
    "case": rewordings.case,
    "contraction": same_words.contraction,
    "short_form": same_words.short_form,
    "aside_dropped": rewordings.aside_dropped,
    "lead": rewordings.lead,
    "joined": rewordings.joined,
    "said_last": rewordings.said_last,
    "synonym": same_words.synonym,
}
ERRORS = tuple(_ERRORS)
"""The kinds that a checker must stop."""
HARMLESS = tuple(_HARMLESS)
"""The kinds that a checker must let pass."""
KINDS = ERRORS + HARMLESS


@dataclass(frozen=True)
class Planted:
    """A claim, and whether a checker has to let it pass.

    Attributes:
        kind: One of `KINDS`.
        harmless: True where the claim says what the sentence says.
        article: The id of the article that the claim is to be judged against.
        source: The id of the article that the sentence stands in; it differs for ``wrong_article`` alone.
        original: The true sentence (for ``joined`` both of them), ``text[start:end]`` of `source`.
        claim: The sentence with the error or in its other wording.
        changed: Where in `claim`, as offsets; empty where the words are the same.
        cited: Offsets in `article` of the sentence that the claim cites: the original, for ``citation_shifted`` a neighbour;
            None where the article does not hold the sentence.
    """

    kind: str
    harmless: bool
    article: str
    source: str
    original: str
    start: int
    end: int
    claim: str
    changed: tuple[Span, ...]
    cited: Span | None

    def context(self, text: str) -> str:
        """What it is to be judged by, of its article's text: all, or the cited sentence alone where the citation is wrong."""
        return text[slice(*self.cited)] if self.kind == "citation_shifted" and self.cited else text


def plant(
    texts: Sequence[Text],
    *,
    seed: int = 13,
    kinds: Sequence[str] = KINDS,
    most: int = 100,
    within: Mapping[str, Sequence[Span]] | None = None,
) -> list[Planted]:
    """Claims of each kind, the kinds in the order asked for; the same for the same texts and seed.

    They are spread over the articles, and each sentence serves at most once a kind. A kind that the texts do not offer
    comes short: where nobody is quoted, there is no speaker to change.

    Args:
        texts: English articles, each id once.
        seed: Of the choice of sentences, places and replacements; a kind's claims do not depend on the other kinds.
        kinds: Some of `KINDS`.
        most: How many of each kind.
        within: By article, the only stretches whose sentences are made claims of; None for all sentences.

    Raises:
        ValueError: A kind is unknown, an id stands twice, or `most` is negative.
    """
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise ValueError(f"unknown kind {', '.join(unknown)}; name some of {', '.join(KINDS)}")
    if most < 0:
        raise ValueError("most must not be negative")
    shelf = Shelf(texts)
    if len(shelf.texts) != len(texts):
        raise ValueError("an article's id stands twice; give each its own")
    return [planted for kind in kinds for planted in _of_kind(kind, shelf, seed, most, within)]


def _of_kind(
    kind: str, shelf: Shelf, seed: int, most: int, within: Mapping[str, Sequence[Span]] | None
) -> list[Planted]:
    """Round by round, one claim of each article, until there are enough."""
    way = _ERRORS.get(kind) or _HARMLESS[kind]
    random = Random(f"{seed} {kind}")
    order = sorted(shelf.told)
    random.shuffle(order)
    rounds = [_of_article(kind, way, shelf, article, Random(f"{seed} {kind} {article}"), within) for article in order]
    found: list[Planted] = []
    while rounds and len(found) < most:
        left = []
        for claims in rounds:
            planted = next(claims, None)
            if planted is not None:
                left.append(claims)
                found.append(planted)
        rounds = left
    return found[:most]


def _of_article(
    kind: str, way: _Way, shelf: Shelf, article: str, random: Random, within: Mapping[str, Sequence[Span]] | None
) -> Iterator[Planted]:
    seen: set[str] = set()
    every = shelf.told[article]
    if within is not None:
        places = within.get(article, ())
        every = [t for t in every if any(s < t.end and t.start < e for s, e in places)]
    for told in random.sample(every, len(every)):
        change = None if told.sentence in seen else way(told, shelf, random)
        if change is not None:
            seen.add(told.sentence)
            yield _planted(kind, told, change)


def _planted(kind: str, told: Told, change: Change) -> Planted:
    end = change.end or told.end
    own = change.article is None
    return Planted(
        kind=kind,
        harmless=kind in _HARMLESS,
        article=change.article or told.of.id,
        source=told.of.id,
        original=told.of.text[told.start : end],
        start=told.start,
        end=end,
        claim=change.claim,
        changed=change.changed,
        cited=(change.cited or (told.start, end)) if own else None,
    )


def read_texts(corpus: Path) -> list[Text]:
    """The articles of JSON lines ``{doc_id, title, text}``.

    Raises:
        DatasetError: The file cannot be read, a line lacks a field, or an id stands twice.
    """
    found: dict[str, Text] = {}
    for where, record in read_json_lines(corpus):
        name, title, text = record.get("doc_id"), record.get("title"), record.get("text")
        if not isinstance(name, str) or not isinstance(text, str):
            raise DatasetError(f"{where}: needs 'doc_id' and 'text', both strings; correct the line.")
        if name in found:
            raise DatasetError(f"{where}: field 'doc_id': '{name}' stands twice; give each article its own.")
        found[name] = Text(name, title if isinstance(title, str) else None, text)
    return list(found.values())


def as_pairs(texts: Sequence[Text], claims: Sequence[Planted]) -> Iterator[dict[str, object]]:
    """Claims as records ``{id, context, claim, label, meta}``; label 1 is harmless, 0 an error."""
    by_id = {text.id: text.text for text in texts}
    for number, planted in enumerate(claims, 1):
        yield {
            "id": f"planted:{planted.kind}:{number}",
            "context": planted.context(by_id[planted.article]),
            "claim": planted.claim,
            "label": int(planted.harmless),
            "meta": {"kind": planted.kind, "original": planted.original},
        }


@click.command()
@click.argument("corpus", type=click.Path(path_type=Path))
@click.option("--seed", default=13, show_default=True, help="Of all choices.")
@click.option("--most", default=100, show_default=True, type=click.IntRange(min=0), help="Claims of each kind.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only these kinds.  [default: all]")
def main(corpus: Path, seed: int, most: int, kinds: tuple[str, ...]) -> None:
    """Print claims made from the articles of CORPUS (JSON lines {doc_id, title, text}) as JSON lines.

    Each is {id, context, claim, label, meta}: label 0 where an error was planted, 1 where the wording alone is another.
    """
    try:
        texts = read_texts(corpus)
    except OnRecordError as error:
        raise click.ClickException(str(error)) from error
    for record in as_pairs(texts, plant(texts, seed=seed, kinds=kinds or KINDS, most=most)):
        click.echo(json.dumps(record, ensure_ascii=False))


if __name__ == "__main__":
    main()
