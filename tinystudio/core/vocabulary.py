"""Which number each character of a text has: as a file or the model says, else by code point."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.model_words import ordered_names

LIMIT_BYTES = 2**22  # of a vocabulary's file
UNKNOWN = ("<unk>", "<UNK>", "[UNK]", "�")  # tokens that stand for any other character
BYTES = tuple(f"{value:02x}" for value in range(256))  # what the tokens of bytes are called
HINT = "Write it as a JSON list of characters, as {character: number}, or all of them in one line."


@dataclass(frozen=True)
class Vocabulary:
    """Tokens in the model's order. Those of several characters, such as <pad>, are never met."""

    tokens: tuple[str, ...]

    @property
    def unknown(self) -> int | None:
        """Return the number of the token that stands for characters without one of their own."""
        return next((self.tokens.index(name) for name in UNKNOWN if name in self.tokens), None)

    def numbers(self, characters: Array) -> Array:
        """Return the numbers of code points (n,) as int64; -1 where there is none."""
        points = [(ord(token), at) for at, token in enumerate(self.tokens) if len(token) == 1]
        points.sort()
        known = np.array([point for point, _ in points] or [0], np.uint32)
        places = np.array([at for _, at in points] or [-1], np.int64)
        found = np.minimum(np.searchsorted(known, characters), len(known) - 1)
        other = -1 if self.unknown is None else self.unknown
        return np.where(known[found] == characters, places[found], other)


def own_vocabulary(characters: Array) -> Vocabulary:
    """Return the vocabulary of a text's own code points (n,), in their order."""
    return Vocabulary(tuple(chr(point) for point in np.unique(characters)))


def read_vocabulary(path: Path, title: str) -> Vocabulary:
    """Read a vocabulary's file; raises `UserError`, titled so.

    JSON (a list, or a mapping one way or the other), or text: one line with all characters, or one
    token a line, in which \\n and \\t stand for the line's end and the tabulator.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        detail = f"The vocabulary {path} was not read: {error.strerror or error}."
        raise UserError(title, detail, "Check the path.") from None
    try:
        text = data[:LIMIT_BYTES].decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(title, f"The vocabulary {path.name} is not UTF-8 text.", HINT) from None
    tokens = _of_json(text) or _of_lines(text)
    return checked(tokens, f"The vocabulary {path.name}", title)


def checked(tokens: Sequence[str], what: str, title: str) -> Vocabulary:
    """Return a vocabulary whose tokens all differ and are mostly characters, else `UserError`."""
    twice = {token for token in tokens if tokens.count(token) > 1} if len(tokens) < 5000 else ()
    if len(set(tokens)) != len(tokens):
        example = f" {min(twice)!r}" if twice else ""
        raise UserError(title, f"{what} has a token{example} twice.", HINT)
    if sum(len(token) == 1 for token in tokens) * 2 < len(tokens) or len(tokens) < 2:
        raise UserError(
            title,
            f"{what} has {len(tokens):,} tokens, which are not characters.",
            f"{HINT} Numbers of pieces of words can be saved in an .npz file.",
        )
    return Vocabulary(tuple(tokens))


def _of_json(text: str) -> tuple[str, ...] | None:
    try:
        return ordered_names(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _of_lines(text: str) -> tuple[str, ...]:
    lines = text.splitlines()
    if len(lines) <= 1:
        return tuple(lines[0]) if lines else ()
    return tuple(line.replace("\\n", "\n").replace("\\t", "\t") for line in lines)
