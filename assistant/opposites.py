"""Words of opposite meaning, as news uses them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from assistant.terms import stem

OppositeKind = Literal["direction", "opposite"]

_DIRECTIONS = (
    ("rise rose risen rising increase increasing grow grew grown growth climb surge soar jump gain",
     "fall fell fallen falling decrease decreasing decline drop dropped shrink shrank plunge plummet slump"),
    ("enter entered join joined", "leave left quit withdraw withdrew"),
    ("arrive arrived", "depart departed"),
    ("first earliest", "last latest"),
    ("largest biggest greatest highest most", "smallest least lowest fewest"),
    ("north northern", "south southern"),
    ("east eastern", "west western"),
    ("larger bigger more", "smaller fewer less"),
)  # fmt: skip
_CONTRARIES = (
    ("tighten tougher stricter restrict", "loosen relax ease eased"),
    ("open opened reopen opening", "close closed closing shut"),
    ("win won winning", "lose lost losing"),
    ("accept accepted agree agreed", "reject rejected refuse refused decline"),
    ("allow allowed permit permitted legalise legalize", "ban banned forbid forbade forbidden prohibit outlaw"),
    ("support supported back backed endorse", "oppose opposed condemn condemned"),
    ("begin began begun start started launch launched", "end ended finish finished stop stopped halt halted"),
    ("confirm confirmed admit admitted", "deny denied"),
    ("approve approved", "veto vetoed block blocked reject rejected"),
    ("arrest arrested detain detained jail jailed", "release released free freed acquit acquitted"),
    ("succeed succeeded", "fail failed"),
    ("strengthen strengthened improve improved", "weaken weakened worsen worsened deteriorate"),
    ("hire hired appoint appointed", "fire fired dismiss dismissed sack sacked"),
    ("cheap cheaper", "expensive dearer costlier"),
)  # fmt: skip
# Opposites only where one stands in the place of the other: elsewhere both may be true, as of buyers and sellers.
_DIRECTIONS_IN_PLACE = (
    ("top", "bottom"),
    ("front", "back rear"),
    ("start beginning", "end ending"),
    ("previous previously preceding prior", "next subsequent subsequently following later"),
    ("since", "until"),
    ("incoming", "outgoing"),
    ("rapid", "slow"),
    ("near nearer closer", "far farther"),
    ("senior", "junior"),
    ("appreciate", "depreciate"),
    ("inflate", "deflate"),
    ("multiply", "divide"),
    ("double doubled", "halve halved"),
    ("upgrade upgraded", "downgrade downgraded"),
    ("upward upwards", "downward downwards"),
    ("clockwise", "counterclockwise anticlockwise"),
    ("uphill", "downhill"),
    ("peak", "trough low"),
    ("rise rose risen rising increase increasing grow grew grown growth climb surge soar jump gain expand expansion upward",
     "fall fell fallen falling decrease decreasing decline drop dropped shrink shrank plunge plummet slump contract downward"),
    ("up", "down"),
    ("above over", "below under"),
    ("before earlier", "after later"),
    ("northeast northeastern", "southwest southwestern"),
    ("northwest northwestern", "southeast southeastern"),
    ("high higher", "low lower"),
    ("highest", "lowest"),
    ("import imported", "export exported"),
    ("buy bought buyer purchase", "sell sold seller sale"),
    ("enter entered join joined arrive arrived", "leave left quit withdraw withdrew depart departed"),
    ("widen widened", "narrow narrowed"),
    ("accelerate accelerated faster", "decelerate slow slowed slower"),
    ("raise raised", "lower lowered cut"),
    ("upstream", "downstream"),
    ("inside within", "outside beyond"),
    ("into", "out"),
    ("left", "right"),
    ("longer", "shorter"),
    ("larger bigger more greater", "smaller fewer less"),
    ("early earliest first", "late latest last"),
    ("lengthen", "shorten"),
    ("ascend", "descend"),
    ("forward", "backward"),
    ("profit", "loss"),
    ("surplus", "deficit"),
    ("maximum", "minimum"),
    ("upper", "lower"),
    ("major majority", "minor minority"),
    ("inflow", "outflow"),
    ("ahead", "behind"),
    ("add added", "subtract subtracted remove removed"),
)  # fmt: skip
_CONTRARIES_IN_PLACE = (
    ("gain gained", "lose lost losing loss"),
    ("heavier", "lighter"),
    ("famous", "obscure unknown"),
    ("able", "unable"),
    ("legal lawful", "illegal unlawful"),
    ("accept accepted", "rejected"),
    ("friendly", "hostile"),
    ("stable", "volatile"),
    ("known", "unknown"),
    ("active", "inactive passive"),
    ("benefit", "harm cost"),
    ("broad", "narrow"),
    ("light", "dark"),
    ("clean", "dirty polluted"),
    ("healthy", "sick ill"),
    ("solid", "liquid gas"),
    ("free", "costly restricted"),
    ("major", "minor"),
    ("effective", "useless"),
    ("advance advanced", "retreat retreated"),
    ("hope hopeful", "fear despair"),
    ("winter", "summer"),
    ("day", "night"),
    ("husband", "wife"),
    ("father", "mother"),
    ("son brother uncle", "daughter sister aunt"),
    ("his him he himself", "her she herself"),
    ("democratic", "authoritarian"),
    ("liberal", "conservative"),
    ("demand", "supply"),
    ("cause", "cure"),
    ("hide hid hidden conceal", "reveal revealed show"),
    ("loud", "quiet"),
    ("tall", "short"),
    ("thick", "thin"),
    ("sharp", "dull"),
    ("rough", "smooth"),
    ("natural", "artificial"),
    ("local", "global national"),
    ("internal", "external"),
    ("individual", "collective"),
    ("formal", "informal"),
    ("relevant", "irrelevant"),
    ("win won winning winner victory", "lose lost losing loser defeat"),
    ("accept accepted agree agreed", "reject rejected refuse refused decline disagree disagreed"),
    ("allow allowed permit permitted legalise legalize", "ban banned forbid forbade forbidden prohibit outlaw prevent"),
    ("support supported back backed endorse favour favor", "oppose opposed condemn condemned against"),
    ("begin began begun start started launch launched", "end ended finish finished stop stopped halt halted cease"),
    ("approve approved", "veto vetoed block blocked reject rejected disapprove"),
    ("arrest arrested detain detained jail jailed imprison", "release released free freed acquit acquitted"),
    ("succeed succeeded success successful", "fail failed failure unsuccessful"),
    ("strong stronger", "weak weaker"),
    ("guilty", "innocent"),
    ("convict convicted", "acquit acquitted"),
    ("public", "private"),
    ("ally friend", "enemy foe rival"),
    ("peace peaceful", "war violent"),
    ("attack attacked", "defend defended"),
    ("praise praised", "criticise criticize criticised criticized blame"),
    ("create created build built", "destroy destroyed demolish demolished abolish"),
    ("remember", "forget forgot"),
    ("alive living survive survived", "dead died killed die"),
    ("born", "died"),
    ("male men man", "female women woman"),
    ("old older oldest", "young younger youngest new"),
    ("good better best positive", "bad worse worst negative"),
    ("easy easier", "difficult harder"),
    ("safe safer", "dangerous unsafe"),
    ("true", "false"),
    ("rich wealthy", "poor"),
    ("include included including", "exclude excluded excluding"),
    ("encourage encouraged", "discourage discouraged"),
    ("same similar", "different"),
    ("possible", "impossible"),
    ("temporary", "permanent"),
    ("domestic", "foreign"),
    ("urban", "rural"),
    ("civilian", "military"),
    ("optimistic", "pessimistic"),
    ("common", "rare"),
    ("full", "empty"),
    ("protect protected", "harm harmed endanger"),
    ("simple", "complex complicated"),
    ("hot warm warmer", "cold cool cooler"),
    ("wet", "dry"),
    ("ancient", "modern"),
    ("visible", "hidden invisible"),
    ("advantage", "disadvantage"),
    ("victim", "perpetrator"),
    ("teacher", "student pupil"),
    ("question", "answer"),
    ("love loved like liked", "hate hated dislike disliked"),
    ("present", "absent"),
    ("voluntary", "compulsory mandatory"),
    ("acquire acquired", "divest"),
    ("unite united", "divide divided"),
    ("long", "short"),
    ("big large", "small little"),
    ("heavy", "light"),
    ("wide", "narrow"),
    ("deep", "shallow"),
    ("rapid quick fast rapidly quickly", "slow slowly gradual gradually"),
    ("accurate", "inaccurate"),
    ("partly partially", "fully entirely completely wholly"),
    ("direct directly", "indirect indirectly"),
    ("always", "never"),
    ("often frequently", "rarely seldom"),
    ("everyone everybody", "nobody"),
    ("everything", "nothing"),
    ("with", "without"),
)  # fmt: skip
PREFIXES = frozenset(("un", "in", "im", "il", "ir", "dis", "non", "mis", "anti", "de"))
_SHORTEST_ROOT = 4


def _stemmed(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    return tuple((frozenset(map(stem, a.split())), frozenset(map(stem, b.split()))) for a, b in pairs)


SURE = _stemmed(_DIRECTIONS + _CONTRARIES)
"""Pairs of stems each of which excludes the other nearly wherever they stand."""
ANTONYMS = "weights/antonyms.tsv"
"""Pairs of WordNet, opposites only in place; `assistant/weights/antonyms.md` says how they were taken from it."""
_OF: dict[str, dict[str, OppositeKind]] = {}
_KINDS: tuple[tuple[OppositeKind, tuple[tuple[str, str], ...]], ...] = (
    ("direction", _DIRECTIONS + _DIRECTIONS_IN_PLACE),
    ("opposite", _CONTRARIES + _CONTRARIES_IN_PLACE),
)
for _kind, _pairs in _KINDS:
    for _one, _other in _stemmed(_pairs):
        for _here, _there in ((_one, _other), (_other, _one)):
            for _word in _here:
                _OF.setdefault(_word, {}).update(dict.fromkeys(_there, _kind))


@cache
def _antonyms() -> Mapping[str, frozenset[str]]:
    """For each stem the stems that WordNet holds to be its contrary."""
    found: dict[str, set[str]] = {}
    for line in files("assistant").joinpath(ANTONYMS).read_text(encoding="utf-8").splitlines():
        one, other = (side.split() for side in line.split("\t"))
        degrees = zip(_degrees(one[0]), _degrees(other[0]), strict=True)
        for a, b in ((one, other), *(((x,), (y,)) for x, y in degrees)):
            for here, there in ((a, b), (b, a)):
                for word in here:
                    found.setdefault(stem(word), set()).update(map(stem, there))
    return {word: frozenset(others) for word, others in found.items()}


def _degrees(word: str) -> tuple[str, str]:
    """What would be a word's comparative and superlative, were it a short adjective: longer, longest."""
    root = word[:-1] if word.endswith("e") else word[:-1] + "i" if word.endswith("y") else word
    if len(word) == 3 and word[-1] not in "aeiouwxy" and word[1] in "aeiou":
        root += word[-1]
    return root + "er", root + "est"


def opposite(word: str, among: Mapping[str, str]) -> tuple[str, OppositeKind] | None:
    """The one of some words that means the contrary of a word, and of which kind it is; None when none does.

    Words that differ by a prefix alone count: legal and illegal, likely and unlikely.

    Args:
        word: As it stands.
        among: Words as they stand, by their stems.
    """
    for other, kind in _OF.get(stem(word), {}).items():
        if other in among:
            return among[other], kind
    for other in _antonyms().get(stem(word), frozenset()):
        if other in among:
            return among[other], "opposite"
    here = word.lower()
    for spelt in among.values():
        there = spelt.lower()
        short, long = sorted((here, there), key=len)
        if len(short) >= _SHORTEST_ROOT and long.endswith(short) and long.removesuffix(short) in PREFIXES:
            return spelt, "opposite"
    return None
