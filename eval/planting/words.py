"""One word of a sentence turned round: not, an opposite, a direction, a quantifier, a word of a quotation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from eval.planting.sentences import PLAIN_WORDS, Change, Shelf, Span, Told, content, replaced, several


def _both_ways(pairs: str) -> dict[str, str]:
    split = [pair.split("/") for pair in pairs.split()]
    return {a: b for one in split for a, b in (one, one[::-1])}


POLARITY = _both_ways(
    "supported/opposed supports/opposes supporters/opponents legal/illegal legally/illegally lawful/unlawful possible/impossible"
    " successful/unsuccessful able/unable likely/unlikely safe/unsafe positive/negative strong/weak stronger/weaker rich/poor"
    " accepted/rejected approved/rejected includes/excludes included/excluded including/excluding success/failure"
    " advantage/disadvantage advantages/disadvantages agree/disagree agreed/disagreed guilty/innocent active/inactive"
    " direct/indirect directly/indirectly formal/informal ancient/modern large/small  good/bad best/worst common/rare"
    " commonly/rarely difficult/easy simple/complex permitted/forbidden allowed/forbidden encouraged/discouraged"
    " encourages/discourages necessary/unnecessary important/unimportant visible/invisible stable/unstable"
    " popular/unpopular victory/defeat ally/enemy allies/enemies friendly/hostile temporary/permanent temporarily/permanently"
    " domestic/foreign male/female similar/dissimilar effective/ineffective efficient/inefficient available/unavailable"
    " liquid/solid cheap/expensive wet/dry hot/cold optimistic/pessimistic voluntary/compulsory urban/rural equal/unequal"
    " dependent/independent complete/incomplete united/divided peaceful/violent healthy/unhealthy dangerous/harmless famous/obscure"
    " acceptable/unacceptable sufficient/insufficient winning/losing succeeded/failed private/public remembered/forgotten"
)
DIRECTION = _both_ways(
    "rose/fell increase/decrease increases/decreases increased/decreased increasing/decreasing rising/falling before/after"
    " north/south northern/southern east/west eastern/western northeast/southwest northwest/southeast northward/southward"
    " eastward/westward earlier/later higher/lower larger/smaller faster/slower longer/shorter older/younger above/below"
    " inside/outside growth/decline grew/shrank began/ended gained/lost gains/losses maximum/minimum upper/lower"
    " highest/lowest largest/smallest oldest/youngest longest/shortest fastest/slowest import/export imports/exports"
    " imported/exported upstream/downstream expanded/contracted wider/narrower better/worse heavier/lighter"
)
_NO_OPPOSITE = {
    "before": r"\b(?:never|ever|long|day|night|went|come|came|appear\w*|stand\w*|placed|brought) $",
    "after": r"\b(?:named|look\w*|sought|soon|shortly|day|year|time|one|called|long|came|right) $",
    "good": r"\b(?:as|a) $",
    "large": r"\bby and $|\bat $",
    "longer": r"\b(?:no|any) $",
    "best": r"\b(?:at|at its|the) $",
    "able": r"\bnot $",
    "gains": r"\bcapital $",
    "losses": r"\bcapital $",
}
_NOT_AFTER = {
    "better": r" known| than| put", "best": r" known", "before": r" (?:the court|it could|being)", "after": r" all\b", "public": r" school",
    "common": r" (?:law|sense|ground)", "united": r" ", "short": r" (?:for|of|term|story|film)", "hot": r" ",
    "similar": r" to", "foreign": r" (?:minister|policy|affairs|secretary)", "small": r" intestine", "large": r" intestine",
    "good": r" (?:as|deal)", "later": r" ", "began": r" (?:to|[a-z]+ing)\b",
    "above": r"(?! (?:the|a|\d|sea|average|zero|ground))", "below": r"(?! (?:the|a|\d|sea|average|zero|ground))", "earlier": r" ",
    "lower": r" ", "east": r" (?:of|to)?[A-Z]", "able": r" bod",
}  # fmt: skip
_HELD = re.compile(
    r"\b(?P<aux>is|are|was|were|will|would|can|could|should|must|has been|have been|had been|has|have|had)"
    r" (?P<next>(?:the|an?|in|at|by|from|based|[a-z]+(?:ed|en|own|ade|uilt|eld|ound|ent|ing|able|ible|al|ous|ive|ful))|be|have|[a-z]+e)\b"
)
_NO_NEGATION = re.compile(
    r"\b(?:not|no|never|nor|neither|none|without|if|whether|unless|only|some|few|several|many|most|any|all|each|every|either|both"
    r"|sometimes|often|although|though|cannot|hardly|rarely|but|one|other|others|so|there|like|same)\b|n['’]t\b",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?P<aux>is|are|was|were|has|have|had|will|would|could|should|must|do|does|did|can)"
    r"(?P<no> not|n['’]t|not) (?!only|just|necessarily|all|every|merely|simply|so|always|to\b|a single)"
)
_NEEDS_NOT = re.compile(
    r"\b(?:any|anything|anyone|yet|until|unless|either|nor|ever|but|anymore|rather|instead|alone|even|much)\b"
)
_PLURAL = r"[a-z]+(?<!ou)(?<!s)s\b(?! [a-z]+s\b)"
_COUNTED = (
    r"(?=(?:[$€£]?\d|two|three|four|five|six|seven|eight|nine|ten|half|a (?:hundred|thousand|million|third|quarter)))"
)
_QUANTIFIERS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?<![\w\-]){old}", re.IGNORECASE), new)
    for old, new in (
        (r"(?<!at )(?<!above )(?<!after )(?<!of )all (?:of )?"
         r"(?=(?:the|these|those|its|their) )(?!the (?:way|time|while|same))", "none of "),
        (rf"(?<!at )(?<!of )(?<!\bthe )all (?={_PLURAL})(?! (?:times|things|others))(?!things)", "no "),
        (r"some of (?=(?:the|these|those|its|their) [a-z]+s\b)", "all of "),
        (rf"some (?={_PLURAL})", "all "),
        (r"(?<!the )most of (?=the |these |those |its |their )", "few of "),
        (r"(?<!the )(?<!of )(?<!s )(?<!ly )most "
         r"(?=(?:people|countries|states|schools|[a-z]+(?:ers|ors|ists|ments|ions|ies|ans))\b)", "few "),
        (rf"(?<!how )(?<!so )(?<!as )(?<!the )(?<!too )(?<!great )many (?=(?:of the|people|{_PLURAL}))", "few "),
        (r"none of (?=the |these |those |its |their )", "all of "),
        (rf"(?<!no )(?<!one )more than {_COUNTED}", "less than "),
        (rf"(?<!no )(?<!one )(?:less|fewer) than {_COUNTED}", "more than "),
        (rf"at least {_COUNTED}", "at most "),
        (rf"at most {_COUNTED}", "at least "),
        (r"(?<!not )(?<!n't )(?<!almost )(?<!nearly )always (?!been the)", "never "),
        (r"never ", "always "),
        (r"(?<!not )(?<!more )(?<!most )(?<!how )(?<!as )(?:often|usually|frequently|typically) (?!than|as)", "never "),
        (r"(?<!the vast )(?<!vast )(?<!large )(?<!overwhelming )majority of ", "minority of "),
        (r"(?:nearly|almost) all (?:of )?(?=the |[a-z]+s\b)", "hardly any of "),
    )
)  # fmt: skip
_SUFFIX = re.compile(r"(?:ing|tion|sion|ment|ness|ity|ists?|ers?|ors?|ies|ance|ence|s)$")


def other_negation(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A "not" that stands is taken away, or one is put after the first auxiliary verb."""
    del shelf, random
    sentence = told.sentence
    for m in _NOT.finditer(sentence):
        if not _NEEDS_NOT.search(sentence[m.end() :]) and not sentence[m.end() :].startswith(("been able to",)):
            aux = m["aux"]
            return several(sentence, [(m.start(), m.end("no"), aux)])
    found = _HELD.search(sentence)
    if not found or _NO_NEGATION.search(sentence) or not _subject_only(sentence[: found.start()]):
        return None
    if found["aux"] in ("has", "have", "had") and not re.match(
        r"[a-z]+(?:ed|en|own|ade|uilt|eld|ound)$", found["next"]
    ):
        return None
    if found["aux"] in ("will", "would", "can", "could", "should", "must") and found["next"] in (
        "the",
        "a",
        "an",
        "in",
        "at",
        "by",
    ):
        return None
    first = found["aux"].split()[0]
    new = "cannot" if first == "can" else f"{first} not"
    return several(sentence, [(found.start(), found.start() + len(first), new)])


