"""Metrics: one file each, found by the catalogue."""

from __future__ import annotations

from functools import cache

from tinystudio.core.catalogue import find_parts
from tinystudio.core.errors import UserError
from tinystudio.metrics.metric import Metric


@cache
def metrics() -> tuple[Metric, ...]:
    """Return every metric."""
    return find_parts(__name__, Metric)  # type: ignore[type-abstract]


def find_metric(metric: str) -> Metric:
    """Return the metric of that id; raises `UserError` naming those there are."""
    for item in metrics():
        if item.id == metric:
            return item
    known = ", ".join(item.id for item in metrics())
    raise UserError(
        "The data was not understood", f"There is no metric {metric!r}.", f"Choose one of: {known}."
    )
