"""What the plots draw of a variant: plain numbers, and words for the hover card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval, Measurement
from tinystudio.gui import wording
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import PREVIEWED
from tinystudio.gui.wording import Judged, Tone
from tinystudio.session.front import Axis
from tinystudio.session.marks import ProjectVariant

IMPORTED = "measured on "  # how the series of imported figures begin
PREVIEW = PREVIEWED  # the id of the point that moves along with the slider, and its series
LEAST_SPAN = 2.0  # times the cheapest cost is the dearest one, while none beats the original
FRONT_SHARE = 0.4  # of the score's scale below the best: what is still worth looking at
PREDICTED_SHARE = 0.15  # the same of what is only predicted


@dataclass(frozen=True)
class Point:
    """One variant in one plot. `cost` in kB or µs, `score` as shown (accuracy in percent)."""

    id: str
    title: str
    series: str
    cost: float
    score: float
    score_interval: Interval
    solid: bool  # measured; hollow is predicted or a preview
    figures: Measurement


@dataclass(frozen=True)
class CostAxis:
    """What one of the plots has on its lower axis."""

    axis: Axis
    title: str
    unit: str
    per_unit: float  # what one shown unit is in the measurement's unit

    def shown(self, value: float) -> float:
        """Return a measured value in the unit of the plot."""
        return value / self.per_unit

    def stored(self, shown: float) -> float:
        """Return a value of the plot in the measurement's unit."""
        return shown * self.per_unit

    def words(self, shown: float) -> str:
        """Return a value of the plot in words."""
        stored = self.stored(shown)
        return wording.size_text(stored) if self.unit == "kB" else wording.latency_text(stored)


SIZE = CostAxis("size_bytes", "size", "kB", 1000.0)
LATENCY = CostAxis("latency_ms", "latency here", "µs", 0.001)


def point_of(
    id: str, title: str, series: str, figures: Measurement, cost: CostAxis
) -> Point | None:
    """Return the point of these figures; None where score or cost is unknown, or they are stale."""
    value: float | None = getattr(figures, cost.axis)
    status = getattr(figures, f"{cost.axis}_status")
    if figures.score is None or value is None or value <= 0 or is_stale(figures):
        return None
    factor = wording.score_factor(figures)
    low, high = figures.score_interval or (figures.score, figures.score)
    return Point(
        id, title, series, cost.shown(value), figures.score * factor, (low * factor, high * factor),
        id != PREVIEW and "measured" == figures.score_status == status, figures,
    )  # fmt: skip


def is_stale(figures: Measurement) -> bool:
    """Say whether the figures come from another CPU, version or data."""
    return "stale" in (figures.score_status, figures.latency_ms_status, figures.size_bytes_status)


def left_out(variants: Sequence[ProjectVariant]) -> str:
    """Say how many variants are not drawn, or not in both plots, and why."""
    fresh = [item for item in variants if not is_stale(item.measurement)]
    untimed = sum(item.measurement.latency_ms is None for item in fresh)
    stale, words = len(variants) - len(fresh), []
    if untimed:
        verb = "is" if untimed == 1 else "are"
        count = wording.plural(untimed, "point")
        words.append(f"{count} {verb} not timed and only in the left plot")
    if stale:
        words.append(f"{wording.plural(stale, 'stale point')} left out; measure again to see")
    return " · ".join(words)


def score_range(
    points: Sequence[Point], front: Sequence[Point], preview: Point | None = None
) -> tuple[float, float]:
    """Return the scores to show at first: the front with its intervals, not every failure.

    A point that lost nearly everything would press all others into a line, and so would a
    predicted front down to its end; the preview is shown wherever it is.
    """
    if not points and preview is None:
        return (0.0, 100.0)
    worth = tuple(front or points) or ((preview,) if preview else ())
    high = max(point.score_interval[1] for point in worth)
    factor = wording.score_factor(worth[0].figures)
    best = max(point.score for point in worth)
    lows = [_lowest(point, best) if factor == 100.0 else point.score_interval[0] for point in worth]
    low = min(lows)
    if factor == 100.0:
        high = min(high, 100.0)
    if preview is not None:
        low, high = min(low, preview.score), max(high, preview.score)
    span = max(high - low, 0.02 * factor, 1e-9)
    top = high + 0.08 * span
    return (low - 0.08 * span, min(top, 101.0) if factor == 100.0 else top)