def _subject_only(before: str) -> bool:
    """Whether the verb that follows is the main one: nothing but a subject stands before it."""
    return len(before.split()) <= 9 and not re.search(
        r"\b(?:that|which|who|what|where|when|as|than|because|while|since|how|why|if|(?:longer|more|less|better) you)\b",
        before,
        re.I,
    )


def opposite(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A word that judges or describes becomes its opposite."""
    return _turned(told, shelf, random, POLARITY)


def other_direction(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """A rise becomes a fall, before becomes after, north becomes south."""
    return _turned(told, shelf, random, DIRECTION)


def _turned(told: Told, shelf: Shelf, random: Random, table: Mapping[str, str]) -> Change | None:
    sentence = told.sentence
    found = []
    for m in re.finditer(r"(?<![\w\-–'’])[a-z]+(?![\w\-–'’])|^[A-Z][a-z]+(?![\w\-–'’])", sentence):
        word = m[0].casefold()
        new = table.get(word)
        if (
            new is None
            or re.search(rf"\b{new}\b", sentence, re.IGNORECASE)
            or len(re.findall(rf"\b{word}\b", sentence, re.I)) > 1
        ):
            continue
        if (stop := _NO_OPPOSITE.get(word)) and re.search(stop, sentence[: m.start()]):
            continue
        if (stop := _NOT_AFTER.get(word)) and re.match(stop, sentence[m.end() :]):
            continue
        if not re.search(
            r"\b(?:and|or|as|not|n['’]t|more|less|most|either)(?: be| been| being)? $", sentence[: m.start()]
        ) and not re.match(r" (?:and|or|as|enough)\b", sentence[m.end() :]):
            found.append((m.span(), new))
    if not found:
        return None
    (start, end), new = random.choice(found)
    change = replaced(sentence, start, end, new)
    return None if change.claim in shelf.texts[told.of.id].text else change


def other_quantifier(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """All becomes none, at least becomes at most, always becomes never; never to what the sentence implies."""
    del shelf
    sentence = told.sentence
    if re.search(r"\b[Ii]f\b", sentence):
        return None
    found = [(m, new) for pattern, new in _QUANTIFIERS for m in pattern.finditer(sentence)]
    found = [
        (m, new) for m, new in found if not re.search(rf"\b{new.strip()}\b|n['’]t |\bnot ", sentence, re.IGNORECASE)
    ]
    if not found:
        return None
    m, new = random.choice(found)
    if m[0][0].isupper():
        new = new[0].upper() + new[1:]
    return several(sentence, [(m.start(), m.end() - 1, new.rstrip())])


def other_quoted_word(told: Told, shelf: Shelf, random: Random) -> Change | None:
    """One word of somebody's own words becomes another of the same form; the article itself is quoted where nobody is."""
    long = [(a, b) for a, b in told.quotes if len(told.sentence[a:b].split()) >= 3]
    if not long:
        if told.quotes or '"' in told.sentence or "“" in told.sentence or random.random() < 0.8:
            return None
        change = _word_changed(told, shelf, random, (0, len(told.sentence)))
        lead = 'The article says: "'
        if change is None:
            return None
        return Change(f'{lead}{change.claim}"', tuple((a + len(lead), b + len(lead)) for a, b in change.changed))
    return _word_changed(told, shelf, random, random.choice(long))


def _word_changed(told: Told, shelf: Shelf, random: Random, span: Span) -> Change | None:
    slots = [s for s in _slots(told.sentence) if span[0] <= s[0] and s[1] <= span[1]]
    random.shuffle(slots)
    here = [t.sentence[a:b] for t in shelf.told[told.of.id] for a, b in _slots(t.sentence)]
    other = shelf.told[random.choice(sorted(shelf.told))]
    away = [t.sentence[a:b] for t in other for a, b in _slots(t.sentence)]
    held = content(told.sentence)
    for start, end in slots:
        old = told.sentence[start:end]
        for pool in (here, away):
            fits = sorted(
                {w for w in pool if _form(w) == _form(old) and not {w.casefold()[:6], w.casefold()[:4]} & held}
            )
            if fits:
                return replaced(told.sentence, start, end, random.choice(fits))
    return None


def _slots(sentence: str) -> list[Span]:
    """Nouns by their place: after an article or "of", before a plain word or a stop."""
    pattern = r"\b(?:[Tt]he|[Aa]n?|of|its|their|his|her|our) ([a-z]{4,})"
    pattern += r"(?=[,.;:]| (?:of|in|and|to|for|is|was|are|were|on|by|from|with|at)\b)"
    return [
        m.span(1) for m in re.finditer(pattern, sentence) if m[1] not in PLAIN_WORDS and not m[1].endswith(("ed", "ly"))
    ]


def _form(word: str) -> str:
    suffix = _SUFFIX.search(word)
    return suffix[0][-3:] if suffix else ""
