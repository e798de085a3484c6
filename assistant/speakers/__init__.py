"""Whose words or claim a sentence holds: `of_sentence.speaker_of`, and what it is made of."""
