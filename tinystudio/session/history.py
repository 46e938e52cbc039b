"""Undo and redo over values that never change: every step keeps what was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

DEPTH = 200  # steps; a draft is a few kB, so this stays below a megabyte


@dataclass(frozen=True)
class _Step(Generic[T]):
    text: str
    before: T
    after: T
    merge: str | None


class History(Generic[T]):
    """The present value, and how to come back to earlier ones."""

    def __init__(self, present: T) -> None:
        self.present = present
        self._done: list[_Step[T]] = []
        self._undone: list[_Step[T]] = []

    def change(self, value: T, text: str, merge: str | None = None) -> None:
        """Make `value` the present. Steps in a row with the same `merge` undo as one."""
        if value == self.present:
            return
        step = _Step(text, self.present, value, merge)
        if merge is not None and self._done and self._done[-1].merge == merge:
            step = _Step(text, self._done.pop().before, value, merge)
        self._done = [*self._done, step][-DEPTH:]
        self._undone.clear()
        self.present = value

    def amend(self, value: T) -> None:
        """Make `value` the present without a step: undo of the next change comes back to it."""
        self.present = value

    def stop_merging(self) -> None:
        """End a drag: the next change is a step of its own."""
        if self._done:
            last = self._done[-1]
            self._done[-1] = _Step(last.text, last.before, last.after, None)

    @property
    def undo_text(self) -> str | None:
        """Return what undo would take back, or None."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """Return what redo would do again, or None."""
        return self._undone[-1].text if self._undone else None

    def undo(self) -> bool:
        """Take the last step back; False where there is none."""
        if not self._done:
            return False
        step = self._done.pop()
        self._undone.append(step)
        self.present = step.before
        return True

    def redo(self) -> bool:
        """Do again what was taken back last; False where there is nothing."""
        if not self._undone:
            return False
        step = self._undone.pop()
        self._done.append(step)
        self.present = step.after
        return True

    def restart(self, present: T) -> None:
        """Begin anew from `present`, with nothing to take back."""
        self.present = present
        self._done.clear()
        self._undone.clear()
