"""The predicted front as points of the plots: in each plot those that no other beats there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tinystudio.core.measurement import Measurement
from tinystudio.gui.plots.points import CostAxis, Point, point_of
from tinystudio.gui.theme import PREDICTED
from tinystudio.session.front import height_of, pareto_front

_PREFIX = "predicted-"


class PredictedFront:
    """Figures of the front's recipes by number; `name` tells a recipe's title when it is asked."""

    def __init__(
        self,
        figures: Sequence[Measurement] = (),
        name: Callable[[int], str] = lambda number: f"recipe {number}",
    ) -> None:
        self.figures = tuple(figures)
        self._name = name

    def point(self, number: int, cost: CostAxis) -> Point | None:
        """Return one recipe's point, hollow; None where its cost is not known yet."""
        found = point_of(f"{_PREFIX}{number}", "", PREDICTED, self.figures[number], cost)
        return None if found is None else replace(found, solid=False)

    def points(self, cost: CostAxis) -> tuple[Point, ...]:
        """Return the points of the front in the plot of `cost`, cheapest first."""
        points = (self.point(number, cost) for number in range(len(self.figures)))
        return pareto_front(
            (point, point.cost, height_of(point.figures)) for point in points if point is not None
        )

    def number(self, id: str | None) -> int | None:
        """Return which recipe a point is, or None where it is a variant's."""
        if id is None or not id.startswith(_PREFIX):
            return None
        return int(id.removeprefix(_PREFIX))

    def named(self, point: Point) -> Point:
        """Return the point with its recipe's title: it takes too long for all of them."""
        number = self.number(point.id)
        return point if number is None else replace(point, title=self._name(number))
