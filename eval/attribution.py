"""How often the right speaker is named: ``python -m eval.attribution LABELS PAIRS``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from assistant.speakers.of_sentence import speaker_of
from assistant.terms import FUNCTION_WORDS, words
from eval.statistics import Figure, share
from ingest.errors import DatasetError, OnRecordError
from ingest.json_lines import read_json_lines

Span = tuple[int, int]


@dataclass(frozen=True)
class Labelled:
    """A sentence ``text[start:end]`` of an article, and where a person says its speaker is named; None for the paper itself."""

    text: str
    start: int
    end: int
    speaker: Span | None


@dataclass(frozen=True)
class Attributed:
    """The counts behind the figures, of sentences with a speaker and of those without."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    silent: int = 0
    false: int = 0

    def figures(self) -> list[Figure]:
        """Shares of the sentences with a speaker, and that of false speakers among the sentences without one."""
        spoken, plain = self.right + self.missed + self.wrong, self.silent + self.false
        shares = [share(name, spoken, getattr(self, name)) for name in ("right", "missed", "wrong")]
        return [*shares, share("false", plain, self.false)]


def labelled(labels: Path, pairs: Path) -> list[Labelled]:
    """The labelled sentences, each with its article.

    Args:
        labels: JSON lines ``{id, start, end, speaker}``, the speaker a pair of offsets or null.
        pairs: JSON lines ``{id, context}``, the articles.

    Raises:
        DatasetError: A file cannot be read, a line lacks a field, or an article is missing.
    """
    texts = {record.get("id"): record.get("context") for _, record in read_json_lines(pairs)}
    found = []
    for where, record in read_json_lines(labels):
        text = texts.get(record.get("id"))
        if not isinstance(text, str):
            raise DatasetError(
                f"{where}: {pairs.name} has no context '{record.get('id')}'; give the file it was labelled on."
            )
        try:
            speaker = record["speaker"] and (int(record["speaker"][0]), int(record["speaker"][1]))
            found.append(Labelled(text, int(record["start"]), int(record["end"]), speaker))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DatasetError(
                f"{where}: needs 'start', 'end' and 'speaker' (two offsets or null); mend it."
            ) from error
    return found


def attribute(sentences: Iterable[Labelled]) -> Attributed:
    """Counts what `speaker_of` gives for each sentence."""
    counts = dict.fromkeys(("right", "missed", "wrong", "silent", "false"), 0)
    for _, outcome, _ in outcomes(sentences):
        counts[outcome] += 1
    return Attributed(**counts)


def outcomes(sentences: Iterable[Labelled]) -> Iterator[tuple[Labelled, str, str | None]]:
    """Each sentence with the name of its count and the speaker that was given."""
    for sentence in sentences:
        given = speaker_of(sentence.text, sentence.start, sentence.end)
        if sentence.speaker is None:
            outcome = "false" if given else "silent"
        elif given is None:
            outcome = "missed"
        else:
            same = same_speaker(sentence.text, sentence.speaker, (given.start, given.end))
            outcome = "right" if same else "wrong"
        yield sentence, outcome, given.name if given else None


def same_speaker(text: str, one: Span, other: Span) -> bool:
    """Whether two mentions are of one speaker: they overlap, or every word of the one is a word of the other."""
    first, second = ({*words(text[start:end])} - FUNCTION_WORDS for start, end in (one, other))
    return (one[0] < other[1] and other[0] < one[1]) or bool(first and second and (first <= second or second <= first))


@click.command()
@click.argument("labels", type=click.Path(path_type=Path))
@click.argument("pairs", type=click.Path(path_type=Path))
@click.option("--errors", is_flag=True, help="Also list the sentences that were taken wrongly.")
def main(labels: Path, pairs: Path, errors: bool) -> None:
    """Measure who is named as the speaker of the sentences in LABELS, whose articles are the contexts in PAIRS."""
    try:
        sentences = labelled(labels, pairs)
    except OnRecordError as error:
        raise click.ClickException(str(error)) from error
    for found in attribute(sentences).figures():
        of = "without a speaker" if found.name == "false" else "with a speaker"
        share = "-" if found.mean is None else f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"
        click.echo(f"{found.name:<8}{share:<24}of {found.n} {of}")
    for sentence, outcome, given in outcomes(sentences) if errors else ():
        if outcome not in ("right", "silent"):
            known = sentence.text[slice(*sentence.speaker)] if sentence.speaker else None
            click.echo(f"{outcome}: {given} for {known}: {sentence.text[sentence.start : sentence.end]}")


if __name__ == "__main__":
    main()
