"""What a plot shows, in words: for those who hear it read aloud."""

from __future__ import annotations

from collections.abc import Sequence

from tinystudio.gui import wording
from tinystudio.gui.number_marks import plain
from tinystudio.gui.plots.points import CostAxis, Point, card_lines

KEYS = "The left and right arrows go from point to point."
TABLE = "The button Table above shows the same numbers as a table."


def points_in_words(cost: CostAxis, points: Sequence[Point], front: Sequence[Point]) -> str:
    """Return how many points there are and what the ends of the front are."""
    if not points:
        return f"No variant is measured in {cost.title} yet. {TABLE}"
    told = [f"{wording.plural(len(points), 'variant')}, {len(front)} on the Pareto front."]
    if front:
        told.append(f"The cheapest: {_told(front[0])}. The dearest: {_told(front[-1])}.")
    return " ".join((*told, KEYS, TABLE))


def curves_in_words(caption: str, curves: int, epochs: float) -> str:
    """Return what a plot of trainings shows."""
    if not curves:
        return f"No training tells its {caption} yet. {TABLE}"
    return f"{wording.plural(curves, 'curve')} of {caption} over {plain(epochs)} epochs. {TABLE}"


def _told(point: Point) -> str:
    title, lines, _ = card_lines(point, None)
    return "; ".join((title, *lines))
