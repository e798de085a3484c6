"""Whose words a sentence holds. Every text here is invented."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.speakers.of_sentence import speaker_of
from assistant.speakers.quotations import AFTER, BEFORE, LONGEST, page_around

SPOKEN = [
    ("[The harbour will close in May, said Ann Lee, a pilot.]", "Ann Lee"),
    ('["The harbour will close in May," said Ann Lee.]', "Ann Lee"),
    ('["The harbour will close," said harbour master Tom Orr, who runs the port.]', "Tom Orr"),
    ("[“The harbour will close in May,” Ann Lee said on Tuesday.]", "Ann Lee"),
    ("[‘The harbour won’t close in May,’ said Ann Lee.]", "Ann Lee"),
    ("['The pilots' pay hasn't risen since May,' said Ann Lee.]", "Ann Lee"),
    ("[Ann Lee said that the harbour would close.]", "Ann Lee"),
    ("[Ann Lee said the harbour would close.]", "Ann Lee"),
    ("[Ann Lee, a researcher at the University of Orr, told Reuters the eel was nearly gone.]", "Ann Lee"),
    ("[Last week Ann Lee, who runs the port, warned that the eel was nearly gone.]", "Ann Lee"),
    ("[The port's chief executive, Ann Lee, said eels were rare.]", "Ann Lee"),
    ("[Dr. Ann Lee, 54, told the inquiry that eels were rare.]", "Ann Lee"),
    ("[According to Ann Lee, the eel is nearly gone.]", "Ann Lee"),
    ("[The eel is nearly gone, according to Ann Lee, a pilot.]", "Ann Lee"),
    ("[The eel is nearly gone, according to a report by Oceanwatch.]", "Oceanwatch"),
    ("[According to figures published by the Ministry of Fisheries, catches fell by 4%.]", "Ministry of Fisheries"),
    ("[Catches fell by 4%, according to officials.]", "officials"),
    ("[Catches will fall further, Lee argues.]", "Lee"),
    ("[Catches, she argues, will fall further.] Ann Lee is a pilot.", None),
    ("[Oceanwatch's report found that catches had fallen.]", "Oceanwatch"),
    ("[A study by Oceanwatch found that catches had fallen.]", "Oceanwatch"),
    ("[A new survey found that catches had fallen.]", "A new survey"),
    ("[Ann Lee tweeted that the eels were back.]", "Ann Lee"),
    ("[In Ann Lee's view, the eels will never return.]", "Ann Lee"),
    ("[In the words of Ann Lee, the eels are lost.]", "Ann Lee"),
    ("[The ministry said the harbour would close.]", "The ministry"),
    ("[The harbour will close, the ministry said.]", "the ministry"),
    ("[The harbour will close, officials said.]", "officials"),
    ("[Security officials believe the boat was stolen.]", "Security officials"),
    ("[Police have warned that the ice is thin.]", "Police"),
    ("[Critics say the ice is thin.]", "Critics"),
    ("[A spokesman for the port confirmed that the crane fell.]", "A spokesman for the port"),
    ("[The crane fell at noon, said a spokeswoman for the port.]", "a spokeswoman for the port"),
    ("[Three people were hurt, the Daily Harbour newspaper reported.]", "the Daily Harbour newspaper"),
    ("[Orrville Bank announced on Monday that it would shut 20 branches.]", "Orrville Bank"),
    ("[Ann Lee has denied that she took the money.]", "Ann Lee"),
    ("[Lee noted on the call that catches had fallen.]", "Lee"),
    ("[The eel was quoted less often, Lee claimed.]", "Lee"),
    ("[Ann Lee was quoted as saying that eels were rare.]", "Ann Lee"),
    ("[The paper quoted Ann Lee as saying that eels were rare.]", "Ann Lee"),
    ("[In a statement, the Port Authority said the crane was safe.]", "Port Authority"),
    ("[The minister called the plan “a gift to smugglers”.]", "The minister"),
    ('["Why did the crane fall?" asked Ann Lee.]', "Ann Lee"),
    ('[Ann Lee was blunt: "The crane was never safe."]', "Ann Lee"),
    ('["The crane was never safe" - Ann Lee, engineer]', "Ann Lee"),
    ("[The port cut 40 jobs, with a manager saying trade had collapsed.]", "a manager"),
    ("[Tom Orr and Ann Lee say the crane was safe.]", "Tom Orr and Ann Lee"),
    ("[Lee does not believe the crane was safe.]", "Lee"),
    ("[While the port was busy, Lee said, the crane was not.]", "Lee"),
    ("[U.S. Senator Ann Lee said the crane was safe.]", "Ann Lee"),
    ("[Secretary of Fisheries Ann Lee said the crane was safe.]", "Ann Lee"),
    ("[Tom Orr, a pilot, praised the crew and added that the crane was safe.]", "Tom Orr"),
    ("[“It is safe” if we look at the crane Lee said on Tuesday.]", "Lee"),
    ("[Vocalist Ann Lee said the crane was safe.]", "Ann Lee"),
    ("[British writer and singer Ann Lee said the crane was safe.]", "Ann Lee"),
    ("[Parents and teachers say the crane was safe.]", "Parents and teachers"),
    ("[The catch, Ms. Lee insisted, had been legal.]", "Lee"),
]
"""The sentence between brackets, and who speaks in it."""

AROUND = [
    ('"It was dark," Ann Lee said. ["We saw nothing.]"', "Ann Lee"),
    ('"It was dark," Ann Lee said. "We saw nothing. [Nobody did.]"', "Ann Lee"),
    ('["It was dark.] We saw nothing," Ann Lee said.', "Ann Lee"),
    ('"It was dark. [We saw nothing.] Nobody did," said Ann Lee, a pilot.', "Ann Lee"),
    ("Ann Lee said it was dark.\n\n[“We saw nothing.]\n\n“Nobody did.”", "Ann Lee"),
    ("Ann Lee said: “It was dark.\n\n“We saw nothing.\n\n[“Nobody did.”]", "Ann Lee"),
    ("Ann Lee told the court it was dark. [She added that nobody saw the boat.]", "Ann Lee"),
    ("Ann Lee told the court it was dark. The boat sank. [Nobody saw it, she said.]", "Ann Lee"),
    ("Ann Lee steered the boat that night. [“Nobody saw us,” she said.]", "Ann Lee"),
    ("Tom Orr said it was light. Ann Lee said it was dark. [She added that it rained.]", "Ann Lee"),
    ("The ministry said the harbour would close. [It added that ferries would be moved.]", "The ministry"),
    ("The Port Authority shut the crane. [It said the crane was old.]", "Port Authority"),
    ("Harbour pilots walked out. [They said the crane was old.]", "Harbour pilots"),
    ("Ann Lee said it was dark. The Port Authority said it was light. [She added that it rained.]", "Ann Lee"),
    ("Ann Lee and other pilots say it was dark. [She added that it rained.]", "Ann Lee"),
    ("Ann Lee sank the boat in Oslo. Lee swam. [It was dark, Lee said.]", "Ann Lee"),
    ("Orr moved to Oslo. He swam. [He said it was dark.]", None),
    ("Actress Ann Lee sank the boat. [Lee said it was dark.]", "Ann Lee"),
    ("The plan, which Mayor Ann Lee laid out, is bold. [It will, she says, succeed.]", "Ann Lee"),
    ("Mayor of Orrville Ann Lee sank the boat. [Lee said it was dark.]", "Ann Lee"),
    ("Residents said the harbour smelt. [They complained that nobody came.]", "Residents"),
    ("Ann Lee, an analyst at Orr Bank, was in the room. [Shares will fall, according to the analyst.]", "Ann Lee"),
    ("Shares fell. The analyst Ann Lee was in the room. [Shares will rise, the analyst said.]", "Ann Lee"),
    ("Ann Lee sank the boat. Nobody was hurt. [Lee said it was dark.]", "Ann Lee"),
    ("President Ann Lee sank the boat. Nobody was hurt. [It was dark, said President Lee.]", "Ann Lee"),
    ('Lee shook her head. Ann Lee sat down. ["We saw nothing at all."]', "Ann Lee"),
    ("[“It was dark.”]\n\n“We saw nothing,” said Ann Lee.", "Ann Lee"),
]

UNSPOKEN = [
    "[Ann Lee steered the boat into the harbour.]",
    "[Ann Lee met Tom Orr on Tuesday.]",
    "[The eel is said to be nearly gone.]",
    "[It is said that the eel is nearly gone.]",
    "[The eel, said to be nearly gone, was seen in May.]",
    "[That said, the eel is nearly gone.]",
    "[Has the ministry said that the harbour will close?]",
    "[Ann Lee asked whether the harbour would close.]",
    "[Ann Lee did not say whether the harbour would close.]",
    "[Ann Lee declined to say more.]",
    "[The ministry could not say who owned the boat.]",
    "[The storm claimed 20 lives.]",
    "[No group has claimed responsibility for the fire.]",
    "[The captain told them to leave the boat.]",
    "[The boat is believed to have sunk.]",
    "[Catches are expected to fall.]",
    "[Profits beat Wall Street estimates by a cent.]",
    "[The firm added 300 jobs in May.]",
    "[Spot copper added 0.3% in the morning.]",
    "[Police found a boat in the reeds.]",
    "[The film “Dark Water” opens in May.]",
    "[“Dark Water” is the best film that the harbour has ever seen, and it opens in May.]",
    "[The so-called “eel king” was jailed for nine years.]",
    "[After Ann Lee said she would leave, shares fell.]",
    "[Shares fell more than analysts had expected.]",
    "[Three boats were reported missing.]",
    "[The man accused of the theft walked out.]",
    "[Lee agreed to pay the fine.]",
    "[Lee said nothing.]",
    "[Lee has been on air for years, calling games on the radio.]",
    "[Following the storm the port shut, saying goodbye to trade.]",
    "[The team maintained its lead.]",
    "[Lee's claim that the crane was safe was rejected.]",
    "[LAWMAKERS VISIT THE HARBOUR: 'SHUT IT']",
    "[The BBC has learned that the crane was old.]",
    "[The soldiers feared an attack.]",
    "Ann Lee said it was dark. [The boat sank at noon.]",
    '"It was dark," Ann Lee said. [The boat sank at noon.]',
    "[Das Boot sei gesunken, sagte Anna Lee.]",
    "[The ministry, which said nothing for a week, closed the harbour.]",
    "[She said the harbour would close.]",
    "[Nobody said the harbour would close.]",
]


def heard(marked: str) -> str | None:
    start = marked.index("[")
    end = marked.index("]") - 1
    text = marked.replace("[", "").replace("]", "")
    found = speaker_of(text, start, end)
    assert found is None or text[found.start : found.end] == found.name
    return found.name if found else None


@pytest.mark.parametrize(("marked", "name"), SPOKEN)
def test_a_sentence_names_its_speaker(marked: str, name: str | None) -> None:
    assert heard(marked) == name


@pytest.mark.parametrize(("marked", "name"), AROUND)
def test_a_speaker_is_named_around_the_sentence(marked: str, name: str | None) -> None:
    assert heard(marked) == name


@pytest.mark.parametrize("marked", UNSPOKEN)
def test_the_papers_own_voice_has_no_speaker(marked: str) -> None:
    assert heard(marked) is None


def test_the_fuller_name_is_the_one_that_stands_earlier() -> None:
    text = "Ann Lee sank the boat. Lee said it was dark. Ann Lee left."
    found = speaker_of(text, 23, 44)
    assert found is not None
    assert (found.start, found.end) == (0, 7)


def test_nothing_before_the_body_is_looked_at() -> None:
    text = "Ann Lee said it was dark.\n\n“We saw nothing.”"
    assert speaker_of(text, 27, len(text)) is not None
    assert speaker_of(text, 27, len(text), body_start=27) is None


@pytest.mark.parametrize(("start", "end"), [(0, 26), (-1, 25), (5, 5), (9, 3), (25, 26)])
def test_a_span_that_is_no_sentence_of_the_text_has_no_speaker(start: int, end: int) -> None:
    assert speaker_of("Ann Lee said it was dark.", start, end) is None


def test_only_the_surroundings_of_a_sentence_are_looked_at() -> None:
    text = "The boat sank. " * 5000
    page = page_around(text, 30_000, 30_014)
    assert (page.start, page.end) == (30_000 - BEFORE, 30_014 + AFTER)
    assert page_around(text, 0, len(text)).cited == (0, LONGEST)


PIECES = st.sampled_from(
    ["Ann Lee", " said", ",", ".", " ", "\n\n", '"', "“", "”", "‘", "’", "'", " he", " she added", " according to", "(", ")", " the",
     " told", ":", "?", " who", " report", " by", "’s", "--", "—", " of", " and", "🚢", " \u0301", "\u200b", " Dr.", " in", " view", "3"]
)  # fmt: skip


@given(
    st.one_of(st.text(), st.lists(PIECES).map("".join)), st.integers(-3, 80), st.integers(-3, 80), st.integers(-3, 80)
)
@example("according to", 0, 12, 0)
@example('"', 0, 1, 0)
def test_a_speaker_is_a_slice_of_any_text(text: str, start: int, end: int, body_start: int) -> None:
    found = speaker_of(text, start, end, body_start)
    if found:
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.name


@pytest.mark.parametrize(
    "piece",
    ["said, ", '"', "' ", "A. ", "Lee ", "(", "Ann Lee said ", "and the ", ", who said", "word ", "\n", "-- ", "’s "],
)
def test_time_does_not_grow_with_the_text(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    started = time.perf_counter()
    speaker_of(text, 0, len(text))
    speaker_of(text, len(text) // 2, len(text) // 2 + 120)
    assert time.perf_counter() - started < 2


def test_a_speaker_costs_little_in_a_long_article() -> None:
    story = "“It was dark,” Ann Lee, who runs the port, told the BBC. “We saw nothing.” The boat sank in May, officials said.\n\n"
    text = story * 450
    times = []
    for place in range(20_000, 30_000, 500):
        start = text.index("“We", place)
        started = time.perf_counter()
        assert speaker_of(text, start, start + 17) is not None
        times.append(time.perf_counter() - started)
    assert sorted(times)[len(times) // 2] < 0.01
