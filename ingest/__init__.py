"""From an article to the archive that holds it and the index that finds it."""
