"""A comparison as tables of words, for the window, the terminal and the clipboard alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinystudio.core.measurement import Interval, Measurement
from tinystudio.jobs.comparison import (
    ChangedSample,
    ClassRow,
    Comparison,
    LayerCell,
    LayerRow,
    PairDifference,
    Said,
)
from tinystudio.metrics import known_metric
from tinystudio.session.figure_words import profiled_text, times_text

NONE = "–"
TIE = "tie"
REFERENCE = "reference"
GONE = "not there"
MINUS = "−"  # a real minus sign, as wide as a digit
MORE = 2  # decimals of a percentage whose change stands beside it: one alone would not add up

HELP = {
    "change": "of the score against the first variant, on the same samples; worked out unrounded",
    "download": "bytes after zstd",
    "latency": "of one sample on this computer, with its interval",
    "time / original": "both timed in the same run, with the ratio's interval",
    "speed": "against the first variant; the same where the intervals of the ratios overlap",
    "peak memory": "working memory while one sample is run: what layers hand on to one another "
    "and need to work, without the weights",
    "MACs": "multiplications with an addition, of one sample",
}
POINTS = " (points)"
KIND_WORDS = {"mended": "fixed"}  # where the word for people is another than the record's
Tone = str  # "", "good", "bad", "same": how a cell is to be read


@dataclass(frozen=True)
class Words:
    """How figures are written where the tables are shown."""

    size: Callable[[int], str]
    latency_ms: Callable[[float], str]
    count: Callable[[int], str]


@dataclass(frozen=True)
class Cell:
    """What stands in a table, how it is to be read, and by what it is sorted."""

    text: str
    tone: Tone = ""
    key: float | None = None
    tip: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells under their heads; the first `words` columns are no figures."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """Return the rows as they are read."""
        return [tuple(cell.text for cell in row) for row in self.rows]

    @property
    def csv(self) -> str:
        """Return the table as CSV text with its heads."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.heads)
        writer.writerows(self.texts)
        return text.getvalue()


def figures_table(found: Comparison, words: Words) -> Table:
    """Return what each variant is worth and costs; the first column is held against the others."""
    known = [item.measurement or Measurement() for item in found.contenders]
    score = known_metric(found.metric)
    rows = [
        (change_head(found.metric), [_against_first(found, at) for at in range(len(known))]),
        ("size", [_size(figures, known[0], words) for figures in known]),
        ("download", [Cell(_or_none(figures.download_bytes, words.size)) for figures in known]),
        ("latency", [_latency(figures, words) for figures in known]),
        ("time / original", [_ratio(figures) for figures in known]),
        ("speed", [_speed(figures, known[0]) for figures in known]),
        ("peak memory", [Cell(_or_none(f.peak_memory_bytes, words.size)) for f in known]),
        ("parameters", [Cell(_or_none(f.parameters, words.count)) for f in known]),
        ("MACs", [Cell(_or_none(f.macs, words.count)) for f in known]),
    ]
    name = score.name if score is not None else found.metric
    first = (name, [_score(figures, found.metric) for figures in known])
    return Table(
        "Figures", ("", *found.titles),
        tuple(
            (Cell(title, tip=HELP.get(title.removesuffix(POINTS), "")), *cells)
            for title, cells in (first, *rows)
        ),
    )  # fmt: skip


def change_head(metric: str) -> str:
    """Return what stands over changes of a score: those of shares are counted in points."""
    return f"change{POINTS}" if _is_share(metric) else "change"


