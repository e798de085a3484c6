"""Ask a set of articles; every sentence of the answer is on the record.

>>> from assistant import Assistant, Turn
>>> with Assistant.open("my-home") as assistant:
...     answer = assistant.answer("How long is it?", history=[Turn("What is the Durand Line?", "...")])
"""

from assistant.assistant import Assistant
from assistant.settings import Settings
from assistant.types import Answer, Citation, Part, Scope, Sentence, Turn

__all__ = ["Answer", "Assistant", "Citation", "Part", "Scope", "Sentence", "Settings", "Turn"]
