"""Reads a text table (CSV, TSV) into cells; every error names the line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter

LIMIT_BYTES = 2**28  # cells of text take some ten times as much in memory
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
GUESSED_BY = 30  # rows
CHECK_EVERY = 10_000  # rows
MISSING = frozenset(("", "na", "n/a", "nan", "null", "?"))
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)

Answer = Literal["guess", "yes", "no"]


@dataclass(frozen=True)
class Cells:
    """Rows of as many cells as there are names; `lines` are where they begin in the file."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    separator: str  # one of SEPARATORS
    has_header: bool
    place: str = "Line"  # what `lines` count, in errors

    def column(self, index: int) -> list[str]:
        """Return the cells of a column."""
        return [row[index] for row in self.rows]


def read_cells(
    path: Path, title: str, reporter: Reporter, separator: str, header: Answer, encoding: str
) -> Cells:
    """Return the cells of a table, without spaces around them.

    `separator` is one of SEPARATORS, or "guess". Raises `UserError`, titled so, for what is no
    text, and for rows of other lengths than the first.
    """
    table = _text(path, title, encoding)
    if separator == "guess":
        separator = _separator(table, path)
    found = list(_numbered(table, SEPARATORS[separator], title, reporter))
    if not found:
        raise UserError(title, "It is empty.", "Choose a table with one sample per line.")
    first = found[0][1]
    has_header = _is_header([row for _, row in found[:GUESSED_BY]]) if header == "guess" else (
        header == "yes"
    )  # fmt: skip
    names = first if has_header else tuple(f"column {at}" for at in range(1, len(first) + 1))
    _check_names(names, title)
    body = found[1:] if has_header else found
    if not body:
        raise UserError(title, "It has a header and no rows.", "Add rows: one per sample.")
    lines, rows = zip(*body, strict=True)
    return Cells(names, rows, lines, separator, has_header)


def is_missing(cell: str) -> bool:
    """Say whether a cell stands for nothing."""
    return cell.lower() in MISSING


def number_in(cell: str, decimal_comma: bool) -> float | None:
    """Return the number that a cell holds; None where it holds none."""
    if decimal_comma:
        if "." in cell:
            return None
        cell = cell.replace(",", ".")
    return float(cell) if _NUMBER.fullmatch(cell) else None


def listed(words: str) -> list[str]:
    """Return the names in a list with commas; a name with a comma stands in quotation marks."""
    return [name.strip() for row in csv.reader([words], skipinitialspace=True) for name in row]


def has_decimal_commas(cells: Cells) -> bool:
    """Say whether numbers are written as 1,5: only where something else separates cells."""
    if cells.separator == "comma":
        return False
    return any(_DECIMAL_COMMA.fullmatch(cell) for row in cells.rows for cell in row)


def _text(path: Path, title: str, encoding: str) -> str:
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise UserError(
                title,
                f"It has more than {LIMIT_BYTES / 1e6:.0f} MB.",
                "Save the numbers in an .npz file, or leave rows out.",
            )
        data = path.read_bytes()
    except OSError as error:
        detail = f"{path}: {error.strerror or error}."
        raise UserError(title, detail, "Choose another file.") from None
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            title,
            f"Line {line} is not {encoding} text (byte 0x{data[error.start]:02X}).",
            "Save the table as UTF-8, or say its encoding (windows-1252).",
        ) from None


def _separator(table: str, path: Path) -> str:
    """Return the separator that cuts the first rows into most cells, as many in each."""
    if path.suffix.lower() in (".tsv", ".tab"):
        return "tab"
    head = table[: 2**16].splitlines()[: GUESSED_BY + 1]
    # The last line may have been cut off.
    lines = head[:-1] if len(head) > GUESSED_BY else head
    best, most = "comma", 1
    for name, mark in SEPARATORS.items():
        try:
            sizes = {len(row) for row in csv.reader(lines, delimiter=mark) if row}
        except csv.Error:
            continue
        if len(sizes) == 1 and max(sizes) > most:
            best, most = name, max(sizes)
    return best if most > 1 else _commonest(lines)


def _commonest(lines: Sequence[str]) -> str:
    """Return the separator that is there most, for tables that are not in order."""
    counts = {name: sum(line.count(mark) for line in lines) for name, mark in SEPARATORS.items()}
    return max(counts, key=lambda name: counts[name])


def _numbered(
    table: str, mark: str, title: str, reporter: Reporter
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield every row that is not empty, with the line where it begins."""
    reader = csv.reader(io.StringIO(table, newline=""), delimiter=mark, strict=True)
    begins, width, wide_at = 1, 0, 0
    try:
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if not any(cell.strip() for cell in row):
                continue
            if width and len(row) != width:
                raise UserError(
                    title,
                    f"Line {line} has {len(row)} cells, line {wide_at} has {width}.",
                    "Give every row as many cells, or choose another separator.",
                )
            width, wide_at = len(row), wide_at or line
            if line % CHECK_EVERY == 0:
                reporter.check()
            yield line, tuple(cell.strip() for cell in row)
    except csv.Error as error:
        raise UserError(
            title,
            f"Line {begins} is not in the form of a table ({error}).",
            "Check its quotation marks, or choose another separator.",
        ) from None


def _is_header(rows: Sequence[tuple[str, ...]]) -> bool:
    """Say whether the first row names columns: it holds no number, and all names differ."""
    first = rows[0]
    if len(rows) < 2 or any(not cell or _is_a_number(cell) for cell in first):
        return False
    return len(set(first)) == len(first)


def _is_a_number(cell: str) -> bool:
    return any(number_in(cell, comma) is not None for comma in (False, True))


def _check_names(names: Sequence[str], title: str) -> None:
    twice = [name for at, name in enumerate(names) if name in names[:at]]
    if twice:
        detail = f"There are two columns {twice[0]!r}."
        raise UserError(title, detail, "Give every column a name of its own.")
