"""Channel counts that do not fit the steps in which the processor computes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.advice.adviser import Advice, Adviser, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import number_text, percent, time_text
from tinystudio.explorer.database import Database
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.space import Choice

FEW_REMOVED = 0.25  # of a group's channels: more would be pruning, and no rounding
NAMED = 3


class Unaligned(Adviser):
    """Rounds channel counts down to the processor's measured step, where that is faster.

    What a count costs is the latency table's, timed on this computer; a gain below the table's
    own error is not mentioned.
    """

    id: ClassVar[str] = "unaligned"
    place: ClassVar[int] = 40

    def look(self, facts: Facts) -> Advice | None:
        """Compare the table's time of the network with that of the rounded one."""
        database = facts.database
        if database is None or database.latency is None or database.staircase is None:
            return None
        step = database.staircase.step
        rounded = _rounded(database, step)
        if step <= 1 or not rounded:
            return None
        choice = _choice(database, rounded)
        before, _ = database.latency.predict(database.space, database.space.original)
        after, _ = database.latency.predict(database.space, choice)
        if after > before * (1 - max(database.latency.error, 0.02)):
            return None
        point = database.point(choice)
        named = [f"{title} {units} → {kept}" for title, units, kept in rounded.values()][:NAMED]
        more = f" and {len(rounded) - NAMED} more" if len(rounded) > NAMED else ""
        return Advice(
            self.id,
            f"Channel counts between this processor's steps of {step} cost time for nothing.",
            f"{', '.join(named)}{more}: {time_text(before)} becomes {time_text(after)} "
            f"({percent(1 - after / before)} less) by the latency table of this computer, which is "
            f"off by {percent(database.latency.error)} at most in nine of ten cases. Predicted "
            f"score: {number_text(point.score, database.metric)} instead of "
            f"{number_text(database.original_score, database.metric)}.",
            UseRecipe(
                f"Round down to steps of {step}", recipe_of(database.space, choice), measures=True
            ),
            facts.network,
        )


def _rounded(database: Database, step: int) -> dict[int, tuple[str, int, int]]:
    """Return title, channels and rounded channels by axis of the groups that do not fit."""
    found = {}
    for axis, group in enumerate(database.space.groups):
        kept = group.units - group.units % step if step > 1 else group.units
        few = group.units - kept <= FEW_REMOVED * group.units
        if kept < group.units and few and kept in group.levels:
            found[axis] = (group.title, group.units, kept)
    return found


def _choice(database: Database, rounded: dict[int, tuple[str, int, int]]) -> Choice:
    choice = np.array(database.space.original)
    for axis, (_, _, kept) in rounded.items():
        choice[axis] = database.space.groups[axis].levels.index(kept)
    return choice
