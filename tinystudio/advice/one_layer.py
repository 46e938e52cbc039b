"""One layer takes half of the time."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.advice.adviser import Advice, Adviser, UseRecipe
from tinystudio.advice.facts import Facts
from tinystudio.advice.figures import number_text, percent, time_text
from tinystudio.explorer.database import Database
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.space import Choice

HALF = 0.5
FEWEST_LAYERS = 3  # of two, one always takes half
WORTH_IT = 0.1  # of the whole time, by which a change has to be faster


class OneLayer(Adviser):
    """Finds the layer that the latency table charges most for, and makes that one alone smaller."""

    id: ClassVar[str] = "one-layer"
    place: ClassVar[int] = 50

    def look(self, facts: Facts) -> Advice | None:
        """Look at the table's layers, timed on this computer."""
        database = facts.database
        table = None if database is None else database.latency
        if database is None or table is None or len(table.segments) < FEWEST_LAYERS:
            return None
        original = database.space.original
        cells, *_ = table.parts(database.space, original[None])
        whole, _ = table.predict(database.space, original)
        shares = np.asarray(cells)[0] * table.slope / 1e3 / whole
        at = int(shares.argmax())
        found = _smaller(database, table, table.segments[at].node, whole)
        if shares[at] < HALF or found is None:
            return None
        what, words, choice, after = found
        point, name = database.point(choice), table.segments[at].node
        return Advice(
            self.id,
            f"One layer of {len(table.segments)}, {name}, takes {percent(float(shares[at]))} of "
            "the time.",
            f"{time_text(float(shares[at]) * whole)} of {time_text(whole)} by the latency table of "
            f"this computer. {what}, the whole would take {time_text(after)}; predicted score: "
            f"{number_text(point.score, database.metric)} instead of "
            f"{number_text(database.original_score, database.metric)}.",
            UseRecipe(words, recipe_of(database.space, choice), measures=True),
            facts.network,
            name,
        )


def _smaller(
    database: Database, table: LatencyTable, node: str, whole: float
) -> tuple[str, str, Choice, float] | None:
    """Return the faster of half the channels and INT8 for one layer: words, choice, time."""
    space = database.space
    if node not in space.layer_index:
        return None
    layer = space.layers[space.layer_index[node] - len(space.groups)]
    ways: list[tuple[str, str, Choice, float]] = []
    for group in dict.fromkeys(name for name in (layer.makes, *layer.reads) if name is not None):
        levels = space.groups[space.group_index[group]].levels
        half = next((n for n, kept in enumerate(levels) if kept * 2 <= levels[0]), None)
        if half is not None:
            what = f"With {levels[half]} of its {levels[0]} channels ({group})"
            axis = space.group_index[group]
            ways.append(_way(database, table, what, "Halve its channels", axis, half))
    if "w8a8" in layer.precisions and database.stage != "levels":
        level = layer.precisions.index("w8a8")
        ways.append(
            _way(database, table, "In INT8", f"Make {node} INT8", space.layer_index[node], level)
        )
    faster = [way for way in ways if way[3] <= (1 - WORTH_IT) * whole]
    return min(faster, key=lambda way: way[3], default=None)


def _way(
    database: Database, table: LatencyTable, what: str, words: str, axis: int, level: int
) -> tuple[str, str, Choice, float]:
    choice = np.array(database.space.original)
    choice[axis] = level
    return what, words, choice, table.predict(database.space, choice)[0]
