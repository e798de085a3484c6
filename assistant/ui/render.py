"""An answer as HTML in which every character that came from outside is a letter, a digit or a character reference.

The HTML goes into gradio's Markdown component. `gr.HTML` would be the plainer home, but it compiles its template with
`new Function` in the browser and would force 'unsafe-eval' into the page's Content-Security-Policy. Markdown also
keeps the DOM of blocks that did not change; so a turn is a list of *blocks*, joined by blank lines, and a block
itself must hold no line break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from assistant.conversations import KeptTurn
from assistant.dates import spoken_date
from assistant.scope import scope_words
from assistant.types import ABSTAINED, Answer, Citation, Scope, Sentence

UNANSWERED = "This question could not be answered"
HEADINGS = {
    "not_stated": "Not in the articles",
    "nothing_found": "Nothing found in the articles",
    "false_premise": "The question takes something for granted",
}
VERDICTS = {
    "quoted": "Quoted",
    "supported": "Supported",
    "unsupported": "Not supported by the articles",
    "contradicted": "Contradicted by the articles",
}
WAITING = '<p class="waiting">'
"""How the block begins that is seen until the first sentence comes."""


def escape(text: str) -> str:
    """`text` without one character that HTML, Markdown or a template could act on.

    Stricter than `html.escape`: whatever is no letter, digit or space becomes a numeric reference, which the browser
    shows as the same character. So ``[x](javascript:..)``, ``{{this}}`` and a blank line stay what they are: text.
    """
    return "".join(c if c == " " or c.isalnum() else f"&#{ord(c)};" for c in text)


def join(blocks: Iterable[str], mark: str = "") -> str:
    """The blocks as one value for the Markdown component; with the mark of the view of the page that asked for them."""
    # The component knows a block again by its text and the line breaks behind it. The empty last block gives every
    # other one the same line breaks, so that a sentence is not drawn anew when the next one follows it.
    which = f' data-mark="{escape(mark)}"' if mark else ""
    return "\n\n".join([*blocks, f'<div class="end"{which}></div>'])


def question_block(question: str, chat: str = "", turn: int = 0) -> str:
    """The question as it was typed, and which turn it is."""
    which = f' data-chat="{escape(chat)}" data-turn="{turn}"' if chat else ""
    return f'<h2 class="question" dir="auto"{which}>{escape(question)}</h2>'


def scope_blocks(scope: Scope | None) -> list[str]:
    """What the question was limited to; nothing for all articles."""
    if not scope:
        return []
    return [f'<p class="searched scoped" dir="auto">Asked of: {escape(scope_words(scope))}</p>']


def stopped_blocks() -> list[str]:
    """What is seen of an answer that somebody stopped."""
    return ['<p class="searched stopped">You stopped this answer.</p>']


def turn_blocks(chat: str, turn: KeptTurn) -> list[str]:
    """A turn as it is kept: question, scope, what came of it, and what can be done with it."""
    head = [question_block(turn.question, chat, turn.number), *scope_blocks(turn.scope)]
    if turn.answer:
        body = answer_blocks(turn.answer)
    elif turn.state == "waiting":
        return [*head, waiting_block(loading=False)]
    else:
        body = [error_block(turn.error or "", heading="No answer" if turn.state == "stopped" else UNANSWERED)]
    return [*head, *body, tools_block(chat, turn.number, turn.state, turn.rating)]


def tools_block(chat: str, turn: int, state: str, rating: str | None = None) -> str:
    """What can be done with a turn that is over."""
    can = [("again", "Ask again", "Ask this question again"), ("edit", "Edit", "Edit this question and ask again")]
    if state == "answered":
        can.insert(0, ("copy", "Copy", "Copy this answer with its citations"))
    can.append(("link", "Link", "Copy a link to this conversation"))
    html = "".join(
        f'<button type="button" data-do="{do}" aria-label="{label}">{word}</button>' for do, word, label in can
    )
    if state == "answered":
        for do, word, label in (("up", "Good", "Good answer"), ("down", "Not good", "Not a good answer")):
            pressed = "true" if do == rating else "false"
            html += (
                f'<button type="button" data-do="{do}" aria-label="{label}" aria-pressed="{pressed}">{word}</button>'
            )
    which = f'data-chat="{escape(chat)}" data-turn="{turn}" data-state="{escape(state)}"'
    return f'<div class="tools" role="group" aria-label="This answer" {which}>{html}</div>'


def waiting_block(loading: bool) -> str:
    """What is seen until the first sentence comes; `loading` while the models are still being loaded."""
    words = "Loading the models, then searching the articles…" if loading else "Searching the articles…"
    return f'{WAITING}<span class="pulse"></span>{words}</p>'


def notice_block(text: str) -> str:
    """A short message beside the question box."""
    return f'<p class="notice" role="alert">{escape(text)}</p>'


def error_block(message: str, heading: str = UNANSWERED) -> str:
    """A card with the message, which ends in the remedy."""
    return f'<div class="card error" role="alert"><h3>{escape(heading)}</h3><p dir="auto">{escape(message)}</p></div>'


def empty_blocks() -> list[str]:
    """The invitation where there are no articles yet."""
    return [
        '<div class="welcome"><h2>There are no articles yet</h2>'
        "<p>Add text or Markdown files, and then ask them. They stay on this machine.</p>"
        '<div class="examples"><button type="button" class="example" data-do="library">Add articles</button></div></div>'
    ]


def welcome_blocks(examples: Sequence[str]) -> list[str]:
    """The invitation, and questions to start with as buttons."""
    buttons = "".join(
        f'<button type="button" class="example" data-question="{escape(q)}" dir="auto">{escape(q)}</button>'
        for q in examples
    )
    return [
        '<div class="welcome"><h2>What would you like to know?</h2>'
        "<p>Answers are taken from the articles word for word. Where the articles are silent, you are told so.</p>"
        f'<div class="examples">{buttons}</div></div>'
    ]


def sentence_blocks(sentences: Sequence[Sentence], citations: Iterable[Citation]) -> list[str]:
    """Quotes as a block each; sentences in the assistant's own words, run together, as paragraphs."""
    known = {citation.marker: citation for citation in citations}
    blocks = []
    for quoted, run in groupby(sentences, key=lambda sentence: sentence.verdict == "quoted"):
        lines = [_sentence(sentence, known) for sentence in run]
        if quoted:
            blocks += [f'<blockquote class="line quoted">{line}</blockquote>' for line in lines]
        else:
            blocks.append(f'<p class="line">{" ".join(lines)}</p>')
    return blocks


