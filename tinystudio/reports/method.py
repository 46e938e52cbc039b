"""How variants were made and how figures were taken."""

from __future__ import annotations

from tinystudio.core.measurement import CONFIDENCE
from tinystudio.metrics import known_metric
from tinystudio.reports import words
from tinystudio.reports.html import Content, joined, listed, paragraph
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.baseline import BY_FIGURES
from tinystudio.techniques import techniques


def write(subject: ReportSubject) -> Section:
    """Write what was done, as far as it decides what the figures mean."""
    parts: list[Content] = [
        paragraph(
            f"{len(subject.variants) - 1} variants were made and measured beside the original, "
            "with these techniques:"
        ),
        listed(_techniques(subject)),
        listed(_measuring(subject)),
    ]
    if subject.baseline is not None:
        told = f"Changes and verdicts are against “{subject.baseline.title}”, not the original. "
        parts.append(paragraph(told + BY_FIGURES, "note"))
    if subject.gains:
        parts.append(paragraph("What techniques gain over their controls, in pairs:"))
        parts.append(listed(f"{title}: {gain.sentence}." for title, gain in subject.gains))
    return Section("method", "Method", joined(parts))


def _techniques(subject: ReportSubject) -> list[str]:
    used: dict[str, int] = {}
    for item in subject.variants:
        for id in dict.fromkeys(step.technique for step in item.variant.recipe.steps):
            used[id] = used.get(id, 0) + 1
    known = techniques()
    return [
        f"{known[id].title}, in {count} {'variant' if count == 1 else 'variants'}"
        for id, count in sorted(used.items(), key=lambda pair: -pair[1])
        if id in known
    ]


def _measuring(subject: ReportSubject) -> list[str]:
    figures = subject.original.measurement
    known = known_metric(figures.metric)
    direction = "higher is better" if figures.higher_is_better else "lower is better"
    told = [
        f"Score: {words.metric_name(figures.metric)} ({direction}), in onnxruntime, on the very "
        "bytes that are exported.",
        f"Every interval holds {CONFIDENCE * 100:.0f} %. Two variants tie where the interval of "
        "their difference over the same samples includes zero.",
    ]
    if known is not None and known.of_original:
        told.append("The score tells how far answers agree with the original's, not whether they "
                    "are right.")  # fmt: skip
    methods = {it.measurement.conditions.timing_method for it in subject.variants} - {""}
    told += [f"Time: {method}." for method in sorted(methods)]
    energy = subject.chosen.measurement.energy_method.rstrip(".")
    if energy:
        told.append(f"Energy, of the chosen variant: {energy}.")
    return told
