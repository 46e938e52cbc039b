"""How variants were made and how figures were taken."""

from __future__ import annotations

from collections import Counter

from tinystudio.core.measurement import CONFIDENCE
from tinystudio.measure.repeating import REPEATED_METHOD, REPEATS
from tinystudio.metrics import known_metric
from tinystudio.reports import words
from tinystudio.reports.html import Content, joined, listed, paragraph
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.baseline import BY_FIGURES
from tinystudio.session.controls import is_control
from tinystudio.techniques import techniques


def write(subject: ReportSubject) -> Section:
    """Write what was done, as far as it decides what the figures mean."""
    parts: list[Content] = [
        paragraph(
            f"{words.variants(len(subject.variants) - 1)} were made and measured beside the "
            "original, with these techniques:"
        ),
        listed(_techniques(subject)),
        paragraph("How figures were taken:"),
        listed(_measuring(subject)),
    ]
    if subject.baseline is not None:
        told = f"Changes and verdicts are against “{subject.baseline.title}”, not the original. "
        parts.append(paragraph(told + BY_FIGURES, "note"))
    if subject.gains:
        parts += _gains(subject)
    return Section("method", "Method", joined(parts))


def _techniques(subject: ReportSubject) -> list[str]:
    used, controls = Counter[str](), Counter[str]()
    for item in subject.variants:
        counted = controls if is_control(item.variant.series) else used
        counted.update({step.technique for step in item.variant.recipe.steps})
    known = techniques()
    return [
        f"{known[id].title}, in {_counted(used[id], controls[id])}"
        for id, _ in sorted((used + controls).items(), key=lambda pair: (-pair[1], pair[0]))
        if id in known
    ]


def _counted(variants: int, controls: int) -> str:
    beside = "1 control" if controls == 1 else f"{controls} controls"
    if not controls:
        return words.variants(variants)
    return f"{words.variants(variants)} and {beside}" if variants else beside


def _gains(subject: ReportSubject) -> list[Content]:
    """Write what is gained over controls; of single pairs without the same warning behind each."""
    sure = [(title, gain) for title, gain in subject.gains if gain.interval is not None]
    single = [(title, gain) for title, gain in subject.gains if gain.interval is None]
    parts: list[Content] = []
    if sure:
        parts.append(paragraph("What techniques gain over their controls, in pairs:"))
        parts.append(listed(f"{title}: {gain.sentence}." for title, gain in sure))
    if single:
        parts.append(paragraph("What techniques score above (+) or below (−) their controls, in "
                               "one pair each: repeat them to see whether it holds:"))  # fmt: skip
        parts.append(listed(f"{title}: {gain.amount} against {gain.control}."
                            for title, gain in single))  # fmt: skip
    return parts


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
    told += _timing(subject)
    energy = subject.chosen.measurement.energy_method.rstrip(".")
    if energy:
        energy = energy[:1].lower() + energy[1:]
        told.append(f"Energy, of the chosen variant: {energy}.")
    return told


def _timing(subject: ReportSubject) -> list[str]:
    """Write how time was taken, once, and of how many a small difference was timed again."""
    methods = [it.measurement.conditions.timing_method for it in subject.variants]
    behind = f"; {REPEATED_METHOD}"
    told = [f"Time: {method}." for method in
            sorted({method.removesuffix(behind) for method in methods} - {""})]  # fmt: skip
    again = sum(method.endswith(behind) for method in methods)
    if again:
        told.append(f"For {words.variants(again)} a small difference was timed again; the ratio is "
                    f"that of {REPEATS} more fresh processes.")  # fmt: skip
    return told
