"""Figures in words, as a terminal and a report write them."""

from __future__ import annotations

from tinystudio.core.measurement import Measurement, Status
from tinystudio.metrics import find_metric, own_metric

ENERGY_UNITS = ((1e3, "J"), (1.0, "mJ"), (1e-3, "µJ"), (1e-6, "nJ"))  # in mJ, the largest first


def bytes_text(size: int | None) -> str:
    """Return a size in kB (1,000 bytes), MB or GB."""
    if size is None:
        return "-"
    if size >= 1e9:
        return f"{size / 1e9:.2f} GB"
    return f"{size / 1e6:.2f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def count_text(count: int | None) -> str:
    """Return a count with thousands apart."""
    return "-" if count is None else f"{count:,}"


def latency_text(milliseconds: float | None) -> str:
    """Return a time in µs below a millisecond, in ms above."""
    if milliseconds is None:
        return "-"
    return f"{milliseconds * 1e3:.1f} µs" if milliseconds < 1 else f"{milliseconds:.2f} ms"


def score_text(figures: Measurement) -> str:
    """Return the score with its interval and sample count."""
    if figures.score is None:
        return "-"
    unit = find_metric(figures.metric).unit
    spread = ""
    if figures.score_interval is not None:
        low, high = (_score(bound, unit) for bound in figures.score_interval)
        spread = f" [{low}, {high}]"
    behind = f" {unit}" if unit not in ("", "%") else ""
    return f"{_score(figures.score, unit)}{behind}{spread} n={figures.samples}"


def metric_words(metric: str) -> str:
    """Return a metric's id; of one of the user's own its function and file."""
    own = own_metric(metric)
    return metric if own is None else own.title


def times_text(ratio: float) -> str:
    """Return a ratio in three digits, as sizes and times are: "0.83×", "1.04×", "12.2×", "120×"."""
    return f"{ratio:.{2 if ratio < 9.995 else 1 if ratio < 99.95 else 0}f}×"


def profiled_text(time_us: float) -> str:
    """Return a time of the runtime's profile, which counts whole microseconds."""
    return "under 1 µs" if time_us < 0.5 else f"{time_us:.0f} µs"


def ratio_text(figures: Measurement) -> str:
    """Return the latency against the original's and the verdict."""
    if figures.latency_ratio is None:
        return "-"
    low, high = figures.latency_ratio_interval or (figures.latency_ratio, figures.latency_ratio)
    return f"{figures.latency_ratio:.3f} [{low:.3f}, {high:.3f}] {figures.verdict}"


def throughput_text(figures: Measurement, batch: int) -> str:
    """Return how many samples a second go through with `batch` of them at once."""
    found = next((item for item in figures.throughput if item.batch == batch), None)
    if found is None:
        return "-"
    low, high = found.interval_per_s
    text = f"{count_words(found.samples_per_s)} [{count_words(low)}, {count_words(high)}]"
    return marked(text, figures.throughput_status)


def count_words(count: float) -> str:
    """Return a count of samples to three digits."""
    return f"{float(f'{count:.3g}'):,.0f}" if count >= 100 else f"{count:.3g}"


def energy_text(figures: Measurement) -> str:
    """Return the energy of one call with its range."""
    if figures.energy_mj is None:
        return "-"
    low, high = figures.energy_interval_mj or (figures.energy_mj, figures.energy_mj)
    share, unit = _energy_unit(figures.energy_mj)
    told, low_told, high_told = (_energy(v, share) for v in (figures.energy_mj, low, high))
    return f"{told} {unit} [{low_told}, {high_told}]"


def energy_words(mj: float) -> str:
    """Return an energy with its unit."""
    share, unit = _energy_unit(mj)
    return f"{_energy(mj, share)} {unit}"


def _energy(mj: float, share: float) -> str:
    return f"{float(f'{mj / share:.2g}'):g}"


def _energy_unit(mj: float) -> tuple[float, str]:
    return next((x for x in ENERGY_UNITS if mj >= x[0]), ENERGY_UNITS[-1])


def marked(text: str, status: Status) -> str:
    """Return a figure with a word behind it where it was not measured."""
    return text if status in ("measured", "unavailable") else f"{text} ({status})"


def _score(score: float, unit: str) -> str:
    return f"{score:.1%}" if unit == "%" else f"{score:.4g}"
