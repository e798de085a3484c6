"""Other systems that answer from the same articles, so that what we measure of ours can be compared."""
