"""The front: which variants are worth looking at, as pictures and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from tinystudio.core.measurement import Measurement
from tinystudio.reports import words
from tinystudio.reports.chart import Chart, Mark, looks_of, svg, symbol
from tinystudio.reports.html import Content, Html, heading, joined, paragraph, table
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.figure_words import bytes_text, latency_text
from tinystudio.session.front import Axis, cost_of, front_of, is_known
from tinystudio.session.marks import ProjectVariant

MOST_ROWS = 60
AXES: tuple[tuple[Axis, str], ...] = (("size_bytes", "size"), ("latency_ms", "time"))


def write(subject: ReportSubject) -> Section:
    """Write pictures and table of the front."""
    looks = looks_of([mark.series for axis in ("size_bytes", "latency_ms")
                      for mark in _marks(subject, axis)])  # fmt: skip
    pictures = [_picture(subject, "size_bytes", looks), _picture(subject, "latency_ms", looks)]
    shown = [picture for picture in pictures if picture is not None]
    parts: list[Content] = [paragraph(_explained(subject))]
    parts.append(_beside(shown) if shown else paragraph("No variant has a score to draw.", "note"))
    if shown:
        parts.append(_legend(looks))
    parts += [_table(subject), *_imported(subject)]
    return Section("front", "What there is to choose from", joined(parts))


def _explained(subject: ReportSubject) -> str:
    text = (
        f"The original and {words.variants(len(subject.variants) - 1)} of it, measured on "
        f"{subject.original.measurement.split}. The line joins the front: for none of its points "
        "is there another that costs no more and scores better; controls are not on it. It goes by "
        "the figures as they are, also where they differ by less than their intervals. Points of "
        "the front have bars, their 90 % intervals; the chosen variant is ringed."
    )
    if subject.outdated:
        text += f" {subject.outdated} variants of an older state of the file are left out."
    return text


def _marks(subject: ReportSubject, axis: Axis) -> list[Mark]:
    front = {item.id for item in front_of(subject.variants, axis)}
    found = [
        Mark(
            item.title, item.variant.series, cost, score, item.measurement.score_interval,
            item.id in front, item.id == subject.chosen.id,
        )
        for item in subject.variants
        if (score := item.measurement.score) is not None
        and is_known(item.measurement, "score")
        and (cost := cost_of(item.measurement, axis)) is not None
        and cost > 0
    ]  # fmt: skip
    return found + _imported_marks(subject, axis)


def _imported_marks(subject: ReportSubject, axis: Axis) -> list[Mark]:
    by_id = {item.id: item for item in subject.variants}
    return [
        Mark(f"{by_id[point.variant].title}, {point.words}", point.words, cost, score)
        for point in subject.device_points
        if point.variant in by_id
        and (cost := point.latency_ms if axis == "latency_ms" else point.size_bytes) is not None
        and (score := by_id[point.variant].measurement.score) is not None
    ]


def _picture(subject: ReportSubject, axis: Axis, looks: dict[str, tuple[str, str]]) -> Html | None:
    marks = _marks(subject, axis)
    if not marks:
        return None
    figures = subject.original.measurement
    name, unit = words.metric_name(figures.metric), words.unit_of(figures.metric).strip()
    is_size = axis == "size_bytes"
    chart = Chart(
        title="Score against size" if is_size else "Score against latency",
        cost_title="size of the file" if is_size else "latency of one call",
        score_title=f"{name} ({unit})" if unit and unit not in name else name,
        marks=tuple(marks),
        cost_text=(lambda cost: bytes_text(round(cost)).replace(".0 ", " ")) if is_size
        else (lambda cost: latency_text(cost).replace(".0 ", " ").replace(".00 ", " ")),
        score_text=lambda score: words.number(score, figures.metric),
        limit=subject.limits.size_bytes if is_size else subject.limits.latency_ms,
        lower_is_better=not figures.higher_is_better,
    )  # fmt: skip
    return Html(f"<figure>{svg(chart, looks)}</figure>")


def _beside(pictures: list[Html]) -> Html:
    cells = "".join(f"<td>{picture.markup}</td>" for picture in pictures)
    return Html(f'<table class="pictures"><tbody><tr>{cells}</tr></tbody></table>')


def _legend(looks: dict[str, tuple[str, str]]) -> Html:
    entries = []
    for series, (colour, shape) in looks.items():
        mark = symbol(shape, colour, 7, 7)
        drawing = (
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 14 14' width='14' height='14'>"
            f"{mark}</svg>"
        )
        entries.append(joined([Html(drawing), series.replace("-", " ")]).markup)
    return Html(f'<p class="note">{" &#160; ".join(entries)}</p>')


def _table(subject: ReportSubject) -> Html:
    fronts = {name: front_of(subject.variants, axis) for axis, name in AXES}
    on = {name: {item.id for item in front} for name, front in fronts.items()}
    wanted = {item.id: item for item in (subject.original, subject.reference,
                                         *chain(*fronts.values()))}  # fmt: skip
    wanted[subject.chosen.id] = subject.chosen
    ordered = sorted(wanted.values(), key=lambda item: -(item.measurement.size_bytes or 0))
    marked = [at for at, item in enumerate(ordered) if item.id == subject.chosen.id]
    told = "" if subject.baseline is None else f"; changes are against “{subject.baseline.title}”"
    caption = f"Original, both fronts and chosen variant, largest first{told}"
    if len(ordered) > MOST_ROWS:
        step = len(ordered) / MOST_ROWS
        kept = {int(at * step) for at in range(MOST_ROWS)} | set(marked) | {0}
        ordered = [item for at, item in enumerate(ordered) if at in kept]
        marked = [at for at, item in enumerate(ordered) if item.id == subject.chosen.id]
        caption += f"; {len(ordered)} of {len(wanted)}"
    unit = words.change_unit(subject.original.measurement.metric)
    titles = ("Variant", "Front", "Score", "90 % interval", f"Change, {unit}" if unit else "Change",
              "Size", "Latency", "Ratio of times, verdict")  # fmt: skip
    return table(titles, [_row(item, on) for item in ordered], caption, marked, numbers_from=2)


def _row(item: ProjectVariant, on: Mapping[str, set[str]]) -> tuple[Content, ...]:
    """Return what is told of a variant; `on` are those on the front of each cost, by its name."""
    figures = item.measurement
    costs = [name for name, front in on.items() if item.id in front]
    where = "both" if len(costs) == len(on) else "".join(costs) or words.NONE
    return (
        item.title, where, words.score(figures, words.MORE),
        words.interval(figures.score_interval, figures.metric),
        words.change(figures, False, words.MORE), words.size(figures), words.latency(figures),
        words.ratio(figures),
    )  # fmt: skip


def _imported(subject: ReportSubject) -> list[Html]:
    if not subject.device_points:
        return []
    by_id = {item.id: item for item in subject.variants}
    here: dict[str, Measurement] = {id: item.measurement for id, item in by_id.items()}
    rows = [
        (
            by_id[point.variant].title, point.device, latency_text(point.latency_ms),
            words.latency(here[point.variant]),
            "–" if point.size_bytes is None else bytes_text(round(point.size_bytes)),
            "–" if point.energy_mj is None else f"{point.energy_mj:.3g} mJ",
        )
        for point in subject.device_points
        if point.variant in by_id
    ]  # fmt: skip
    note = (
        "These figures were measured outside TinyStudio and imported. How they were taken is not "
        "known to it; they have no intervals, and no verdict is drawn from them."
    )
    titles = ("Variant", "Device", "Latency there", "Latency here", "Size", "Energy")
    return [
        heading("Measured on other devices, imported"), paragraph(note, "note"),
        table(titles, rows, "Imported figures", numbers_from=2),
    ]  # fmt: skip
