"""Questions with known answers, and how well the assistant does on them."""