def answer_blocks(answer: Answer) -> list[str]:
    """Everything under the question: sentences, what is missing, the sources; or the card of an abstention."""
    body = sentence_blocks(answer.sentences, answer.citations)
    if answer.outcome in ABSTAINED:
        blocks = [_abstention(answer, body)]
    else:
        blocks = body or [f'<p class="line" dir="auto">{escape(answer.answer)}</p>']
    if answer.missing:
        items = "".join(f'<li dir="auto">{escape(item)}</li>' for item in answer.missing)
        blocks.append(f'<div class="missing"><h3>The articles do not say</h3><ul>{items}</ul></div>')
    return [*blocks, *_sources(answer.citations), *_searched_for(answer), *_notes(answer)]


def _sentence(sentence: Sentence, known: dict[int, Citation]) -> str:
    markers = "".join(_marker(known[number]) for number in sentence.citations if number in known)
    # A sentence with quotation marks of its own gets no second pair around it.
    marked = " marked" if {sentence.text[:1], sentence.text[-1:]} & set("\"'“”‘’«»„") else ""
    said = f'<span class="said{marked}" dir="auto">{escape(sentence.text)}</span>'
    # A word joiner keeps the first marker on the line of the last word.
    html = f'{said}<span class="markers">&#8288;{markers}</span>' if markers else said
    speakers = {c.speaker.name for n in sentence.citations if (c := known.get(n)) and c.speaker}
    told = [f'<span class="speaker">Said by {escape(", ".join(sorted(speakers)))}</span>'] if speakers else []
    if sentence.verdict in VERDICTS:
        told.append(f'<span class="verdict {sentence.verdict}">{VERDICTS[sentence.verdict]}</span>')
    return f'{html} <span class="told">{" ".join(told)}</span>' if told else html


