"""The model is no better than guessing on this data."""

from __future__ import annotations

from typing import ClassVar

from tinystudio.advice.adviser import Action, Advice, Adviser, Begin, ReadData
from tinystudio.advice.facts import Facts
from tinystudio.measure.guessing import TITLE


class Guessing(Adviser):
    """Says again, for as long as it holds, what was warned of when the original was measured."""

    id: ClassVar[str] = "guessing"
    place: ClassVar[int] = 0

    def look(self, facts: Facts) -> Advice | None:
        """Look for the warning among those of the open network on the open data."""
        found = [warning for warning in facts.warnings if warning.title == TITLE]
        if not found:
            return None
        action: Action = Begin(
            "See the data…", "show-data", "Look at it with: tinystudio inspect MODEL --data DATA"
        )
        if found[-1].data:
            action = ReadData("Read the data so", found[-1].data)
        reason = f"{found[-1].detail} {found[-1].hint}".strip()
        return Advice(self.id, f"{TITLE}.", reason, action, facts.network, facts.data or "")
