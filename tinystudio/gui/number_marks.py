"""Numbers as the user's country writes them: the decimal mark and the one between thousands.

Every number that the window shows comes through here; files and commands always have a point.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QLocale

BEFORE_UNIT = re.compile(
    r"(?<=\d) (?=%|(?:[kMG]?B|[nµm]?s|[nµm]?J)\b)"  # 26 kB
    r"|(?<=\bn) (?== \d)|(?<=\bn =) (?=\d)"  # n = 500
    r"|(?<=[≈±]) (?=\d)"  # ≈ 8.2 µs
)
IN_BITS = re.compile(r"(?<=\d)-(?=bit)")  # 8-bit
NO_BREAK_HYPHEN = "\u2011"
NO_BREAK = "\u00a0"  # a space at which no line ends
JOINER = "\u2060"  # is not seen, and no line ends at it


def decimal_mark() -> str:
    """Return what stands between whole digits and the rest."""
    return QLocale().decimalPoint()


def localized(text: str) -> str:
    """Return a number, written with a decimal point, as it is written here."""
    mark = decimal_mark()
    return text if mark == "." else text.replace(".", mark)


def fixed(value: float, decimals: int) -> str:
    """Return a number with so many decimals."""
    return localized(f"{value:.{decimals}f}")


def plain(value: float) -> str:
    """Return a number in as few digits as tell it apart, six at most."""
    return localized(f"{value:g}")


def grouped(count: int) -> str:
    """Return a count with a mark between its thousands."""
    return f"{count:,}".replace(",", QLocale().groupSeparator())


def to_type(value: float) -> str:
    """Return a number as a field has it that somebody may type into; `as_typed` reads it."""
    return grouped(round(value)) if value >= 1000 else localized(f"{value:.4g}")


def unbroken(text: str) -> str:
    """Return a text whose lines do not end between a number and its unit."""
    return IN_BITS.sub(NO_BREAK_HYPHEN, BEFORE_UNIT.sub(NO_BREAK, text))


def as_typed(text: str) -> str:
    """Return a number that somebody typed as Python reads it: both marks are understood.

    Where there are several, those before the last stand between thousands; so does one with three
    digits behind it that is written so here.
    """
    bare, between = re.sub(r"\s", "", text), QLocale().groupSeparator()
    if between not in ".," or re.fullmatch(rf"[1-9]\d{{0,2}}{re.escape(between)}\d{{3}}", bare):
        bare = bare.replace(between, "")
    marks = [letter for letter in bare if letter in ".,"]
    if len(marks) > 1:
        kept = bare.rfind(marks[-1]) if marks[-1] != marks[0] else len(bare)
        bare = "".join(c for at, c in enumerate(bare) if c not in ".," or at == kept)
    return bare.replace(",", ".")