def pairs_table(found: Comparison) -> Table:
    """Return how every two variants differ on the same samples."""
    rows = []
    for pair in found.pairs:
        change = _points(pair.change, found.metric, MORE)
        interval = _span(pair.interval, found.metric)
        verdict = _verdict(pair, found.higher_is_better)
        rows.append(
            (
                Cell(f"{found.titles[pair.second]} against {found.titles[pair.first]}"),
                Cell(change, verdict.tone, pair.change),
                Cell(interval),
                verdict,
                Cell(f"{pair.new_mistakes:,}", key=pair.new_mistakes),
                Cell(f"{pair.mended:,}", key=pair.mended),
            )
        )
    heads = (
        "pair",
        change_head(found.metric),
        "90 % interval",
        "verdict",
        "new mistakes",
        KIND_WORDS["mended"],
    )
    if not found.class_rows:
        return Table("Pairs", heads[:4], tuple(row[:4] for row in rows))
    return Table("Pairs", heads, tuple(rows))


def classes_table(found: Comparison) -> Table:
    """Return how each class fares, the one that lost most first; changes are in points."""
    heads = ("class", "samples", *found.titles)
    return Table("Classes", heads, tuple(_class_cells(row) for row in found.class_rows))


def confusions_table(found: Comparison) -> Table:
    """Return which classes are taken for others, where the variants differ most first."""
    rows = []
    for item in found.confusions:
        first = item.counts[0]
        counts = [Cell(f"{first:,}", key=first)]
        for count in item.counts[1:]:
            more = count - first
            text = f"{count:,} ({_signed(more, 0)})" if more else f"{count:,}"
            counts.append(Cell(text, "bad" if more > 0 else "good" if more else "", count))
        rows.append((Cell(item.truth), Cell(item.said), *counts))
    return Table("Confusions", ("class", "taken for", *found.titles), tuple(rows), words=2)


def matrix_table(found: Comparison, at: int, is_difference: bool) -> Table:
    """Return the confusion matrix of a variant, or how it differs from that of the first."""
    rows = []
    for place, name in enumerate(found.class_names):
        counts, before = found.matrices[at][place], found.matrices[0][place]
        told = [c - b if is_difference else c for c, b in zip(counts, before, strict=True)]
        rows.append((Cell(name), *(Cell(str(count), key=count) for count in told)))
    title = found.titles[at] + (f" against {found.titles[0]}" if is_difference else "")
    return Table(title, (f"{title}: class / taken for", *found.class_names), tuple(rows))


def samples_table(found: Comparison) -> Table:
    """Return the samples that changed, the new mistakes first."""
    rows = tuple(
        (
            Cell(str(item.number), key=item.number), Cell(kind_words(item.kind), kind_tone(item)),
            Cell(item.truth or NONE), *(Cell(said_text(said, found.metric)) for said in item.said),
        )
        for item in found.changed
    )  # fmt: skip
    return Table("Samples", ("sample", "change", "label", *found.titles), rows, words=99)


def layers_table(found: Comparison, words: Words) -> Table:
    """Return the layers side by side: time, share, size, precision and channels of each."""
    heads = ["layer", "kind"]
    for title in found.titles:
        heads += [f"{title}: time", "share", "size", "precision", "channels"]
    rows = [_layer_cells(row, found, words) for row in found.layers]
    return Table("Layers", tuple(heads), tuple(rows), words=2)


def said_text(said: Said, metric: str) -> str:
    """Return what a variant made of a sample: its answer and how sure it is, or its score."""
    if said.is_right is None:
        score = NONE if said.score is None else _plain(said.score, metric)
        return f"{said.words} ({score})" if said.words else score
    sign, words = "✓" if said.is_right else "✕", said.words
    if said.sure is not None:
        share = f"{100 * said.sure:.0f}"
        words = f"{words}, {share} % sure"
    return f"{sign} {words}"


def kind_words(kind: str) -> str:
    """Return what happened to a sample, as it is read."""
    return KIND_WORDS.get(kind, kind)


def kind_tone(item: ChangedSample) -> Tone:
    """Return how what happened to a sample is to be read."""
    tones = {"new mistake": "bad", "worse": "bad", "mended": "good", "better": "good"}
    return tones.get(item.kind, "")


