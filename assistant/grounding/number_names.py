"""Which figures and number words are no quantities: those of names, and the pronoun "one"."""

from __future__ import annotations

import re

from assistant.terms import FUNCTION_WORDS

_GLUED = re.compile(
    r"(?:[^\W\d]|[^\W\d_][-–]|\d[-–]?[A-Za-z]|(?:Boeing|Airbus|Flight)\s\d+[-–]|[A-Z][-–]\d+[-–]|/\s?|\d[:,]|\d[-–]\d+[-–]|[^\W\d_]\.|#)$"
)
_PREFIX = re.compile(r"\b(?:mid|pre|post|sub|over|under|age|top|plus|another|minus)[-–]$", re.I)
_RUN_ON = re.compile(r"[^\W\d_]|/\d|\.\d|:\d|[-–](?:[A-Z]|\d+[A-Za-z]|\d+[-–]\d)|,\d")
_KIND = re.compile(
    r"\b(?:articles?|section|chapter|boeing|airbus|flight|route|highway|interstate|apollo|windows|iphone|galaxy|model|type|phase|level"
    r"|tier|title|rule|resolution|room|building|platform|channel|formula|catch|area|unit|part|volume|version|psalms?|amendment|falcon"
    r"|proposition|prop|stage|grade|category|class|group|figure|table|line|gate|pier|bus|train|day|week|round|episode|season|annex"
    r"|carbon|uranium|vitamin|covid|sars|schedule|clause|paragraph|page|pages|size|dow|s&p|ftse|nasdaq|stoxx|nikkei|superbowl|bowl)\s+$",
    re.I,
)
_NAMED = re.compile(r"(?:^|[^\w])([A-Z][\w’'&.-]*)\s+$")
_COUNTS = re.compile(
    r"\s*(?:[%$£€]|people|children|women|men|police|percent|per\s|[-\s]?[a-z]+s\b|times|[a-z]+\s[a-z]+s\b)"
)
_OPENING = re.compile(r"(?:^|[.!?:;\n])[\s\"“”‘’'(\[—–-]*$")
_MONTHS_AND_DAYS = re.compile(r"(?:day|ary|ch|pril|May|June?|July?|ust|ber|[JFMAOSND][aecopu][nbprgctlv])\.?$")
_AS_PRONOUN = re.compile(
    r"\b(?:the|this|that|each|every|which|no|any|another|such|number)\s+$|[-–’']$",
    re.I,
)
_AFTER_PRONOUN = re.compile(
    r"(?:\s+(?:of|another|an?|can|could|may|might|must|should|would|will|who|that|which|is|was|were|are|has|had|have|to|in|on|at|by"
    r"|for|from|with|and|or|but|as|when|where|if|does|did|do|the|he|she|it|they|we|you|i|not|never|cannot|than|being|said|says"
    r"|after|before|side|hand|thing|way|day\s+(?:be|will|would|may|might|could)|or|final|such|so|about|there|their|his|her)\b"
    r"|\W*$|[’']|\s*[.,;:!?)”\"—–]|-(?!third|year|day|week|month|hour|minute|mile|point|dimension|quarter|half))",
    re.I,
)
_SHARES = re.compile(
    r"\s*(?:$|[.,;:!?)—–”\"]|(?:of|more|less|lower|higher|fewer|smaller|larger|to|in|since|from|the|was|were|are|is|have|had|has|said"
    r"|say|and|or|as|its|their|his|her|all|our|my|this|that|these|those|what|at|by|on|than|would|will|over|after|before|under)\b)"
)
_NO_SHARE = re.compile(
    r"\b(?:and|first|second|other|better|last|each|every|either|in|latter|former|back|top|that|this|one)\s+$", re.I
)
_ORDINAL_OUT = re.compile(
    r"(?:-(?:hand|class|aid|rate|degree)|\s+(?:of\s+all|name|aid|lad(?:y|ies)|hand|class))\b", re.I
)


def is_name(text: str, start: int, end: int) -> bool:
    """Whether the number from `start` to `end` belongs to a name, a code, a reference or an address of the text."""
    before, after = text[max(0, start - 25) : start], text[end : end + 25]
    if (_GLUED.search(before) and not _PREFIX.search(before)) or _RUN_ON.match(after):
        return True
    if before.endswith("[") and after.startswith("]"):
        return True
    if _KIND.search(before) and any(c.isupper() for c in before.split()[-1]):
        return True
    if text[start].isalpha():
        return text[start].isupper() and not _OPENING.search(before)
    named = _NAMED.search(before)
    if named is None or _OPENING.search(text[: start - len(named[0].lstrip())]) or not text[start:end].isdigit():
        return False
    word = named[1].rstrip(".")
    known = word.casefold() in FUNCTION_WORDS or _MONTHS_AND_DAYS.search(word)
    return not known and end - start < 4 and not _COUNTS.match(after)


def is_pronoun(text: str, start: int, end: int) -> bool:
    """Whether the word "one" from `start` to `end` counts nothing: "one of them", "no one", "the one that"."""
    return bool(_AS_PRONOUN.search(text[max(0, start - 12) : start]) or _AFTER_PRONOUN.match(text, end))


def is_share(text: str, start: int, end: int) -> bool:
    """Whether "a third" or "half" from `start` to `end` is a share: not "a third person", nor "the first half"."""
    return bool(_SHARES.match(text, end)) and not _NO_SHARE.search(text[max(0, start - 12) : start])


def is_rank(text: str, start: int, end: int) -> bool:
    """Whether an ordinal from `start` to `end` ranks something: not "at first", "First Lady", "a second later"."""
    before, word, after = text[max(0, start - 12) : start], text[start:end], text[end : end + 20]
    if word.lower() == "second" and (
        re.search(r"\b(?:per|every|split)\s+$", before) or re.match(r"\s(?:later|or)\b|\W*$|[.,;]", after)
    ):
        return False
    if re.search(r"\bat\s+$", before, re.I) or _ORDINAL_OUT.match(after) or re.search(r"[A-Za-z]-$", before):
        return False
    if re.match(r"\s[A-Z]", after) and (word[0].isupper() or word[0].isdigit()):
        return False
    return not word[0].isupper() or bool(_OPENING.search(before))
