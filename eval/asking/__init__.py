"""Questions made from the sentences of an article by rule."""