def runtime_text(cell: LayerCell) -> str:
    """Return a layer's steps in the runtime, which names them as it likes, and what is in each."""
    steps = [(node, f"{node.op}, {profiled_text(node.time_us)}") for node in cell.runtime]
    if len(steps) == 1 and set(steps[0][0].nodes) == set(cell.nodes):
        return f"{steps[0][1]}, all in one step"
    return "\n".join(f"{told} = {_made_of(node.nodes)}" for node, told in steps)


def _made_of(nodes: Sequence[str]) -> str:
    # Names with a tilde were given to what quantizing added.
    plain = [name for name in nodes if not name.startswith("~")]
    more = len(nodes) - len(plain)
    told = [*plain, *([f"{more} × quantize or decode"] if more else [])]
    return " + ".join(told) or "nothing of the file: onnxruntime added it"


def _class_cells(row: ClassRow) -> tuple[Cell, ...]:
    cells = []
    told = zip(row.right, row.changes, row.intervals, row.tied, strict=True)
    for right, change, interval, tied in told:
        share = right / row.samples
        text, tip = f"{100 * share:.1f} %", f"{right:,} of {row.samples:,} right"
        if change is None or interval is None:
            cells.append(Cell(text, key=share, tip=tip))
            continue
        tone = "same" if tied else "good" if change > 0 else "bad"
        low, high = (_signed(100 * bound) for bound in interval)
        text += f" ({_signed(100 * change)}{f' {TIE}' if tied else ''})"
        cells.append(Cell(text, tone, change, f"{tip}; {low} … {high} points (90 %)"))
    return (Cell(row.name), Cell(f"{row.samples:,}", key=row.samples), *cells)


def _layer_cells(row: LayerRow, found: Comparison, words: Words) -> tuple[Cell, ...]:
    cells = [Cell(row.name, tip=", ".join(row.members)), Cell(row.op)]
    for cell, total in zip(row.cells, found.totals_us, strict=True):
        if cell is None:
            cells += [Cell(GONE, key=-1.0), *([Cell("")] * 4)]
            continue
        time, share = Cell("not timed", key=-1.0), Cell("")
        if cell.time_us is not None:
            time = Cell(profiled_text(cell.time_us), key=cell.time_us, tip=runtime_text(cell))
            part = cell.time_us / total if total else 0.0
            share = Cell(f"{100 * part:.0f} %", key=part)
        channels = NONE if cell.channels is None else str(cell.channels)
        cells += [
            time, share, Cell(words.size(cell.size_bytes), key=cell.size_bytes),
            Cell(cell.precision or NONE), Cell(channels, key=cell.channels or 0),
        ]  # fmt: skip
    return tuple(cells)


def _score(figures: Measurement, metric: str) -> Cell:
    if figures.score is None:
        return Cell("not measured")
    text = _plain(figures.score, metric, MORE)
    if figures.score_interval is not None:
        text += f" ({_span(figures.score_interval, metric, is_change=False)})"
    return Cell(text, tip=f"{figures.samples:,} samples of {figures.split}")


def _against_first(found: Comparison, at: int) -> Cell:
    pair = next((item for item in found.pairs if (item.first, item.second) == (0, at)), None)
    if at == 0:
        return Cell(REFERENCE)
    if pair is None:
        return Cell(NONE)
    verdict = _verdict(pair, found.higher_is_better)
    change = _points(pair.change, found.metric, MORE)
    span = _span(pair.interval, found.metric)
    return Cell(f"{change} ({span}) {verdict.text}", verdict.tone)


def _verdict(pair: PairDifference, higher_is_better: bool) -> Cell:
    if pair.tied:
        return Cell(TIE, "same")
    return Cell("better", "good") if (pair.change > 0) == higher_is_better else Cell("worse", "bad")


