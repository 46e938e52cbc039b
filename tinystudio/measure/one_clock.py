"""Times that stand beside each other: on the clock of one time of the original.

How fast a processor runs differs from minute to minute; the ratio of two networks that are timed
in turns does not. So a variant's time is its ratio times what the original takes. Where the
original is timed again, all times move with it, and ratio and times always fit together.
"""

from __future__ import annotations

from tinystudio.core.measurement import Measurement

_SAME = 1e-9  # a factor nearer to 1 is none: numbers went through JSON


def on_clock(figures: Measurement, original_ms: float) -> Measurement:
    """Return figures whose times are those beside an original that takes `original_ms`.

    Percentiles move by the same factor as the time itself, so that their order stays. Figures
    without a ratio, and those that stand on this clock already, are returned as they are.
    """
    ratio, before = figures.latency_ratio, figures.latency_ms
    if ratio is None or not before:
        return figures
    return _moved(figures, ratio * original_ms / before)


def original_on_clock(figures: Measurement, original_ms: float) -> Measurement:
    """Return figures of the original itself, of another split, on the same clock."""
    before = figures.latency_ms
    return _moved(figures, original_ms / before) if before else figures


def _moved(figures: Measurement, factor: float) -> Measurement:
    if abs(factor - 1) < _SAME:
        return figures
    names = ("latency_ms", "latency_p95_ms", "latency_p99_ms", "latency_p999_ms")
    found = {name: getattr(figures, name) for name in names}
    moved: dict[str, object] = {
        name: value * factor for name, value in found.items() if value is not None
    }
    if figures.latency_interval_ms is not None:
        low, high = figures.latency_interval_ms
        moved["latency_interval_ms"] = (low * factor, high * factor)
    return figures.model_copy(update=moved)
