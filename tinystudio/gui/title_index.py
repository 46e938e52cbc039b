"""Finds among a great many titles those that a few letters mean best; plain text, no widgets."""

from __future__ import annotations

import heapq
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from tinystudio.gui.palette_entries import score, side_by_side

T = TypeVar("T")
MOST_PASSED = 200  # lines without a look at the clock


class TitleIndex(Generic[T]):
    """Items in their order; of those that fit as well the earlier come first.

    All letters stand in one text, a line for each item, which is searched as a whole. Working a
    title out may take long, so that `work` does some at a time; what is not done is not found yet.
    """

    def __init__(self, items: Sequence[T], letters: Callable[[T], str]) -> None:
        self._items, self._letters = items, letters
        self._lines: list[str] = []
        self._text, self._starts = "", [0]

    @property
    def is_done(self) -> bool:
        """Say whether all items are found."""
        return len(self._lines) == len(self._items)

    def work(self, seconds: float) -> bool:
        """Take in more items, for about so long; return whether all are in now."""
        until, before = time.perf_counter() + seconds, len(self._lines)
        while not self.is_done and time.perf_counter() < until:
            at = len(self._lines)
            more = self._items[at : at + MOST_PASSED]
            self._lines += [self._letters(item).lower().replace("\n", " ") for item in more]
        if len(self._lines) > before:
            new = self._lines[before:]
            self._text += "".join(f"{line}\n" for line in new)
            for line in new:
                self._starts.append(self._starts[-1] + len(line) + 1)
        return self.is_done

    def best(self, query: str, most: int) -> list[tuple[int, T]]:
        """Return what `query` means with its points, best first; empty, it means the first ones."""
        wanted = query.strip().lower()
        if not wanted:
            return [(0, item) for item in self._items[: min(most, len(self._lines))]]
        found = list(self._with(wanted))
        if len(found) < most:  # letters side by side are worth more than any that are not
            there = {number for _, number in found}
            found += (hit for hit in self._apart(wanted) if hit[1] not in there)
        chosen = heapq.nsmallest(most, found, key=lambda hit: (-hit[0], hit[1]))
        return [(points, self._items[number]) for points, number in chosen]

    def _with(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Yield points and number of the lines that have these letters side by side."""
        place = self._text.find(wanted)
        while place >= 0:
            number = bisect_right(self._starts, place) - 1
            start = self._starts[number]
            yield side_by_side(self._text, place, place - start), number
            place = self._text.find(wanted, self._starts[number + 1])

    def _apart(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Yield those that have these letters in order, with others in between."""
        letters = [re.escape(letter) for letter in wanted if letter != " "]
        # Up to the next one and never back: however long the lines, each is passed through once.
        pattern = re.compile("^" + "".join(f"[^\\n{x}]*+{x}" for x in letters), re.MULTILINE)
        for hit in pattern.finditer(self._text):
            number = bisect_right(self._starts, hit.start()) - 1
            points = score(self._lines[number], wanted)
            if points is not None:
                yield points, number