def _size(figures: Measurement, first: Measurement, words: Words) -> Cell:
    if figures.size_bytes is None:
        return Cell(NONE)
    text = words.size(figures.size_bytes)
    if figures is first or not first.size_bytes:
        return Cell(text)
    ratio = first.size_bytes / figures.size_bytes
    if abs(ratio - 1) < 0.005:  # reads as the same
        return Cell(f"{text}, same size", "same")
    told = f"{times_text(ratio)} smaller" if ratio > 1 else f"{times_text(1 / ratio)} larger"
    return Cell(f"{text}, {told}", "good" if ratio > 1 else "bad")


def _latency(figures: Measurement, words: Words) -> Cell:
    if figures.latency_ms is None:
        return Cell("not timed")
    text = words.latency_ms(figures.latency_ms)
    if figures.latency_interval_ms is not None:
        within, unit = _within(figures.latency_interval_ms, words), f" {text.split()[-1]}"
        low, high = within.split(" … ")
        if len(low.split()) == 1:  # which shares its unit with the other end
            within = f"{low} … {high.removesuffix(unit)}"
        text += f" ({within})"
    return Cell(text)


def _within(interval: Interval, words: Words) -> str:
    """Return an interval of times, the unit said once where both ends share it."""
    low, high = (words.latency_ms(bound) for bound in interval)
    return f"{low.split()[0] if low.split()[-1] == high.split()[-1] else low} … {high}"


def _ratio(figures: Measurement) -> Cell:
    if figures.latency_ratio is None:  # the original is what the others are timed against
        return Cell("not timed" if figures.latency_ms is None else REFERENCE)
    low, high = figures.latency_ratio_interval or (figures.latency_ratio,) * 2
    text = f"{figures.latency_ratio:.2f} ({low:.2f} … {high:.2f})"
    return Cell(text, tip=figures.verdict_reason)


def _speed(figures: Measurement, first: Measurement) -> Cell:
    """Hold the ratios to the original against one another: each comes from a timing of its own."""
    if figures is first:
        return Cell(REFERENCE)
    here, there = _ratio_interval(figures), _ratio_interval(first)
    if here is None or there is None:
        return Cell("not timed")
    if here[0] <= there[1] and there[0] <= here[1]:
        return Cell("same speed", "same", tip="Their intervals overlap.")
    is_faster = here[1] < there[0]
    middle = (there[0] + there[1]) / (here[0] + here[1])
    told = f"{times_text(middle)} faster" if is_faster else f"{times_text(1 / middle)} slower"
    return Cell(told, "good" if is_faster else "bad")


def _ratio_interval(figures: Measurement) -> Interval | None:
    if figures.latency_ratio is not None:
        return figures.latency_ratio_interval or (figures.latency_ratio, figures.latency_ratio)
    # The original is what the others are timed against.
    return (1.0, 1.0) if figures.latency_ms is not None else None


def _or_none(value: int | None, write: Callable[[int], str]) -> str:
    return NONE if value is None else write(value)


def _is_share(metric: str) -> bool:
    known = known_metric(metric)
    return known is not None and known.unit == "%"


def _plain(score: float, metric: str, decimals: int = 1) -> str:
    known = known_metric(metric)
    if _is_share(metric):
        return f"{100 * score:.{decimals}f} %"
    unit = f" {known.unit}" if known is not None and known.unit else ""
    return f"{score:.4g}{unit}".replace("-", MINUS)


def _points(change: float, metric: str, decimals: int = 1) -> str:
    return _signed(100 * change, decimals) if _is_share(metric) else _signed(change, 3)


def _span(interval: Sequence[float], metric: str, is_change: bool = True) -> str:
    low, high = interval
    if is_change:
        return f"{_points(low, metric)} … {_points(high, metric)}"
    if _is_share(metric):
        return f"{100 * low:.1f} … {100 * high:.1f}"
    return f"{low:.4g} … {high:.4g}".replace("-", MINUS)


def _signed(value: float, decimals: int = 1) -> str:
    text = f"{abs(value):.{decimals}f}"
    if not float(text):
        return text
    return f"{'+' if value > 0 else MINUS}{text}"
