"""Reads tables of sensor recordings into stretches: rows in a row of one label and subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.delimited import (
    Answer,
    Cells,
    has_decimal_commas,
    is_missing,
    number_in,
    read_cells,
)
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter

LABELS = ("label", "labels", "activity", "class", "target")  # usual names; y is an axis here
SUBJECTS = ("subject", "subject_id", "person", "participant", "user", "user_id")
TIMES = ("time", "timestamp", "t", "seconds", "time_s", "time_ms", "datetime", "date")
GAP = 5.0  # times the usual step: more, and something was not recorded


@dataclass(frozen=True)
class Columns:
    """Which columns are what; an empty name is one that is usual, where there is one."""

    label: str = ""
    subject: str = ""
    time: str = ""
    channels: tuple[str, ...] = ()  # empty: all others
    has_label: bool = True  # else the name of the file says it; likewise for subjects
    has_subject: bool = True


@dataclass(frozen=True)
class Stretch:
    """Rows (n, channels) float32 without a break; `label` and `subject` None: no column says."""

    values: Array
    label: str | None
    subject: str | None


@dataclass(frozen=True)
class Recorded:
    """One file: its columns by use, and its stretches in the order of the file."""

    columns: Columns
    stretches: tuple[Stretch, ...]


def read_recording(
    path: Path, title: str, columns: Columns, separator: str, header: Answer, reporter: Reporter
) -> Recorded:
    """Read one file; raises `UserError`, titled so, that names line and column."""
    cells = read_cells(path, title, reporter, separator, header, "utf-8")
    label = _index(cells, columns.label, LABELS, title) if columns.has_label else None
    subject = _index(cells, columns.subject, SUBJECTS, title) if columns.has_subject else None
    time = _index(cells, columns.time, TIMES, title)
    channels = _channels(cells, columns, (label, subject, time), title)
    values = _numbers(cells, channels, title, reporter)
    breaks = np.zeros(len(values), bool)
    for at in (label, subject):
        if at is not None:
            breaks[1:] |= _changes(_words(cells, at, title))
    if time is not None:
        breaks[1:] |= _gaps(cells.column(time))
    starts = [0, *np.flatnonzero(breaks).tolist(), len(values)]
    stretches = tuple(
        Stretch(
            values[start:end],
            None if label is None else cells.rows[start][label],
            None if subject is None else cells.rows[start][subject],
        )
        for start, end in pairwise(starts)
    )
    name = ["" if at is None else cells.names[at] for at in (label, subject, time)]
    used = Columns(name[0], name[1], name[2], tuple(cells.names[at] for at in channels))
    return Recorded(used, stretches)


def columns_said(
    path: Path, title: str, columns: Columns, separator: str, header: Answer, reporter: Reporter
) -> set[str]:
    """Return which of "label" and "subject" a file has a column for; raises `UserError`."""
    cells = read_cells(path, title, reporter, separator, header, "utf-8")
    found = {
        "label": _index(cells, columns.label, LABELS, title),
        "subject": _index(cells, columns.subject, SUBJECTS, title),
    }
    return {name for name, at in found.items() if at is not None}


def _index(cells: Cells, given: str, usual: Sequence[str], title: str) -> int | None:
    if given:
        if given not in cells.names:
            there = ", ".join(cells.names)
            raise UserError(title, f"There is no column {given!r}.", f"There are: {there}.")
        return cells.names.index(given)
    by_name = {name.lower(): at for at, name in reversed(tuple(enumerate(cells.names)))}
    return next((by_name[name] for name in usual if name in by_name), None)


def _channels(
    cells: Cells, columns: Columns, used: Iterable[int | None], title: str
) -> tuple[int, ...]:
    if columns.channels:
        found = [_index(cells, name, (), title) for name in columns.channels]
        return tuple(at for at in found if at is not None)
    rest = tuple(at for at in range(len(cells.names)) if at not in set(used))
    if not rest:
        raise UserError(title, "No column is left to be fed.", "Check the separator.")
    return rest


def _numbers(cells: Cells, channels: Sequence[int], title: str, reporter: Reporter) -> Array:
    comma = has_decimal_commas(cells)
    values = np.empty((len(cells.rows), len(channels)), np.float32)
    for place, at in enumerate(channels):
        reporter.check()
        words = cells.column(at)
        numbers = [number_in(word, comma) for word in words]
        wrong = next((row for row, number in enumerate(numbers) if number is None), None)
        if wrong is not None:
            raise _wrong(cells, wrong, at, words[wrong], title)
        with np.errstate(over="ignore"):
            values[:, place] = np.array(numbers, np.float64).astype(np.float32)
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, place = bad[0]
        where = f"Line {cells.lines[row]}: {cells.names[channels[place]]}"
        raise UserError(title, f"{where} is too large for 32 bits.", "Use smaller units.")
    return values


def _wrong(cells: Cells, row: int, column: int, word: str, title: str) -> UserError:
    where = f"Line {cells.lines[row]}: {cells.names[column]}"
    if is_missing(word):
        hint = "Fill it, or remove the row: recordings are then parted there."
        return UserError(title, f"{where} is missing.", hint)
    hint = "Correct it, or name the columns to be fed: channels=x,y,z."
    return UserError(title, f"{where} is {word!r}, not a number.", hint)


def _words(cells: Cells, column: int, title: str) -> Sequence[str]:
    words = cells.column(column)
    for row, word in enumerate(words):
        if is_missing(word):
            where = f"Line {cells.lines[row]}: {cells.names[column]}"
            raise UserError(title, f"{where} is missing.", "Fill it, or remove the row.")
    return words


def _changes(words: Sequence[str]) -> Array:
    return np.array([one != other for one, other in pairwise(words)], bool)


def _gaps(words: Sequence[str]) -> Array:
    """Say before which rows but the first time stands still, runs back or jumps; (n - 1,)."""
    numbers = [number_in(word, decimal_comma="," in word) for word in words]
    known = [number for number in numbers if number is not None]
    if len(known) < len(words) or len(known) < 3:
        return np.zeros(len(words) - 1, bool)  # dates, which are not understood
    steps = np.diff(np.array(known))
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 0.0
    return np.asarray((steps <= 0) | (steps > GAP * usual))
