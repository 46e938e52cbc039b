"""How the plots of a project were looked at last: choices, and a zoom for every pair of axes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence

Box = tuple[float, float, float, float]  # left, right, bottom, top, in the units of the axes


class ViewMemory:
    """`read` and `write` keep a text under a name; `project` says which project is open."""

    def __init__(
        self, read: Callable[[str], str], write: Callable[[str, str], None],
        project: Callable[[], str],
    ) -> None:  # fmt: skip
        self._read, self._write, self._project = read, write, project

    @property
    def project(self) -> str:
        """Return which project is open."""
        return self._project()

    def choices(self, plot: str, usual: Sequence[str]) -> tuple[str, ...]:
        """Return what was chosen in a plot, or what is usual."""
        found = _parsed(self._read(self._name(plot)))
        is_known = len(found) == len(usual) and all(isinstance(item, str) for item in found)
        return tuple(str(item) for item in found) if is_known else tuple(usual)

    def keep_choices(self, plot: str, choices: Sequence[str]) -> None:
        """Remember what is chosen in a plot."""
        self._write(self._name(plot), json.dumps(list(choices)))

    def box(self, axes: str) -> Box | None:
        """Return what was seen of a pair of axes, where the user had moved the view."""
        found = _parsed(self._read(self._name(f"zoom {axes}")))
        numbers = [item for item in found if isinstance(item, (int, float)) and math.isfinite(item)]
        if len(numbers) != 4 or numbers[0] >= numbers[1] or numbers[2] >= numbers[3]:
            return None
        left, right, bottom, top = numbers
        return (left, right, bottom, top)

    def keep_box(self, axes: str, box: Box | None) -> None:
        """Remember what is seen of a pair of axes; None: everything again."""
        self._write(self._name(f"zoom {axes}"), "" if box is None else json.dumps(list(box)))

    def _name(self, what: str) -> str:
        return f"{self._project()} {what}"


def _parsed(text: str) -> list[object]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        return []  # a damaged setting must not keep the window from opening
    return found if isinstance(found, list) else []
