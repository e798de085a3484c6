"""What a run's records come to: figures, whole and by tag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from eval.metrics.abstention import Decision
from eval.metrics.registry import METRICS
from eval.samples import DRAFT
from eval.statistics import Figure, mean, of_all

NAMED = 10
"""How many samples a broken gate names."""
WHOLE = ""


class Tally:
    """The scores of records, kept as numbers: the answers themselves are let go."""

    def __init__(self, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self._values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._short: dict[str, list[str]] = defaultdict(list)
        self.decisions: list[Decision] = []
        self.failed: list[tuple[str, str]] = []
        self.drafts = 0
        self.count = 0
        for record in records:
            self.add(record)

    def add(self, record: Mapping[str, Any]) -> None:
        """Counts a line of ``answers.jsonl``."""
        self.count += 1
        if "error" in record:
            self.failed.append((record["qid"], record["error"]))
            return
        scores, sample = record["scores"], record.get("sample", {})
        self.drafts += DRAFT in record["tags"]
        slices = {WHOLE, *record["tags"], f"turn {1 + len(sample.get('history', ()))}"}
        for metric in METRICS:
            value = scores.get(metric.name, {}).get("value")
            if value is None:
                continue
            for tag in slices:
                self._values[tag][metric.name].append(value)
            if metric.gate is not None and value != metric.gate and len(self._short[metric.name]) < NAMED:
                self._short[metric.name].append(record["qid"])
        if sample.get("answerable") is not None:
            right = scores.get("right if answered", {}).get("value")
            self.decisions.append(
                Decision(
                    answerable=sample["answerable"],
                    abstained=record["abstained"],
                    confidence=record["confidence"],
                    right=None if right is None else bool(right),
                )
            )

    @property
    def tags(self) -> list[str]:
        """All tags with a score, sorted; the turns of conversations among them."""
        return sorted(tag for tag in self._values if tag != WHOLE)

    def figures(self, tag: str = WHOLE) -> list[Figure]:
        """One figure a metric, over all samples or those with a tag; what is measured of a whole run has none by tag."""
        values = self._values.get(tag, {})
        found = []
        for metric in METRICS:
            if metric.of is not None:
                found.append(mean(metric.name, values.get(metric.name, ())))
            elif metric.of_run is not None and tag == WHOLE:
                counted = [d for d in self.decisions if metric.over is None or metric.over(d)]
                found.append(of_all(metric.name, counted, metric.of_run))
        return found

    def short_of(self, name: str) -> list[str]:
        """The first samples that do not reach a gate, by qid."""
        return self._short[name]
