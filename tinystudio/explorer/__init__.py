"""The layer database and what it answers: predictions, the front, searches."""
