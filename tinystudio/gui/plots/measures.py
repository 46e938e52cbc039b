"""What a plot can have on an axis: every figure of a variant, with its unit and its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.session.front import is_known
from tinystudio.session.marks import ProjectVariant

Value = Callable[[ProjectVariant], float | None]


@dataclass(frozen=True)
class Measure:
    """One figure: `value` in the unit of the axis; `log` where a logarithm is the usual scale."""

    id: str
    title: str
    unit: str
    value: Value
    log: bool = False
    tip: str = ""

    def caption(self, variants: Sequence[ProjectVariant]) -> str:
        """Return what stands at the axis; scores are called by their metric."""
        if self.id in SCORES and variants:
            figures = variants[0].measurement
            name = wording.axis_title(figures)
            return name if self.id == "score" else f"{self.title}, {name}"
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def text(self, value: float) -> str:
        """Return a value in words."""
        unit = f" {self.unit}" if self.unit and self.unit != "×" else self.unit
        return f"{wording.rounded(value, 3)}{unit}"


def _figure(name: str, per_unit: float = 1.0) -> Value:
    """Read a figure of the measurement; what is stale is not compared with the rest."""

    def value(item: ProjectVariant) -> float | None:
        figures = item.measurement
        if not is_known(figures, name):
            return None
        return float(getattr(figures, name)) / per_unit

    return value


def _percentile(name: str) -> Value:
    def value(item: ProjectVariant) -> float | None:
        figures = item.measurement
        found = getattr(figures, name)
        return None if found is None or figures.latency_ms_status == "stale" else found * 1000.0

    return value


def _score(item: ProjectVariant) -> float | None:
    return _shown_score(item.measurement)


def _shown_score(figures: Measurement | None) -> float | None:
    if figures is None or figures.score is None or figures.score_status == "stale":
        return None
    return figures.score * wording.score_factor(figures)


def _change(item: ProjectVariant) -> float | None:
    figures = item.measurement
    if figures.score_change is None or figures.score_status == "stale":
        return None
    return figures.score_change * wording.score_factor(figures)


def _worst_class(item: ProjectVariant) -> float | None:
    scores = [found.accuracy for found in item.measurement.per_class if found.samples]
    stale = item.measurement.score_status == "stale"
    return None if not scores or stale else 100.0 * min(scores)


def _speed(item: ProjectVariant) -> float | None:
    figures = item.measurement
    if item.is_reference:
        return 1.0 if is_known(figures, "latency_ms") else None
    ratio = figures.latency_ratio if is_known(figures, "latency_ratio") else None
    return 1.0 / ratio if ratio else None


SCORES = ("score", "test")
AGAINST = "against the baseline: the original, or what was chosen instead"
MEASURES: tuple[Measure, ...] = (
    Measure("score", "score", "", _score),
    Measure("test", "on test", "", lambda item: _shown_score(item.test)),
    Measure("change", "change of the score", "", _change, tip=AGAINST),
    Measure("worst", "worst class", "%", _worst_class, tip="of all, in accuracy"),
    Measure("size", "size", "kB", _figure("size_bytes", 1000.0), log=True),
    Measure("download", "download", "kB", _figure("download_bytes", 1000.0), log=True),
    Measure("parameters", "parameters", "", _figure("parameters"), log=True),
    Measure("nonzero", "parameters that are not zero", "", _figure("nonzero_parameters"), log=True),
    Measure("macs", "MACs", "", _figure("macs"), log=True, tip="multiply-adds for one sample"),
    Measure("latency", "latency here", "µs", _figure("latency_ms", 0.001), log=True),
    Measure("p95", "latency, 95 of 100", "µs", _percentile("latency_p95_ms"), log=True),
    Measure("p99", "latency, 99 of 100", "µs", _percentile("latency_p99_ms"), log=True),
    Measure("speed", "times as fast", "×", _speed, log=True, tip=AGAINST),
    Measure("memory", "peak memory", "kB", _figure("peak_memory_bytes", 1000.0), log=True),
    Measure("energy", "energy", "µJ", _figure("energy_mj", 0.001), log=True),
    Measure("seconds", "time to make and measure", "s", lambda item: item.variant.seconds or None,
            log=True),
)  # fmt: skip
_BY_ID = {measure.id: measure for measure in MEASURES}


def find_measure(id: str) -> Measure | None:
    """Return the measure of that id."""
    return _BY_ID.get(id)


def values(variants: Sequence[ProjectVariant], measure: Measure) -> Array:
    """Return a measure of all variants, float64 (n,), NaN where it is not known."""
    found = (measure.value(item) for item in variants)
    gaps = (np.nan if value is None else value for value in found)
    return np.fromiter(gaps, np.float64, len(variants))


def placed(shown: Array, is_log: bool) -> Array:
    """Return values where the axis has them; what a logarithm cannot show becomes NaN."""
    if not is_log:
        return shown
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(shown > 0, np.log10(shown), np.nan)
