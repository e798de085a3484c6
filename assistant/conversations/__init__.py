"""Conversations that are kept, exported, and verified again."""

from assistant.conversations.answer_json import answer_from_json
from assistant.conversations.records import Conversation, KeptTurn, Summary
from assistant.conversations.store import Conversations

__all__ = ["Conversation", "Conversations", "KeptTurn", "Summary", "answer_from_json"]
