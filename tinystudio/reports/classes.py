"""What every class pays, the worst first."""

from __future__ import annotations

from tinystudio.core.measurement import ClassScore
from tinystudio.reports import words
from tinystudio.reports.html import Content, joined, paragraph, table
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject

FEW = 30  # samples of a class below which its share says little
NO_CLASSES = (
    "There are no classes here: the score is of amounts or images, and is told as a whole above."
)


def write(subject: ReportSubject) -> Section:
    """Write the change of every class, where there are classes."""
    figures, before = words.comparable(subject.chosen, subject.reference)
    known = {item.name: item for item in before.per_class}
    pairs = [(item, known[item.name]) for item in figures.per_class if item.name in known]
    if not pairs:
        return Section("classes", "Cost by class", paragraph(NO_CLASSES))
    pairs.sort(key=lambda pair: (pair[0].accuracy - pair[1].accuracy, pair[0].accuracy))
    parts: list[Content] = [
        paragraph(_said(*pairs[0])),
        table(
            ("Class", "Samples", "Before", "Now", "90 % interval", "Change"),
            [_row(now, was) for now, was in pairs],
            f"Accuracy by class on {figures.split}, what fell most first",
        ),
    ]
    few = [now.name for now, _ in pairs if now.samples < FEW]
    if few:
        told = f"Fewer than {FEW} samples: {', '.join(few)}. One answer moves these by points."
        parts.append(paragraph(told, "note"))
    return Section("classes", "Cost by class", joined(parts))


def _row(now: ClassScore, was: ClassScore) -> tuple[str, ...]:
    return (
        now.name, f"{now.samples:,}", _percent(was.accuracy), _percent(now.accuracy),
        f"{100 * now.interval[0]:.1f} … {100 * now.interval[1]:.1f}", _points(now, was),
    )  # fmt: skip


def _said(now: ClassScore, was: ClassScore) -> str:
    if now.accuracy >= was.accuracy:
        return "No class has lost anything on these samples."
    return f"“{now.name}” pays most: from {_percent(was.accuracy)} to {_percent(now.accuracy)}."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(now: ClassScore, was: ClassScore) -> str:
    change = round(100 * (now.accuracy - was.accuracy), 1)
    sign = "+" if change > 0 else words.MINUS if change < 0 else ""
    return f"{sign}{abs(change):.1f}"
