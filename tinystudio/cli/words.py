"""Figures in words, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tinystudio.cli.console import Console
from tinystudio.core.measurement import Measurement
from tinystudio.core.params import Kind, ParamSpec
from tinystudio.session.figure_words import (
    bytes_text,
    count_text,
    energy_text,
    latency_text,
    marked,
    metric_words,
    ratio_text,
    score_text,
    throughput_text,
)


def show_measurements(named: dict[str, Measurement], console: Console) -> None:
    """Print figures side by side, one column a file; marks what was not measured."""
    figures = list(named.values())
    rows = [
        (
            metric_words(figures[0].metric),
            *[marked(score_text(f), f.score_status) for f in figures],
        ),
        ("size", *[marked(bytes_text(f.size_bytes), f.size_bytes_status) for f in figures]),
        (
            "download (zstd)",
            *[marked(bytes_text(f.download_bytes), f.download_bytes_status) for f in figures],
        ),
        ("parameters", *[count_text(f.parameters) for f in figures]),
        ("MACs", *[count_text(f.macs) for f in figures]),
        ("latency", *[marked(latency_text(f.latency_ms), f.latency_ms_status) for f in figures]),
        ("latency / original", *[ratio_text(f) for f in figures]),
        (
            "peak memory",
            *[marked(bytes_text(f.peak_memory_bytes), f.peak_memory_bytes_status) for f in figures],
        ),
        *_throughput(figures),
        ("energy", *[marked(energy_text(f), f.energy_mj_status) for f in figures]),
    ]
    console.table(("", *named), rows)
    for name, item in named.items():
        if item.verdict_reason:
            console.say(f"{name}: {item.verdict} - {item.verdict_reason}")
        for warning in item.warnings:
            console.say(f"{name}: warning: {warning}")


def _throughput(figures: Sequence[Measurement]) -> list[tuple[str, ...]]:
    """Return a row for each number of samples a call that was timed, and one for preparing."""
    batches = dict.fromkeys(item.batch for f in figures for item in f.throughput)
    rows = [
        (f"samples/s, {batch} a call", *[throughput_text(f, batch) for f in figures])
        for batch in batches
    ]
    if any(f.preparing_ms is not None for f in figures):
        rows.append(("preparing a sample", *[latency_text(f.preparing_ms) for f in figures]))
    return rows


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
