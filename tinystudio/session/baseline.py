"""Any variant as the baseline: what changes and verdicts are when they are against it.

Nothing is measured for this. Every variant was compared with the original, score by score on the
same samples and in one timing; from two such comparisons follows the one between the two.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.measure.verdict import judge
from tinystudio.session.marks import ProjectVariant

BY_FIGURES = (
    "Compared by figures: both were timed against the original, not against each other, and the "
    "interval holds both uncertainties. Score changes are worked out the same way, and sizes are "
    "exact."
)
BY_FIGURES_SHORT = "Worked out: each was timed against the original."
ORIGINAL = "the original"  # as it is called in a sentence
_NONE: Interval = (0.0, 0.0)


class Comparisons:
    """Turns variants so that they are compared with a baseline; remembers what it has turned."""

    def __init__(self) -> None:
        self._baseline: ProjectVariant | None = None
        self._known: dict[str, tuple[ProjectVariant, ProjectVariant]] = {}

    def of(
        self, items: Iterable[ProjectVariant], baseline: ProjectVariant | None
    ) -> tuple[ProjectVariant, ...]:
        """Return the variants as they stand to `baseline`; None or the original: as they are.

        What has not changed is the same object as before.
        """
        if baseline is None or baseline.is_original:
            return tuple(items)
        if self._baseline is not baseline:
            self._baseline, self._known = baseline, {}
        self._known = {item.id: self._met(item, baseline) for item in items}
        return tuple(turned for _, turned in self._known.values())

    def _met(
        self, item: ProjectVariant, baseline: ProjectVariant
    ) -> tuple[ProjectVariant, ProjectVariant]:
        known = self._known.get(item.id)
        if known is not None and known[0] is item:
            return known
        return item, compared(item, baseline)


def compared(item: ProjectVariant, baseline: ProjectVariant) -> ProjectVariant:
    """Return a variant with its changes and verdict against the baseline."""
    is_it = item.id == baseline.id
    test = None
    if item.test is not None:
        same_split = baseline.test if baseline.test is not None else Measurement()
        test = _alone(item.test) if is_it else against(item.test, same_split, baseline.title)
    figures = item.measurement
    turned = _alone(figures) if is_it else against(figures, baseline.measurement, baseline.title)
    return replace(item, measurement=turned, test=test, reference=is_it)


def as_against(figures: Measurement, baseline: ProjectVariant | None) -> Measurement:
    """Return figures that are told against the original as they stand to the baseline."""
    if baseline is None or baseline.is_original:
        return figures
    return against(figures, baseline.measurement, baseline.title)


def baseline_words(baseline: ProjectVariant | None) -> str:
    """Return what changes are told against, as it stands in a sentence."""
    if baseline is None or baseline.is_original:
        return ORIGINAL
    return f"“{baseline.title}”"


def against(figures: Measurement, base: Measurement, title: str) -> Measurement:
    """Return figures whose changes, ratio and verdict are against `base`, which `title` names."""
    alone = _alone(figures)
    changes = _score(figures, base) | _speed(figures, base)
    return alone.model_copy(update={"compared_with": title, **changes})


def _alone(figures: Measurement) -> Measurement:
    """Return figures that are compared with nothing."""
    return figures.model_copy(
        update={
            "score_change": None, "score_change_interval": None, "score_tied": None,
            "latency_ratio": None, "latency_ratio_interval": None,
            "latency_ratio_status": "unavailable", "verdict": "unknown", "verdict_reason": "",
            "verdict_status": "unavailable",
        }
    )  # fmt: skip


def _score(figures: Measurement, base: Measurement) -> dict[str, object]:
    is_same = (figures.metric, figures.split) == (base.metric, base.split)
    is_stale = "stale" in (figures.score_status, base.score_status)
    if figures.score is None or base.score is None or not is_same or is_stale:
        return {}
    change = figures.score - base.score
    if figures.score_change is not None or base.score_change is not None:
        # Of a preview on some samples the change is surer than the score.
        change = (figures.score_change or 0.0) - (base.score_change or 0.0)
    mine, theirs = _spreads(figures, base)
    low = change - math.hypot(mine[0], theirs[1])
    high = change + math.hypot(mine[1], theirs[0])
    is_tied = low <= 0 <= high
    return {
        "score_change": change, "score_change_interval": (low, high), "score_tied": is_tied,
    }  # fmt: skip


def _spreads(figures: Measurement, base: Measurement) -> tuple[Interval, Interval]:
    """Return how far each may be off, downwards and upwards.

    Two changes against the original are both over the same samples. What they have in common (the
    original, and samples that both get wrong) makes the true difference surer than the sum of the
    two, so that this is rather too wide. One that was never
    compared with the original is the original itself, or has only its own interval.
    """
    if figures.score_change is None and base.score_change is None:
        return _own(figures), _own(base)
    return _paired(figures), _paired(base)


def _paired(figures: Measurement) -> Interval:
    if figures.score_change is None:
        return _NONE
    return _half(figures.score_change, figures.score_change_interval) or _own(figures)


def _own(figures: Measurement) -> Interval:
    return _half(figures.score, figures.score_interval) or _NONE


def _half(value: float | None, interval: Interval | None) -> Interval | None:
    if value is None or interval is None:
        return None
    return max(value - interval[0], 0.0), max(interval[1] - value, 0.0)


def _speed(figures: Measurement, base: Measurement) -> dict[str, object]:
    mine, theirs = _ratio(figures), _ratio(base)
    is_stale = "stale" in (figures.latency_ms_status, base.latency_ms_status)
    if mine is None or theirs is None or is_stale or base.latency_ms is None:
        return {}
    ratio = mine[0] / theirs[0]
    low, high = (
        math.hypot(math.log(mine[0] / mine[1][0]), math.log(theirs[1][1] / theirs[0])),
        math.hypot(math.log(mine[1][1] / mine[0]), math.log(theirs[0] / theirs[1][0])),
    )
    interval = (ratio * math.exp(-low), ratio * math.exp(high))
    if "predicted" in (figures.latency_ratio_status, base.latency_ratio_status):
        # No verdict: that is for the stopwatch to give.
        return {
            "latency_ratio": ratio, "latency_ratio_interval": interval,
            "latency_ratio_status": "predicted",
        }  # fmt: skip
    return {
        "latency_ratio": ratio, "latency_ratio_interval": interval,
        "latency_ratio_status": "estimated", "verdict": judge(ratio, interval, base.latency_ms),
        "verdict_reason": BY_FIGURES_SHORT,
        "verdict_status": "estimated",
    }  # fmt: skip


def _ratio(figures: Measurement) -> tuple[float, Interval] | None:
    """Return the time against the original's with its interval; the original's own is 1."""
    if figures.latency_ms is None:
        return None
    if figures.latency_ratio is None:
        return (1.0, (1.0, 1.0)) if figures.verdict == "unknown" else None
    ratio = figures.latency_ratio
    low, high = figures.latency_ratio_interval or (ratio, ratio)
    return (ratio, (low, high)) if min(ratio, low, high) > 0 else None
