"""Figures in words, for a terminal."""

from __future__ import annotations

from tinystudio.cli.console import Console
from tinystudio.core.measurement import Measurement, Status
from tinystudio.core.params import Kind, ParamSpec
from tinystudio.metrics import find_metric, own_metric


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


def ratio_text(figures: Measurement) -> str:
    """Return the latency against the original's and the verdict."""
    if figures.latency_ratio is None:
        return "-"
    low, high = figures.latency_ratio_interval or (figures.latency_ratio, figures.latency_ratio)
    return f"{figures.latency_ratio:.3f} [{low:.3f}, {high:.3f}] {figures.verdict}"


def show_measurements(named: dict[str, Measurement], console: Console) -> None:
    """Print figures side by side, one column a file; marks what was not measured."""
    figures = list(named.values())
    rows = [
        (
            metric_words(figures[0].metric),
            *[_marked(score_text(f), f.score_status) for f in figures],
        ),
        ("size", *[_marked(bytes_text(f.size_bytes), f.size_bytes_status) for f in figures]),
        (
            "download (zstd)",
            *[_marked(bytes_text(f.download_bytes), f.download_bytes_status) for f in figures],
        ),
        ("parameters", *[count_text(f.parameters) for f in figures]),
        ("MACs", *[count_text(f.macs) for f in figures]),
        ("latency", *[_marked(latency_text(f.latency_ms), f.latency_ms_status) for f in figures]),
        ("latency / original", *[ratio_text(f) for f in figures]),
        (
            "peak memory",
            *[
                _marked(bytes_text(f.peak_memory_bytes), f.peak_memory_bytes_status)
                for f in figures
            ],
        ),
        ("energy", *[_marked(_energy(f), f.energy_mj_status) for f in figures]),
    ]
    console.table(("", *named), rows)
    for name, item in named.items():
        if item.verdict_reason:
            console.say(f"{name}: {item.verdict} - {item.verdict_reason}")
        for warning in item.warnings:
            console.say(f"{name}: warning: {warning}")


def _energy(figures: Measurement) -> str:
    if figures.energy_mj is None:
        return "-"
    low, high = figures.energy_interval_mj or (figures.energy_mj, figures.energy_mj)
    return f"{figures.energy_mj:.2g} mJ [{low:.2g}, {high:.2g}]"


def _marked(text: str, status: Status) -> str:
    return text if status in ("measured", "unavailable") else f"{text} ({status})"


def _score(score: float, unit: str) -> str:
    return f"{score:.1%}" if unit == "%" else f"{score:.4g}"


def bounds_text(spec: ParamSpec) -> str:
    """Return what a parameter can be, in the form it is given."""
    match spec.kind:
        case Kind.CHOICE:
            return "|".join(value for value, _ in spec.choices)
        case Kind.SWITCH:
            return "true|false"
        case Kind.MODEL:
            return "gallery:TASK|FILE"
        case Kind.TEXT:
            return "a text"
        case Kind.TABLE:
            return '{"NAME": {...}, ...}'
        case _:
            return f"{spec.minimum:g}..{spec.maximum:g}"
