"""How the reader's weights were made; nothing of it is needed to answer."""
