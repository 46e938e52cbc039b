"""Translations: files of them, templates of composed sentences, and what to say for a text."""
