"""Rows are made once, whole or not at all, and mapped from then on."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from tinystudio.core import places, stored_rows
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.core.stored_rows import Pieces, StoredRows
from tinystudio.core.stored_rows import stored_rows as stored

ROWS = np.arange(24, dtype=np.float32).reshape(6, 4)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder where rows are kept."""
    monkeypatch.setattr(places, "cache", lambda: tmp_path)
    return tmp_path / "data"


def pieces() -> Pieces:
    """Yield the rows out of order, some at once."""
    yield np.array([3, 1]), ROWS[[3, 1]]
    yield np.array([0]), ROWS[:1]
    yield np.array([2, 5, 4]), ROWS[[2, 5, 4]]


def never() -> Pieces:
    raise AssertionError("made again")


def make(key: str = "a", how: object = pieces) -> StoredRows:
    return stored(key, ROWS.shape, how, Silent())  # type: ignore[arg-type]


def test_rows_stand_in_their_places_and_are_not_made_again() -> None:
    first = make()
    assert np.array_equal(first.rows, ROWS)
    again = make(how=never)
    assert np.array_equal(again.rows, ROWS)
    assert again.content == first.content


def test_a_change_of_what_is_mapped_stays_out_of_the_file() -> None:
    make().rows[0] = 99
    assert np.array_equal(make(how=never).rows, ROWS)


def test_the_content_tells_rows_apart_and_the_key_does_not() -> None:
    def others() -> Pieces:
        yield np.arange(6), ROWS + 1

    first, same, other = make("a"), make("b"), make("c", others)
    assert first.content == same.content != other.content


@pytest.mark.parametrize("damage", ["short", "no note", "odd note"])
def test_what_is_damaged_is_made_again(kept: Path, damage: str) -> None:
    make()
    (rows,), (note,) = kept.glob("*.rows"), kept.glob("*.json")
    if damage == "short":
        rows.write_bytes(b"1234")
    elif damage == "no note":
        note.unlink()
    else:
        note.write_text("[]")
    with pytest.raises(AssertionError, match="made again"):
        make(how=never)
    assert np.array_equal(make().rows, ROWS)


def test_what_was_stopped_leaves_nothing_behind(kept: Path) -> None:
    def stopped() -> Pieces:
        yield np.array([0]), ROWS[:1]
        raise Cancelled

    with pytest.raises(Cancelled):
        make(how=stopped)
    assert list(kept.iterdir()) == []


def test_a_disk_without_room_is_told_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 5, 5))
    with pytest.raises(UserError, match="The data was not prepared"):
        make(how=never)


def test_a_folder_that_cannot_be_written_is_told(kept: Path) -> None:
    kept.write_text("a file in its place")
    with pytest.raises(UserError, match="was not written"):
        make()


def test_what_was_not_used_for_longest_goes_first(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_rows, "LIMIT_BYTES", ROWS.nbytes)
    make("a")
    make("b")
    make("a", never)  # used again
    make("c")
    assert len(list(kept.glob("*.rows"))) == len(list(kept.glob("*.json"))) == 2
    make("c", never)
