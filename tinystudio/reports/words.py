"""Figures as a report's tables write them."""

from __future__ import annotations

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.metrics import known_metric
from tinystudio.session.figure_words import (
    bytes_text,
    count_words,
    energy_words,
    latency_text,
    marked,
    times_text,
)
from tinystudio.session.marks import ProjectVariant

NONE = "–"
MINUS = "−"
MORE = 2  # decimals of a percentage whose change stands beside it: one alone would not add up


def variants(count: int) -> str:
    """Return a count of variants; the original is none of them."""
    return "1 variant" if count == 1 else f"{count} variants"


def metric_name(metric: str) -> str:
    """Return a metric's name in words."""
    known = known_metric(metric)
    return metric if known is None else known.name


def is_percent(metric: str) -> bool:
    """Say whether scores of a metric are shares, told in percent."""
    known = known_metric(metric)
    return known is not None and known.unit == "%"


def unit_of(metric: str) -> str:
    """Return the unit behind a score, with its space."""
    known = known_metric(metric)
    return f" {known.unit}" if known is not None and known.unit else ""


def number(value: float, metric: str, decimals: int = 1) -> str:
    """Return a score without its unit; a percentage with so many decimals."""
    text = f"{100 * value:.{decimals}f}" if is_percent(metric) else f"{value:.4g}"
    return text.replace("-", MINUS)


def interval(bounds: Interval | None, metric: str) -> str:
    """Return an interval of scores."""
    return NONE if bounds is None else " … ".join(number(bound, metric) for bound in bounds)


def score(figures: Measurement, decimals: int = 1) -> str:
    """Return the score with its unit, and a word where it was not measured."""
    if figures.score is None:
        return NONE
    text = number(figures.score, figures.metric, decimals) + unit_of(figures.metric)
    return marked(text, figures.score_status)


def signed(value: float, metric: str, decimals: int = 1) -> str:
    """Return a change of a score with its sign."""
    text = number(abs(value), metric, decimals)
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{text}"


def change_unit(metric: str) -> str:
    """Return the unit of a change: of a percentage, points."""
    return "points" if is_percent(metric) else unit_of(metric).strip()


def change(figures: Measurement, has_unit: bool = True, decimals: int = 1) -> str:
    """Return the change of the score and what it amounts to: a tie, better, worse.

    Without a unit where the column's title tells it.
    """
    if figures.score_change is None:
        return NONE
    text = signed(figures.score_change, figures.metric, decimals)
    unit = change_unit(figures.metric)
    text += f" {unit}" if unit and has_unit else ""
    if figures.score_tied:
        return f"{text}, tie"
    is_better = (figures.score_change > 0) == figures.higher_is_better
    return f"{text}, {'better' if is_better else 'worse'}"


def change_interval(figures: Measurement) -> str:
    """Return the interval of the change."""
    bounds = figures.score_change_interval
    return NONE if bounds is None else " … ".join(signed(b, figures.metric) for b in bounds)


def size(figures: Measurement) -> str:
    """Return the size of the file."""
    if figures.size_bytes is None:
        return NONE
    return marked(bytes_text(figures.size_bytes), figures.size_bytes_status)


def smaller(figures: Measurement, before: Measurement) -> str:
    """Return how many times smaller a file is."""
    if not figures.size_bytes or not before.size_bytes:
        return NONE
    ratio = before.size_bytes / figures.size_bytes
    if abs(ratio - 1) < 0.005:
        return "same size"
    return f"{times_text(ratio)} smaller" if ratio > 1 else f"{times_text(1 / ratio)} larger"


def latency(figures: Measurement) -> str:
    """Return the time of one call."""
    if figures.latency_ms is None:
        return NONE
    return marked(latency_text(figures.latency_ms), figures.latency_ms_status)


def latency_interval(figures: Measurement) -> str:
    """Return the interval of the time of one call."""
    bounds = figures.latency_interval_ms
    return NONE if bounds is None else _within(*(latency_text(bound) for bound in bounds))


def ratio(figures: Measurement) -> str:
    """Return the time against the other's, with its interval and the verdict."""
    if figures.latency_ratio is None:
        return NONE
    text = _times(figures.latency_ratio)
    if figures.latency_ratio_interval is not None:
        text += f" ({_within(*map(_times, figures.latency_ratio_interval))})"
    return marked(f"{text}, {figures.verdict}", figures.latency_ratio_status)


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.095 else f"{ratio:.2g}"


def memory(figures: Measurement) -> str:
    """Return the peak of memory."""
    if figures.peak_memory_bytes is None:
        return NONE
    return marked(bytes_text(figures.peak_memory_bytes), figures.peak_memory_bytes_status)


def energy(figures: Measurement) -> str:
    """Return the energy of one call."""
    return NONE if figures.energy_mj is None else energy_words(figures.energy_mj)


def energy_interval(figures: Measurement) -> str:
    """Return the interval of the energy of one call."""
    bounds = figures.energy_interval_mj
    return NONE if bounds is None else _within(*map(energy_words, bounds))


def throughput(figures: Measurement, batch: int) -> str:
    """Return how many samples a second go through with `batch` of them at once."""
    found = next((item for item in figures.throughput if item.batch == batch), None)
    return NONE if found is None else marked(
        count_words(found.samples_per_s), figures.throughput_status
    )  # fmt: skip


def throughput_interval(figures: Measurement, batch: int) -> str:
    """Return the interval of that."""
    found = next((item for item in figures.throughput if item.batch == batch), None)
    return NONE if found is None else _within(*map(count_words, found.interval_per_s))


def capital(text: str) -> str:
    """Return words as the beginning of a line."""
    return text[:1].upper() + text[1:]


def _within(low: str, high: str) -> str:
    """Return an interval; the unit stands once where both ends have the same."""
    low_number, _, unit = low.partition(" ")
    return f"{low_number if high.endswith(f' {unit}') and unit else low} … {high}"


def comparable(mine: ProjectVariant, other: ProjectVariant) -> tuple[Measurement, Measurement]:
    """Return the figures of both on test where both have them and they hold, else on validation."""
    if mine.has_test and other.has_test and mine.test is not None and other.test is not None:
        return mine.test, other.test
    return mine.measurement, other.measurement
