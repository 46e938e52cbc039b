"""Metrics: one file each, found by the catalogue."""

from __future__ import annotations

from functools import cache, lru_cache

from tinystudio.core.catalogue import find_parts
from tinystudio.core.errors import UserError
from tinystudio.metrics.metric import Metric
from tinystudio.metrics.own.named import Named
from tinystudio.metrics.own.own_metric import OwnMetric


@cache
def metrics() -> tuple[Metric, ...]:
    """Return every metric."""
    return find_parts(__name__, Metric)  # type: ignore[type-abstract]


def known_metric(metric: str) -> Metric | None:
    """Return the metric of that id, or None. One of the user's own is named, and not run."""
    for item in metrics():
        if item.id == metric:
            return item
    return own_metric(metric)


@lru_cache(maxsize=32)
def own_metric(metric: str) -> OwnMetric | None:
    """Return the metric of the user's own that `file.py:function` names, or None."""
    named = Named.parse(metric)
    return None if named is None else OwnMetric(named)


def find_metric(metric: str) -> Metric:
    """Return the metric of that id; raises `UserError` naming those there are."""
    found = known_metric(metric)
    if found is not None:
        return found
    known = ", ".join(item.id for item in metrics())
    raise UserError(
        "The data was not understood", f"There is no metric {metric!r}.", f"Choose one of: {known}."
    )
