"""Languages that the weights do not know are noticed, and plain English never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import StartPython
from fakes import HashEncoder
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant, Settings
from assistant.settings import ReadingSettings
from ingest.archive import Archive
from ingest.errors import SettingsError
from ingest.language import LANGUAGES, foreign, foreign_article, question_note
from ingest.loading import Article, shipped_corpus
from ingest.pipeline import ingest, rebuild
from ingest.settings import IngestSettings

QUESTIONS = Path(__file__).resolve().parent.parent / "eval" / "datasets" / "article" / "questions.jsonl"
GERMAN = "Die alte Brücke über den Fluss wurde am Montag gesperrt, nachdem Ingenieure Risse in zwei Pfeilern gefunden hatten."
FRENCH = "Le vieux pont a été fermé lundi, après que des ingénieurs ont trouvé des fissures dans deux de ses piliers."
ENGLISH = "The old bridge over the river was closed on Monday, after engineers found cracks in two of its pillars."


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wer hat das Taliban-Regime anerkannt?", "German"),
        ("wie viele menschen starben bei dem angriff", "German"),
        ("Was sagte der Minister?", "German"),
        ("Combien de personnes ont été tuées dans l'attaque ?", "French"),
        ("Qui a écrit cet article ?", "French"),
        ("¿Cuántas personas murieron en el ataque?", "Spanish"),
        ("cuando se construyo el puente", "Spanish"),
        ("Quem escreveu este artigo?", "Portuguese"),
        ("Chi ha scritto questo articolo?", "Italian"),
        ("Wie heeft dit artikel geschreven?", "Dutch"),
        ("Köprü ne zaman yapıldı?", "Turkish"),
        ("Kto napisał ten artykuł?", "Polish"),
        ("Berapa orang yang tewas dalam serangan itu?", "Indonesian"),
        ("یہ مضمون کس نے لکھا؟", "Urdu"),
        ("من كتب هذا المقال؟", "Arabic"),
        ("Кто написал эту статью?", "Russian"),
        ("这篇文章是谁写的？", "Chinese"),
        ("この記事を書いたのは誰ですか？", "Japanese"),
        ("이 기사는 누가 썼습니까?", "Korean"),
        ("हमले में कितने लोग मारे गए?", "Hindi"),
        ("Ποιος έγραψε αυτό το άρθρο;", "Greek"),
    ],
)
def test_a_question_in_another_language_is_noticed(question: str, language: str) -> None:
    assert foreign(question, ("en",)) == language
    code = next(code for code, name in LANGUAGES.items() if name == language)
    assert foreign(question, ("en", code)) is None


@pytest.mark.parametrize(
    "question",
    [
        "Who was Frédéric Chopin?",
        "when did kublai attack xiangyang",
        "What ends near the Millingen aan de Rijn?",
        "who spoke the words ich bin ein berliner",
        "where is dia de los muertos celebrated in mexico",
        "WHO WROTE LES MISÉRABLES?",
        "dynasty came Yuan",
        "percy jackson olympians filmed",
        "Zygmunt Olszewski",
        "chopin",
        "2,640 km",
        "",
        "?!",
        "🚢 🚢",
    ],
)
def test_english_with_foreign_names_is_english(question: str) -> None:
    assert foreign(question, ("en",)) is None


def test_of_the_gold_questions_those_in_another_language_seem_foreign_and_no_others() -> None:
    asked = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    other = [sample["question"] for sample in asked if "other-language" in sample["tags"]]
    english = [sample["question"] for sample in asked if "other-language" not in sample["tags"]]
    assert len(english) > 150
    assert [
        q for question in english for q in (question, question.lower(), question.upper()) if foreign(q, ("en",))
    ] == []
    assert len(other) > 10
    assert all(foreign(question, ("en",)) for question in other)


def test_where_no_language_is_known_none_is_foreign() -> None:
    assert foreign(GERMAN, ()) is None
    assert foreign_article("de", GERMAN, ()) is None


def test_english_is_foreign_to_a_model_of_another_language() -> None:
    assert foreign(ENGLISH, ("de",)) == "English"
    assert foreign(GERMAN, ("de",)) is None


@given(st.text(), st.sampled_from([(), ("en",), ("de", "ur")]))
def test_any_text_is_foreign_or_not(text: str, known: tuple[str, ...]) -> None:
    assert foreign(text, known) in {None, "another language", *LANGUAGES.values()}


@pytest.mark.parametrize(
    ("stated", "text", "language"),
    [
        ("en", GERMAN, None),
        ("en-GB", GERMAN, None),
        ("English", GERMAN, None),
        ("de", ENGLISH, "German"),
        ("de_AT", ENGLISH, "German"),
        ("german", ENGLISH, "German"),
        ("", GERMAN, "German"),
        (None, GERMAN, "German"),
        (None, ENGLISH, None),
        ("tlh", ENGLISH, None),
    ],
)
def test_the_stated_language_of_an_article_counts_before_its_text(
    stated: str | None, text: str, language: str | None
) -> None:
    assert foreign_article(stated, text, ("en",)) == language


def test_the_note_says_what_is_in_which_language() -> None:
    asked = "Wer hat die alte Brücke gesperrt?"
    rest = "; the model here knows English, so passages may be missed."
    assert question_note(asked, [ENGLISH], ("en",)) == "This question seems to be in German" + rest
    assert question_note("Who closed the bridge?", [GERMAN, GERMAN, ENGLISH], ("en",)) == (
        "Most of what was found seems to be in German" + rest
    )
    assert (
        question_note(asked, [GERMAN], ("en",))
        == "This question, and most of what was found, seems to be in German" + rest
    )
    assert question_note(asked, [FRENCH], ("en",)) == (
        "This question seems to be in German, and most of what was found in French" + rest
    )
    assert question_note("Who closed the bridge?", [GERMAN, ENGLISH], ("en",)) is None
    assert question_note("Who closed the bridge?", [], ("en",)) is None
    assert question_note("Qui a fermé le vieux pont ?", [], ("en", "de")) == (
        "This question seems to be in French; the model here knows English and German, so passages may be missed."
    )


# ---- taking articles in ------------------------------------------------------------------------------------------------

ARTICLES = [
    Article("bridge", ENGLISH),
    Article("bruecke", f"MONTAG, HANS MAIER\n{GERMAN}", body_start=19),
    Article("autre", "Le maire a payé.", language="fr"),
    Article("stated", ENGLISH, language="en"),
]


def test_a_report_counts_the_articles_that_the_weights_do_not_know(tmp_path: Path, encoder: HashEncoder) -> None:
    report = ingest(tmp_path, ARTICLES, IngestSettings())
    (note,) = report.to_json()["notes"]
    assert note.startswith(
        "2 articles seem not to be in English, which is what the model knows: 1 in French, 1 in German."
    )
    assert "ingest.model" in note
    assert "ingest.languages" in note
    assert ingest(tmp_path, ARTICLES, IngestSettings()).notes == []  # they were told of when they were taken in
    assert rebuild(tmp_path, IngestSettings()).notes == [note]


def test_no_language_is_stored_that_was_not_stated(tmp_path: Path, encoder: HashEncoder) -> None:
    ingest(tmp_path, ARTICLES, IngestSettings())
    archive = Archive(tmp_path)
    try:
        assert {info.article: info.language for info in archive.articles()} == {
            "bridge": None, "bruecke": None, "autre": "fr", "stated": "en",
        }  # fmt: skip
        assert {info.version for info in archive.articles()} == {article.version for article in ARTICLES}
    finally:
        archive.close()


@pytest.mark.parametrize(
    "settings",
    [
        IngestSettings(languages=("en", "de", "fr")),
        IngestSettings(languages=()),
        IngestSettings(model="other"),
    ],
)
def test_nothing_is_said_of_languages_that_are_known_or_not_stated(
    tmp_path: Path, encoder: HashEncoder, settings: IngestSettings
) -> None:
    assert ingest(tmp_path, ARTICLES, settings).notes == []


def test_the_languages_leave_the_index_as_it_is(tmp_path: Path, encoder: HashEncoder) -> None:
    ingest(tmp_path, ARTICLES, IngestSettings())
    assert ingest(tmp_path, ARTICLES, IngestSettings(languages=("de",))).unchanged == len(ARTICLES)


def test_the_languages_can_be_set_in_the_file_and_in_the_environment(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {}).ingest.known_languages == ("en",)
    assert Settings.load(tmp_path, {"ONRECORD_INGEST__LANGUAGES": "en, de"}).ingest.known_languages == ("en", "de")
    assert Settings.load(tmp_path, {"ONRECORD_INGEST__MODEL": "other"}).ingest.known_languages == ()
    (tmp_path / "settings.toml").write_text('[ingest]\nlanguages = ["ur"]\n', encoding="utf-8")
    assert Settings.load(tmp_path, {}).ingest.known_languages == ("ur",)


@pytest.mark.parametrize("value", ["english", "en,xx", "EN"])
def test_an_unknown_language_is_refused_by_name(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=r"ONRECORD_INGEST__LANGUAGES: '(?:english|xx|EN)' is none of") as error:
        Settings.load(tmp_path, {"ONRECORD_INGEST__LANGUAGES": value})
    assert "Value error" not in str(error.value)


# ---- asking ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def assistant(fake_models: HashEncoder, tmp_path: Path) -> Iterator[Assistant]:
    ingest(tmp_path, ARTICLES[:1], IngestSettings())
    with Assistant.open(tmp_path, Settings(reading=ReadingSettings(min_confidence=0))) as opened:
        yield opened


def test_an_answer_notes_the_language_of_its_question(assistant: Assistant) -> None:
    (note,) = assistant.answer("Wann wurde die alte Brücke gesperrt?").notes
    assert note.startswith("This question seems to be in German;")
    assert assistant.answer("When was the old bridge closed?").notes == ()


def test_an_answer_notes_the_language_of_what_was_found(assistant: Assistant, tmp_path: Path) -> None:
    ingest(tmp_path, [Article(f"b{n}", f"{GERMAN} Es waren {n} Risse.") for n in range(3)], IngestSettings())
    (note,) = assistant.answer("When was the old bridge closed?").notes
    assert note.startswith("Most of what was found seems to be in German;")


def test_plain_english_loads_no_model_of_languages(start_python: StartPython, tmp_path: Path) -> None:
    code = (
        "import sys; from ingest.language import foreign\n"
        "assert foreign(sys.argv[1], ('en',)) is None and 'py3langid' not in sys.modules\n"
        "assert foreign(sys.argv[2], ('en',)) and 'py3langid' in sys.modules"
    )
    text = next((shipped_corpus() / "articles").iterdir()).read_text(encoding="utf-8")
    assert start_python(code, text, GERMAN).wait(60) == 0
