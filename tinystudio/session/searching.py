"""What a search for variants means: words, and words behind `tag:`, `note:` and `is:`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tinystudio.session.marks import Mark

HELP = (
    "Words look for titles, figures, tags and notes. tag:small shows what has that tag, "
    "note:phone what says so in its note, is:kept and is:starred what is marked so."
)
MOST_TAG_LENGTH = 40  # letters
_NONE = Mark()


@dataclass(frozen=True)
class Query:
    """A search as it was typed. All of it must hold; nothing typed finds everything."""

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Query:
        """Read what was typed. A prefix with nothing behind it yet asks for nothing."""
        found: dict[str, list[str]] = {"": [], "tag": [], "note": [], "is": []}
        for word in text.lower().split():
            kind, colon, rest = word.partition(":")
            if colon and kind in found and kind:
                found[kind] += [rest] if rest else []
            else:
                found[""].append(word)
        return cls(*(tuple(found[kind]) for kind in ("", "tag", "note", "is")))

    @property
    def is_empty(self) -> bool:
        """Say whether everything is found."""
        return self == Query()

    def matches(self, text: str, mark: Mark | None) -> bool:
        """Say whether what is told in `text`, with the user's mark (None: not a variant), is it."""
        return self.holds(searched_text(text, mark), mark)

    def holds(self, whole: str, mark: Mark | None) -> bool:
        """Say the same of `searched_text`, which who searches often keeps."""
        if not all(word in whole for word in self.words):
            return False
        of_marks = (*self.tags, *self.notes, *self.states)
        if not of_marks or mark is None:
            return not of_marks
        note, tags = mark.note.lower(), [tag.lower() for tag in mark.tags]
        states = {"kept": mark.kept, "starred": mark.starred, "tagged": bool(mark.tags),
                  "noted": bool(mark.note)}  # fmt: skip
        return (
            all(any(tag.startswith(wanted) for tag in tags) for wanted in self.tags)
            and all(wanted in note for wanted in self.notes)
            and all(states.get(wanted, False) for wanted in self.states)
        )


def searched_text(text: str, mark: Mark | None) -> str:
    """Return what words are looked for in: what is told, and the user's note and tags."""
    mark = mark or _NONE
    return " ".join((text, mark.note, *mark.tags)).lower()


def tags_of(text: str) -> tuple[str, ...]:
    """Read tags as typed, apart by commas or spaces; each once, in order, without #."""
    found = (tag.strip("#")[:MOST_TAG_LENGTH] for tag in re.split(r"[,\s]+", text))
    return tuple(dict.fromkeys(tag for tag in found if tag))


def tags_text(tags: Iterable[str]) -> str:
    """Return tags as they are typed."""
    return ", ".join(tags)