def _lowest(point: Point, best: float) -> float:
    """Return how far down a point of a share asks to be seen."""
    share = FRONT_SHARE if point.solid else PREDICTED_SHARE
    low = point.score_interval[0] if point.solid else point.score
    return max(low, best - 100 * share)


def cost_range(points: Sequence[Point], limit: float | None) -> tuple[float, float]:
    """Return the costs to show at first, in the plot's unit: every point and the limit."""
    costs = [point.cost for point in points] + ([limit] if limit else [])
    if not costs:
        return (10.0, 1000.0)
    low, high = min(costs), max(costs)
    original = min((point.cost for point in points if point.series == "original"), default=high)
    if not any(point.cost < original for point in points if point.id != PREVIEW):
        low = min(low, high / LEAST_SPAN)  # where a first preview will fall
    margin = max((high / low) ** 0.06, 1.12)
    return (low / margin, high * margin)


def spread_out(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """Return at most about `most` of a front's points, its ends among them, evenly by cost."""
    if len(points) <= most:
        return tuple(points)
    places = log_costs(points)
    step = max(float(np.ptp(places)), 1e-9) / most
    kept = [points[0]]
    for point, place in zip(points[1:-1], places[1:-1], strict=True):
        if place - np.log10(kept[-1].cost) >= step:
            kept.append(point)
    return (*kept, points[-1])


def nearest(points: Sequence[Point], x: Array, y: Array, reach: float) -> Point | None:
    """Return the point whose pixel offsets (n,), (n,) are nearest to zero and within `reach`."""
    if not points:
        return None
    distance = np.hypot(x, y)
    index = int(np.argmin(distance))
    return points[index] if distance[index] <= reach else None


def card_lines(point: Point, original: Measurement | None) -> tuple[str, tuple[str, ...], Judged]:
    """Return what the hover card says: title, figures, and the verdict's sentence."""
    figures, lines = point.figures, []
    interval = wording.score_interval_text(figures)
    count = wording.plural(figures.samples, "sample")
    name = tr(wording.metric_title(figures.metric))
    note = f"({interval}, {count})" if interval else f"({count})"
    kind = "" if point.solid else "preview" if point.id == PREVIEW else "predicted"
    kind = "predicted" if figures.score_status == "predicted" else kind
    shown = (name, wording.score_text(figures), tr(kind), note)
    lines.append(" ".join(part for part in shown if part))
    if figures.size_bytes is not None:
        before = original.size_bytes if original else None
        change = wording.size_change(figures.size_bytes, before).text
        beside = f" ({change})" if change and point.series != "original" else ""
        lines.append(f"size {wording.size_text(figures.size_bytes)}{beside}")
    lines.append(_latency_line(point))
    verdict = wording.tie_sentence(figures)
    if point.series == "original":
        verdict = Judged("the model as it came", Tone.MUTED)
    if point.series.startswith(IMPORTED):
        verdict = Judged(f"{point.series}; no verdict is drawn from it", Tone.MUTED)
    return point.title, tuple(lines), verdict


def _latency_line(point: Point) -> str:
    figures = point.figures
    if figures.latency_ms is None:
        return "latency not timed"
    text = f"latency {wording.latency_text(figures.latency_ms)}"
    text += wording.status_mark(figures.latency_ms_status)
    if figures.latency_ratio is None or point.series == "original":
        return text
    spread = wording.speed_interval_text(figures)
    return f"{text} ({wording.speed_change(figures).text}{', ' + spread if spread else ''})"


def log_costs(points: Sequence[Point]) -> Array:
    """Return the points' places on a logarithmic axis, float64 (n,)."""
    return np.log10(np.fromiter((point.cost for point in points), np.float64, len(points)))


def scores(points: Sequence[Point]) -> Array:
    """Return the points' scores, float64 (n,)."""
    return np.fromiter((point.score for point in points), np.float64, len(points))
