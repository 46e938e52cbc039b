"""Figures as advice tells them: each with its unit, as many digits as are known."""

from __future__ import annotations

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.metrics import known_metric

MINUS = "−"


def size_text(size_bytes: float) -> str:
    """Return a size in bytes, kB or MB."""
    for limit, unit in ((1e6, "MB"), (1e3, "kB")):
        if size_bytes >= limit:
            return f"{size_bytes / limit:.3g} {unit}"
    return f"{size_bytes:.0f} B"


def time_text(milliseconds: float) -> str:
    """Return a time in µs or ms."""
    if milliseconds < 1:
        return f"{milliseconds * 1000:.3g} µs"
    return f"{milliseconds:.3g} ms"


def score_text(figures: Measurement) -> str:
    """Return a score with its unit."""
    assert figures.score is not None  # asked for where there is one
    return number_text(figures.score, figures.metric)


def number_text(score: float, metric: str) -> str:
    """Return a score of a metric with its unit."""
    unit = _unit(metric)
    if unit == "%":
        return f"{score:.1%}".replace("%", " %")
    return f"{score:.4g} {unit}".strip()


def change_text(change: float, interval: Interval | None, metric: str) -> str:
    """Return a change of a score with its interval, e.g. "−0.5 [−1.2, +0.2] points"."""
    unit = _unit(metric)
    spread = "" if interval is None else f" [{', '.join(_signed(end, unit) for end in interval)}]"
    return f"{_signed(change, unit)}{spread} {'points' if unit == '%' else unit}".strip()


def percent(share: float) -> str:
    """Return a share in whole percent."""
    return f"{share:.0%}".replace("%", " %")


def _unit(metric: str) -> str:
    known = known_metric(metric)
    return "" if known is None else known.unit


def _signed(value: float, unit: str) -> str:
    text = f"{value * 100:+.1f}" if unit == "%" else f"{value:+.3g}"
    return text.replace("-", MINUS)
