"""What a layer of the judge finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FindingKind = Literal[
    "altered", "stitched", "speaker", "number", "date", "name", "negation", "opposite", "direction", "quantifier", "word",
    "not_found",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing of a claim that its evidence does not bear out.

    Attributes:
        kind: Of which sort; see `SAID` for what each says to a reader.
        claim: The words of the claim.
        evidence: What the evidence has there; "" when it has nothing.
        contrary: Whether the evidence says otherwise, rather than nothing of the sort.
        certain: Whether that holds however the claim is worded. In a version of a sentence every contrary is certain.
    """

    kind: FindingKind
    claim: str
    evidence: str
    contrary: bool = False
    certain: bool = False


SAID: dict[str, str] = {
    "altered": "is put as a quotation, and the article has other words",
    "stitched": "joins words from two places as if they were one",
    "speaker": "is not who says this",
    "number": "is not the number stated",
    "date": "is not the date stated",
    "name": "is not who or what is named here",
    "negation": "is denied on one side and not on the other",
    "opposite": "is the contrary of what is stated",
    "direction": "goes the other way",
    "quantifier": "states another extent or certainty",
    "word": "is not borne out",
    "not_found": "nothing found says this",
    "marks": "only quotation marks, dashes, spaces or capitals differ",
    "miscited": "the passage cited does not say this; it is found here",
    "no_such_citation": "the address cited leads nowhere",
    "disagreement": "another article says otherwise",
}
"""What each kind of reason says to a reader, after the words of the claim."""
