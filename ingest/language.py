"""Which language a text is in, where that can be told, and whether the weights know it.

py3langid (naive Bayes over bytes, BSD licence, no network) tells languages apart. It is right about nearly every question,
but English ones that are full of foreign names mislead it, so a text with enough words that only English has is English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LANGUAGES = dict(
    entry.split("=")
    for entry in (
        "af=Afrikaans am=Amharic ar=Arabic az=Azerbaijani be=Belarusian bg=Bulgarian bn=Bengali bs=Bosnian ca=Catalan cs=Czech"
        " cy=Welsh da=Danish de=German el=Greek en=English es=Spanish et=Estonian eu=Basque fa=Persian fi=Finnish fr=French"
        " ga=Irish gl=Galician gu=Gujarati ha=Hausa he=Hebrew hi=Hindi hr=Croatian hu=Hungarian hy=Armenian id=Indonesian ig=Igbo"
        " is=Icelandic it=Italian ja=Japanese ka=Georgian kk=Kazakh km=Khmer kn=Kannada ko=Korean ku=Kurdish ky=Kyrgyz lo=Lao"
        " lt=Lithuanian lv=Latvian mg=Malagasy mk=Macedonian ml=Malayalam mn=Mongolian mr=Marathi ms=Malay mt=Maltese my=Burmese"
        " ne=Nepali nl=Dutch no=Norwegian pa=Punjabi pl=Polish ps=Pashto pt=Portuguese ro=Romanian ru=Russian rw=Kinyarwanda"
        " si=Sinhala sk=Slovak sl=Slovenian so=Somali sq=Albanian sr=Serbian sv=Swedish sw=Swahili ta=Tamil te=Telugu tg=Tajik"
        " th=Thai tl=Tagalog tr=Turkish tt=Tatar ug=Uyghur uk=Ukrainian ur=Urdu uz=Uzbek vi=Vietnamese yo=Yoruba zh=Chinese"
        " zu=Zulu"
    ).split()
)
"""The languages that are told apart, by their ISO 639-1 code."""

READ = 1500
"""Characters of a text that are looked at."""
_ONLY_ENGLISH = frozenset(
    "about again and because been before being between both but could did does doing during each every from had have having he"
    " here how his if into its itself many might more much my not off only other our out own please shall she should some such"
    " tell that the their them then there these they this those through until up upon very were what when where which while who"
    " whom whose why with would you your of are".split()
)
_ENGLISH_SHARE = 1 / 12
"""One word of twelve from the list above makes a text English: every prose has more, and most questions have one in six."""
_SURE = 0.4
_TIMES = 10.0
"""For Latin letters: how probable the language must be, and how many times as probable as any that is known. Of 7,388
English questions of two public sets (SQuAD 2.0 and Natural Questions) none passed, of the same without their function words
37, of 1,308 titles 8; of 84 questions in 17 other languages with Latin letters 82 did, and all 45 in 18 with others."""
_WORD = re.compile(r"[^\W\d_]+")


def foreign(text: str, known: Sequence[str]) -> str | None:
    """The name of the language that a text seems to be in, when that is none of those known.

    Args:
        text: Any text; its first `READ` characters are looked at.
        known: ISO 639-1 codes out of `LANGUAGES`; when there are none, nothing is foreign.

    Returns:
        A name such as "German", or "another language" when only the script is sure; None when the language is known, or
        cannot be told.
    """
    words = _WORD.findall(text[:READ].lower())
    if not known or not words or ("en" in known and _plainly_english(words)):
        return None
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for word in words for c in word) * 2 > sum(map(len, words))
    ranked = _identifier().rank(text[:READ].lower())
    language, likely = ranked[0]
    if language in known or (latin and len(words) < 3):
        return None
    best_known = max((p for code, p in ranked if code in known), default=0.0)
    if latin and (likely < _SURE or likely < _TIMES * best_known):
        return None
    return LANGUAGES[language] if likely >= _SURE else "another language"


def foreign_article(stated: str | None, text: str, known: Sequence[str]) -> str | None:
    """The same for an article: its stated language counts (``de``, ``de-AT`` or ``German``), else its text is looked at."""
    if stated and known:
        spelt = stated.strip().casefold()
        for code, name in LANGUAGES.items():
            if code == re.split(r"[-_]", spelt)[0] or name.casefold() == spelt:
                return None if code in known else name
    return foreign(text, known)


def spoken(known: Sequence[str]) -> str:
    """The names of languages as one text: "English", "English and German"."""
    names = [LANGUAGES[code] for code in known]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def articles_note(found: Mapping[str, int], known: Sequence[str]) -> str:
    """What a report says of articles in languages that the model does not know, with the remedy.

    Args:
        found: How many articles there are, by the name of their language.
        known: What the model knows, as codes out of `LANGUAGES`.
    """
    count = sum(found.values())
    by_number = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return (
        f"{count} article{' seems' if count == 1 else 's seem'} not to be in {spoken(known)}, which is what the model knows:"
        f" {', '.join(f'{number} in {language}' for language, number in by_number)}. Their sentences are quoted exactly, but"
        " many will not be found. Set ingest.model to the folder of a multilingual sentence-transformers model and"
        " ingest.languages to what it knows, then run: onrecord rebuild"
    )


def question_note(question: str, passages: Sequence[str], known: Sequence[str]) -> str | None:
    """What a reader is told when the question, or most of the passages found, are in a language that is not known."""
    asked = foreign(question, known)
    languages = Counter(foreign(text, known) for text in passages)
    found, number = languages.most_common(1)[0] if languages else (None, 0)
    found = found if 2 * number > len(passages) else None
    if not asked and not found:
        return None
    if not asked or not found:
        what = f"This question seems to be in {asked}" if asked else f"Most of what was found seems to be in {found}"
    elif asked == found:
        what = f"This question, and most of what was found, seems to be in {asked}"
    else:
        what = f"This question seems to be in {asked}, and most of what was found in {found}"
    return f"{what}; the model here knows {spoken(known)}, so passages may be missed."


def _plainly_english(words: Sequence[str]) -> bool:
    return sum(word in _ONLY_ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)


@cache
def _identifier() -> LanguageIdentifier:
    # Late, because the model takes a quarter of a second to unpack, and plain English never needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier
