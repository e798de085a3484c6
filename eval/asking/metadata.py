"""Questions for author and day of an article."""

from __future__ import annotations

from collections.abc import Iterator

from eval.asking.drafts import Draft
from ingest.loading import Article


def about_record(article: Article) -> Iterator[Draft]:
    """Who wrote an article and when it was published, where it has a title and its own text holds the value.

    A suite's ``corpus.jsonl`` keeps text and title alone, so a value that stands only in a manifest could not be found there.
    """
    if not article.title:
        return
    for value, question in (
        (article.author, f"Who wrote “{article.title}”?"),
        (article.published, f"When was “{article.title}” published?"),
    ):
        place = article.text.find(value) if value else -1
        if value and place >= 0:
            yield Draft("metadata", article.id, question, value, ((place, place + len(value)),))