def _marker(citation: Citation) -> str:
    label = f"Citation {citation.marker}: open the passage in the article"
    return (
        f'<button type="button" class="marker" data-cite="{escape(citation.id)}" aria-label="{label}">'
        f"{citation.marker}</button>"
    )


def _abstention(answer: Answer, body: list[str]) -> str:
    said = [] if body else [answer.answer]
    if answer.reason and answer.reason not in said:
        said.insert(0, answer.reason)
    html = f"<h3>{HEADINGS[answer.outcome]}</h3>"
    html += "".join(f'<p dir="auto">{escape(text)}</p>' for text in said if text)
    if body:
        html += f'<p class="lead">What the articles do say:</p>{"".join(body)}'
    if answer.nearest:
        passages = "".join(_nearest(citation) for citation in answer.nearest)
        html += (
            f'<p class="lead">The nearest passages, which do not answer it:</p><div class="nearest">{passages}</div>'
        )
        html += _elsewhere(answer.nearest[0])
    return f'<div class="card abstained">{html}</div>'


def _elsewhere(nearest: Citation) -> str:
    """Ways to ask the same of fewer or of more articles; the page shows those that make a difference."""
    title = escape(nearest.title or nearest.article)
    return (
        '<p class="elsewhere">'
        f'<button type="button" data-do="narrower" data-article="{escape(nearest.article)}">Ask only “{title}”</button>'
        '<button type="button" data-do="wider">Ask all articles</button></p>'
    )


def _nearest(citation: Citation) -> str:
    said = f" · said by {citation.speaker.name}" if citation.speaker else ""
    return (
        f'<button type="button" class="passage" data-cite="{escape(citation.id)}">'
        f'<span class="said" dir="auto">{escape(citation.quote)}</span>'
        f'<span class="from">{escape(_byline(citation) + said)}</span></button>'
    )


def _byline(citation: Citation) -> str:
    known = [citation.author, spoken_date(citation.published), citation.outlet]
    return " · ".join(part for part in known if part) or citation.title or citation.article


def _sources(citations: Sequence[Citation]) -> list[str]:
    """One line an article; with the markers and the title when the answer rests on several articles."""
    articles: dict[tuple[str, str], list[Citation]] = {}
    for citation in citations:
        articles.setdefault((citation.article, citation.version), []).append(citation)
    rows = []
    for cited in articles.values():
        row = _byline(cited[0])
        if len(articles) > 1:
            title = cited[0].title or cited[0].article
            row = f"{', '.join(str(c.marker) for c in cited)}  {title if title in row else f'{title} · {row}'}"
        rows.append(f'<span dir="auto">{escape(row)}</span>')
    return [f'<div class="sources">{"".join(rows)}</div>'] if rows else []


def _searched_for(answer: Answer) -> list[str]:
    if answer.standalone_question.strip() == answer.question.strip():
        return []
    searched = escape(answer.standalone_question)
    correct = f'<button type="button" data-do="correct" data-question="{searched}">Correct</button>'
    return [f'<p class="searched" dir="auto">Searched for: <span>{searched}</span> {correct}</p>']


def _notes(answer: Answer) -> list[str]:
    return [f'<p class="searched note" dir="auto">{escape(note)}</p>' for note in answer.notes]
