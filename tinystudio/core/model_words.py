"""What a model's metadata says of its classes and its vocabulary, under the usual keys.

Exporters write them as a JSON list, as a JSON or Python mapping from numbers to names (YOLO:
`{0: 'person', 1: 'bicycle'}`; transformers: `id2label`), from names to numbers (`label2id`), or as
plain lines or words with commas. What is none of these says nothing.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping

CLASS_KEYS = (
    "tinystudio.classes", "classes", "labels", "class_names", "classnames", "names", "id2label",
    "label2id", "label_names", "categories",
)  # fmt: skip
VOCABULARY_KEYS = (
    "vocabulary", "vocab", "characters", "chars", "alphabet", "tokens", "itos", "stoi",
    "char_to_index", "index_to_char",
)  # fmt: skip
LONGEST = 2**20  # characters that are looked at
MOST = 100_000  # names


def classes_in(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of a model's classes, in its order; () where it says none."""
    found = (names_in(text) for text in _values(metadata, CLASS_KEYS))
    return next((names for names in found if len(names) > 1), ())


def vocabulary_in(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return a model's tokens, in its order; () where it says none.

    What is no list is taken as one token for every character, as `abc` is.
    """
    keys = (*VOCABULARY_KEYS, *CLASS_KEYS)
    for text in _values(metadata, keys):
        names = _structured(text)
        if names is None and _is_plain(text):
            names = tuple(text)
        if names and len(names) > 1 and len(set(names)) == len(names):
            return names
    return ()


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a text of metadata, in order; () where there are none."""
    names = _structured(text)
    if names is None and _is_plain(text):
        parts = text.splitlines() if "\n" in text.strip() else text.split(",")
        names = tuple(part.strip() for part in parts if part.strip())
    return names or ()


def _values(metadata: Mapping[str, str], keys: Iterable[str]) -> list[str]:
    named = {key.lower(): text for key, text in metadata.items()}
    return [named[key] for key in keys if 0 < len(named.get(key, "")) <= LONGEST]


def _is_plain(text: str) -> bool:
    return not text.lstrip().startswith(("{", "["))


def _structured(text: str) -> tuple[str, ...] | None:
    """Return the names of a list or mapping in JSON or Python; None where it is neither."""
    if _is_plain(text):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(text.strip())  # reads values, runs nothing
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return None
    return ordered_names(value)


def ordered_names(value: object) -> tuple[str, ...] | None:
    """Return the names of a list, or of a mapping that numbers them from 0 without a gap."""
    if isinstance(value, list | tuple) and len(value) <= MOST:
        is_sound = all(isinstance(item, str | int) for item in value)
        return tuple(str(item) for item in value) if is_sound else None
    if not isinstance(value, dict) or not 0 < len(value) <= MOST:
        return None
    numbers = {_number(key): name for key, name in value.items()}
    if None in numbers or not all(isinstance(name, str) for name in value.values()):
        # A vocabulary may have tokens that are digits: the side that counts from 0 is the order.
        numbers = {_number(at): name for name, at in value.items()}
    if len(numbers) != len(value) or set(numbers) != set(range(len(value))):
        return None
    return tuple(str(numbers[at]) for at in range(len(value)))


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    is_digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 8
    return int(str(value)) if is_digits else None
