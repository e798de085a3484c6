"""Forms of common English verbs: what "did" asks for, and which past form a participle has."""

from __future__ import annotations

_IRREGULAR = (
    "be was been|become became become|begin began begun|break broke broken|bring brought brought|build built built"
    "|buy bought bought|catch caught caught|choose chose chosen|come came come|cost cost cost|cut cut cut|deal dealt dealt"
    "|draw drew drawn|drive drove driven|eat ate eaten|fall fell fallen|fight fought fought|find found found|flee fled fled"
    "|fly flew flown|forbid forbade forbidden|get got got|give gave given|go went gone|grow grew grown|have had had"
    "|hide hid hidden|hit hit hit|hold held held|keep kept kept|know knew known|lay laid laid|lead led led|leave left left"
    "|lend lent lent|lose lost lost|make made made|meet met met|overthrow overthrew overthrown|pay paid paid|rise rose risen"
    "|run ran run|see saw seen|seek sought sought|sell sold sold|send sent sent|set set set|shoot shot shot|shut shut shut"
    "|shrink shrank shrunk"
    "|sink sank sunk|spend spent spent|spread spread spread|stand stood stood|steal stole stolen|strike struck struck"
    "|sue sued sued|swear swore sworn|take took taken|teach taught taught|throw threw thrown|undergo underwent undergone"
    "|win won won|withdraw withdrew withdrawn|write wrote written|die died died|lie lay lain|split split split"
    "|quit quit quit|put put put|let let let|arise arose arisen|drink drank drunk|hear heard heard|wear wore worn"
    "|speak spoke spoken|tell told told|say said said|think thought thought|feel felt felt|mean meant meant|read read read"
)
_REGULAR = (
    "abandon abolish absorb accept accompany accuse achieve acquire act add address adopt advance advise affect agree aim air"
    " allow amend announce appeal appear apply appoint approach approve argue arrest arrive ask assassinate assist attack"
    " attempt attend attract award back base beat belong block bomb borrow boycott broadcast burn call campaign capture carry"
    " cause cease celebrate change charge claim clash clear climb close collapse collect combine comment compare compete complain"
    " complete comprise conclude condemn conduct confirm connect conquer consider consist construct contain continue contribute"
    " convert convict cooperate cover crash create criticise criticize cross damage deal debut decide declare decline defeat"
    " defend delay deliver demand demolish deny deploy deport describe design destroy detain determine develop devote"
    " direct disappear discover discuss dismiss dissolve divide divorce donate double drift earn edit elect eliminate embrace"
    " emerge employ enable enact encounter encourage end endorse enforce engage enjoy enlarge enter erupt escape establish"
    " estimate evacuate evolve exceed exchange execute expand expect experience expire explain explode explore export express"
    " extend face fail feature file film finance fine finish fire flow focus follow force form forward found free fund gain"
    " gather generate govern graduate grant guarantee halt hand happen head help hire host house impose import improve include"
    " increase indicate inform inherit initiate injure inspect inspire install insure integrate introduce invade invent invest"
    " investigate invite involve issue join jump judge jump kick kidnap kill lack land last launch leak lease license lift limit"
    " link list live locate lock look lower maintain manage march mark market marry measure merge migrate miss modify monitor"
    " move murder name narrow need negotiate nominate note number obtain observe occupy offer open operate oppose order organise"
    " organize originate overturn own paint participate pass patent pause perform persuade pick place play please pledge plunge"
    " point poll possess post postpone practice praise predict prepare present preserve press prevent print produce prohibit promise"
    " promote propose prosecute protect protest prove provide publish pull purchase pursue push question raise rank reach"
    " rebuild recall receive recognise recognize recommend record recover recruit reduce reform refuse regain register regulate"
    " reject relate release relocate remain remember remove rename renew renovate reopen repair replace reply report represent"
    " request require rescue resign resist resolve respond restore restrict result resume retain retire return reveal reverse"
    " review revise ride rule sack salvage save schedule score seal seize select sentence separate serve settle share"
    " shell shift show sign slow smuggle soar solve sponsor stage start state stay stock store study submerge succeed suffer"
    " suggest supply support surrender surround survive suspend sweep target tax test tie tour trace track trade train travel"
    " treat trigger try turn uncover unite unveil upgrade urge use vaccinate value veto view violate visit volunteer vote"
    " vow walk want warn wash watch weaken welcome widen witness work wound yield"
)
_DOUBLED = (
    "admit ban bar commit compel control drop equip expel fit grab hijack occur permit plan plot prefer propel refer rob ship"
    " shop slip spot star step stop strip submit transfer trap trim"
)
_NOT_REGULAR = frozenset("deal beat broadcast ride sweep".split())
_NOUN_TOO = frozenset("lead split left set cut cost hit shot read lay saw felt found last spread put let run".split())


def _regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + "ed"


def _third_person(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


_FORMS = [form.split() for form in _IRREGULAR.split("|")]
_FORMS += [[base, _regular_past(base), _regular_past(base)] for base in _REGULAR.split() if base not in _NOT_REGULAR]
_FORMS += [[base, base + base[-1] + "ed", base + base[-1] + "ed"] for base in _DOUBLED.split() if base != "hijack"]
_FORMS += [[base, past, past] for base, past in (("hijack", "hijacked"), ("cancel", "cancelled"), ("cancel", "canceled"),
                                                 ("travel", "travelled"), ("show", "showed"))]  # fmt: skip
_BASE_OF_PAST = {past: base for base, past, _ in reversed(_FORMS)}
_PAST_OF_PARTICIPLE = {participle: past for _, past, participle in reversed(_FORMS)} | {"shown": "showed"}
_BASE_OF_PRESENT = {_third_person(base): base for base, _, _ in _FORMS} | {"has": "have"}

PLAIN = frozenset(base for base, _, _ in _FORMS)
"""The verbs that are known, in the form that "did" asks for."""


def base_of_past(word: str) -> str | None:
    """From "signed" to "sign"; None for what is no past form that is known."""
    return _BASE_OF_PAST.get(word)


def base_of_present(word: str) -> str | None:
    """From "signs" to "sign"; None for what is no such form that is known."""
    return _BASE_OF_PRESENT.get(word)


def past_of_participle(word: str) -> str | None:
    """From "written" to "wrote"; None for what is no participle that is known."""
    return _PAST_OF_PARTICIPLE.get(word)


def is_noun_too(word: str) -> bool:
    """Whether a past form is also a common noun or another verb's plain form, so that it may be no verb here."""
    return word in _NOUN_TOO
