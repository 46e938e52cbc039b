"""Where and under which conditions the figures were taken."""

from __future__ import annotations

from tinystudio.core.measurement import Conditions
from tinystudio.reports.html import Content, facts, joined, paragraph
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject


def write(subject: ReportSubject) -> Section:
    """Write the conditions of original and chosen variant."""
    mine = subject.chosen.measurement.conditions
    parts: list[Content] = [facts(_pairs(mine), "When the chosen variant was measured")]
    others = {it.measurement.conditions.cpu for it in subject.variants} - {"", mine.cpu}
    if others:
        told = f"Other variants were measured on: {', '.join(sorted(others))}. Their times are "
        parts.append(paragraph(f"{told}not compared with these.", "warning"))
    busy = sum(item.measurement.conditions.busy for item in subject.variants)
    if busy:
        told = f"{busy} of {len(subject.variants)} files were timed while others were timed too"
        parts.append(paragraph(f"{told}; their intervals are wider.", "note"))
    return Section("conditions", "Conditions", joined(parts))


def _pairs(of: Conditions) -> list[tuple[str, Content]]:
    battery = {True: "on battery", False: "plugged in", None: "not known"}[of.on_battery]
    pairs = [
        ("Processor", of.cpu),
        ("Instruction sets", ", ".join(of.instruction_sets)),
        ("Threads", str(of.threads)),
        ("System", of.system),
        ("onnxruntime", of.onnxruntime),
        ("TinyStudio", of.tinystudio),
        ("Load by others while timing", "" if of.load is None else f"{of.load * 100:.0f} %"),
        ("Other timings meanwhile", ("yes, intervals are widened" if of.busy else "none")
         if of.timing_method else "not timed"),
        ("Power", battery if of.timing_method else ""),
        ("Taken at", of.taken_at),
    ]  # fmt: skip
    return [(name, value) for name, value in pairs if value]
