"""What every class pays, the worst first."""

from __future__ import annotations

import math

from tinystudio.core.measurement import ClassScore, Interval
from tinystudio.reports import words
from tinystudio.reports.html import Content, joined, paragraph, table
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject

FEW = 30  # samples of a class below which its share says little
NO_CLASSES = (
    "There are no classes here: the score is of amounts or images, and is told as a whole above."
)
HOW_SURE = (
    "The interval of a class's change is put together of both accuracies' own, and so rather too "
    "wide: a tie here is no proof that nothing changed."
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
            ("Class", "Samples", subject.reference.title, subject.chosen.title, "90 % interval",
             "Change, points", "90 % interval of the change"),
            [_row(now, was) for now, was in pairs],
            f"Accuracy by class on {figures.split}, what fell most first",
        ),
        paragraph(HOW_SURE, "note"),
    ]  # fmt: skip
    few = [now.name for now, _ in pairs if now.samples < FEW]
    if few:
        told = f"Fewer than {FEW} samples: {', '.join(few)}. One answer moves these by points."
        parts.append(paragraph(told, "note"))
    return Section("classes", "Cost by class", joined(parts))


def _row(now: ClassScore, was: ClassScore) -> tuple[str, ...]:
    return (
        now.name, f"{now.samples:,}", _percent(was.accuracy), _percent(now.accuracy),
        f"{100 * now.interval[0]:.1f} … {100 * now.interval[1]:.1f}", _change(now, was),
        " … ".join(_points(end) for end in _interval(now, was)),
    )  # fmt: skip


def _said(now: ClassScore, was: ClassScore) -> str:
    if now.accuracy >= was.accuracy:
        return "No class has lost anything on these samples."
    return f"“{now.name}” pays most: from {_percent(was.accuracy)} to {_percent(now.accuracy)}."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _change(now: ClassScore, was: ClassScore) -> str:
    change = now.accuracy - was.accuracy
    low, high = _interval(now, was)
    judged = "tie" if low <= 0 <= high else "better" if change > 0 else "worse"
    return f"{_points(change)}, {judged}"


def _interval(now: ClassScore, was: ClassScore) -> Interval:
    """Return the change's interval, of both shares' own: neither knows of the other's samples."""
    change = now.accuracy - was.accuracy
    low = math.hypot(now.accuracy - now.interval[0], was.interval[1] - was.accuracy)
    high = math.hypot(now.interval[1] - now.accuracy, was.accuracy - was.interval[0])
    return change - low, change + high


def _points(share: float) -> str:
    change = round(100 * share, 1)
    sign = "+" if change > 0 else words.MINUS if change < 0 else ""
    return f"{sign}{abs(change):.1f}"
