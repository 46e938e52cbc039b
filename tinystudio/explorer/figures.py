"""A point of the space as the figures that window, plots and reports show: marked as predicted."""

from __future__ import annotations

import math
from typing import Any

from tinystudio.core.intervals import wilson
from tinystudio.core.measurement import Interval, Measurement
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.metrics import find_metric


def predicted_figures(
    database: Database, point: FrontPoint, original: Measurement | None = None
) -> Measurement:
    """Return a point's figures, every one of them marked as predicted.

    With the original's measured latency, a point's is that times the predicted ratio: times of
    the table and of a verdict must not stand beside one another.
    """
    metric, interval = find_metric(database.metric), _interval(database, point)
    figures: dict[str, Any] = {
        "metric": metric.id,
        "higher_is_better": metric.higher_is_better,
        "split": "validation",
        "samples": database.samples,
        "score": point.score,
        "score_interval": interval,
        "score_status": "predicted",
        "size_bytes": point.size_bytes,
        "size_bytes_status": "predicted",
    }
    if metric.id == "accuracy":
        figures |= {
            "accuracy": point.score,
            "accuracy_interval": interval,
            "accuracy_status": "predicted",
        }
    figures["score_change"] = point.score - database.original_score
    return Measurement.model_validate(figures | _latency(database, point, original))


def _interval(database: Database, point: FrontPoint) -> Interval:
    """Return how far the true score may be: the prediction's error and the samples' together.

    Root of the sum of squares, each side by itself. A measured score has the latter alone. Of
    scores that are no shares the samples' part is taken to be the original's.
    """
    least, most = find_metric(database.metric).bounds
    sampled = _sampled(database, point.score, (least, most) == (0.0, 1.0))
    low = math.hypot(point.score - point.interval[0], point.score - sampled[0])
    high = math.hypot(point.interval[1] - point.score, sampled[1] - point.score)
    return (max(least, point.score - low), min(most, point.score + high))


def _sampled(database: Database, score: float, is_share: bool) -> Interval:
    """Return the interval that a measured score would have."""
    if is_share:
        return wilson(round(score * database.samples), database.samples)
    known, original = database.original_interval, database.original_score
    if known is None:
        return (score, score)
    return (score - (original - known[0]), score + (known[1] - original))


def _latency(database: Database, point: FrontPoint, original: Measurement | None) -> dict[str, Any]:
    if database.latency is None or point.latency_ms is None:
        return {}
    whole = database.latency.predict(database.space, database.space.original)[0]
    known = None if original is None else original.latency_ms
    scale = 1.0 if known is None else known / whole
    found: dict[str, Any] = {
        "latency_ms": point.latency_ms * scale,
        "latency_ms_status": "predicted",
        "latency_ratio": point.latency_ms / whole,
        "latency_ratio_status": "predicted",
    }
    if point.latency_interval_ms is not None:
        found["latency_interval_ms"] = _scaled(point.latency_interval_ms, scale)
        found["latency_ratio_interval"] = _scaled(point.latency_interval_ms, 1 / whole)
    return found


def _scaled(interval: Interval, factor: float) -> Interval:
    return (interval[0] * factor, interval[1] * factor)
