"""The points of one plot, made once per variant: a new one does not make the others again."""

from __future__ import annotations

from collections.abc import Iterable

from tinystudio.gui.plots.points import CostAxis, Point, point_of
from tinystudio.session.marks import ProjectVariant


class KnownPoints:
    """What has not changed is the same `Point` object as before. Forgets what is not asked for."""

    def __init__(self, cost: CostAxis) -> None:
        self._cost = cost
        self._known: dict[str, tuple[ProjectVariant, Point | None]] = {}

    def of(self, variants: Iterable[ProjectVariant]) -> tuple[Point, ...]:
        """Return a point for every variant whose score and cost are known and not stale."""
        before = self._known
        self._known = {item.id: self._met(item, before.get(item.id)) for item in variants}
        return tuple(point for _, point in self._known.values() if point is not None)

    def _met(
        self, item: ProjectVariant, known: tuple[ProjectVariant, Point | None] | None
    ) -> tuple[ProjectVariant, Point | None]:
        if known is not None and known[0] is item:
            return known
        series = item.variant.series
        return item, point_of(item.id, item.title, series, item.measurement, self._cost)
