"""Catalogues of texts as gettext's tools write them: `.pot` for the texts, `.po` for a language."""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

Form = Callable[[int], int]  # of a count: which of a text's plural forms it takes

_PLURAL = re.compile(r"Plural-Forms:.*?plural\s*=\s*([^;\n]+)", re.IGNORECASE)
_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr)(?:\[(\d+)\])?\s+(\".*\")$")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_WIDTH = 92
_decode = json.JSONDecoder(strict=False).decode  # JSON escapes as these files do


@dataclass(frozen=True)
class Entry:
    """A text and its translation, one for each plural form where it has a plural."""

    text: str
    plural: str = ""
    forms: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    is_fuzzy: bool = False  # a guess of a tool's, which nobody has looked at


@dataclass(frozen=True)
class PoFile:
    """What a file holds; the header is kept apart from the texts."""

    entries: tuple[Entry, ...]
    header: str = ""

    @property
    def form(self) -> Form:
        """Return how the language counts; as English does where the file does not say."""
        found = _PLURAL.search(self.header)
        try:
            return gettext.c2py(found.group(1).strip()) if found else _as_in_english
        except ValueError:
            return _as_in_english


def _as_in_english(count: int) -> int:
    return int(count != 1)


def read_po(path: Path) -> PoFile:
    """Read a file; raises `ValueError` with the line where it is no such file, or `OSError`."""
    entries, header = [], ""
    for entry in _entries(path.read_text(encoding="utf-8-sig")):
        if entry.text:
            entries.append(entry)
        else:
            header = "".join(entry.forms)
    return PoFile(tuple(entries), header)


@dataclass
class _Open:
    """An entry while its lines are read."""

    parts: dict[str, str] = field(default_factory=dict)
    flags: str = ""
    files: list[str] = field(default_factory=list)

    def closed(self) -> Iterator[Entry]:
        if "msgid" in self.parts:
            numbers = sorted(int(key[6:] or 0) for key in self.parts if key.startswith("msgstr"))
            forms = (self.parts.get(f"msgstr{at}", self.parts.get("msgstr", "")) for at in numbers)
            yield Entry(
                self.parts["msgid"], self.parts.get("msgid_plural", ""), tuple(forms),
                tuple(self.files), "fuzzy" in self.flags,
            )  # fmt: skip


def _entries(content: str) -> Iterator[Entry]:
    at, key = _Open(), ""
    for number, line in enumerate((line.strip() for line in content.split("\n")), 1):
        begins = not line or line.startswith(("#", "msgctxt")) or line.startswith("msgid ")
        if begins and any(part.startswith("msgstr") for part in at.parts):
            yield from at.closed()
            at, key = _Open(), ""
        if line.startswith("#,"):
            at.flags += line
        elif line.startswith("#:"):
            at.files += line[2:].split()
        elif line.startswith('"') and key:
            at.parts[key] += _unquoted(line, number)
        elif found := _KEYWORD.match(line):
            key = found.group(1) + (found.group(2) or "")
            at.parts[key] = _unquoted(found.group(3), number)
        elif line and not line.startswith("#"):
            raise ValueError(f"line {number} is none of a catalogue: {line[:60]}")
    yield from at.closed()


def _unquoted(quoted: str, number: int) -> str:
    try:
        return str(_decode(quoted))
    except ValueError as error:
        raise ValueError(f"line {number} is no text in quotes: {quoted[:60]}") from error


def written(entries: Iterable[Entry], header: Mapping[str, str]) -> str:
    """Return the content of a file with these texts, in their order."""
    head = "".join(f"{name}: {value}\n" for name, value in header.items())
    return "\n".join(_block(entry) for entry in (Entry("", forms=(head,)), *entries))


def merged(catalogue: Iterable[Entry], old: PoFile) -> list[Entry]:
    """Return a catalogue's texts with the translations that a file has of them."""
    known = {(entry.text, entry.plural): entry for entry in old.entries}
    both = ((entry, known.get((entry.text, entry.plural))) for entry in catalogue)
    return [
        replace(entry, forms=was.forms, is_fuzzy=was.is_fuzzy) if was else entry
        for entry, was in both
    ]


def _block(entry: Entry) -> str:
    lines = [f"#: {name}" for name in entry.files]
    flags = ["fuzzy"] * entry.is_fuzzy + ["python-brace-format"] * ("{" in entry.text)
    if flags:
        lines.append(f"#, {', '.join(flags)}")
    lines += _keyed("msgid", entry.text)
    if entry.plural:
        lines += _keyed("msgid_plural", entry.plural)
        for at, form in enumerate(entry.forms or ("", "")):
            lines += _keyed(f"msgstr[{at}]", form)
    else:
        lines += _keyed("msgstr", entry.forms[0] if entry.forms else "")
    return "\n".join(lines) + "\n"


def _keyed(key: str, text: str) -> list[str]:
    whole = f"{key} {_quoted(text)}"
    if len(whole) <= _WIDTH and "\n" not in text[:-1]:
        return [whole]
    return [f'{key} ""', *(_quoted(piece) for piece in _pieces(text))]


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in lines, each with the space behind it."""
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        piece = ""
        for word in re.findall(r"\S*\s*", line):
            if piece and len(piece) + len(word) > _WIDTH - 2:
                yield piece
                piece = ""
            piece += word
        yield piece


def _quoted(text: str) -> str:
    for letter, escaped in _ESCAPED.items():
        text = text.replace(letter, escaped)
    return f'"{text}"'
