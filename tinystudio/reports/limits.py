"""What the figures do not tell: the limits of what was measured, from what is known here."""

from __future__ import annotations

from tinystudio.core.data_card import FEW_TO_JUDGE
from tinystudio.gallery import PREFIX, find_task
from tinystudio.reports import words
from tinystudio.reports.classes import FEW
from tinystudio.reports.html import joined, listed
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject

SIMULATED = ("simulated", "synthetic", "made from a seed")


def write(subject: ReportSubject) -> Section:
    """Write what has to be kept in mind."""
    told = (*_splits(subject), *_device(subject), *_samples(subject), *_data(subject))
    return Section("limits", "Limits of what was measured", joined([listed(told)]))


def _splits(subject: ReportSubject) -> list[str]:
    count = len(subject.variants) - 1
    told = [
        f"Choice and test: {count} variants were compared on validation. The best of many is "
        "partly the luckiest of many; only a score on test is of data with no part in the choice."
    ]
    if not subject.chosen.has_test and not subject.chosen.is_original:
        told.append("The chosen variant has not been measured on test.")
    return told


def _device(subject: ReportSubject) -> list[str]:
    conditions = subject.chosen.measurement.conditions
    if not conditions.timing_method:
        return ["Time: the chosen variant was not timed, so nothing is said about its speed."]
    told = [
        f"Other devices: times are of {conditions.cpu or 'this computer'} with onnxruntime "
        f"{conditions.onnxruntime}, {_threads(conditions.threads)}, one sample a call. On another "
        "processor or runtime the order of two variants may be another; a size is the same.",
    ]
    figures = subject.chosen.measurement
    if figures.energy_mj_status == "estimated":
        told.append("Energy is estimated from operations and bytes moved, not measured.")
    if figures.peak_memory_bytes_status == "estimated":
        told.append("Peak memory is estimated from the graph, not measured.")
    if subject.device_points:
        told.append("Figures of other devices were imported as they were given.")
    return told


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _samples(subject: ReportSubject) -> list[str]:
    figures, _ = words.comparable(subject.chosen, subject.reference)
    told = []
    if 0 < figures.samples < FEW_TO_JUDGE:
        told.append(f"Small samples: {figures.samples} samples of {figures.split} say little; the "
                    "intervals are wide for that reason.")  # fmt: skip
    few = [item.name for item in figures.per_class if item.samples < FEW]
    if few:
        told.append(f"Small classes: {len(few)} of {len(figures.per_class)} classes have fewer "
                    f"than {FEW} samples, too few for a figure of their own.")  # fmt: skip
    told.append("Intervals tell of the chance in drawing samples like these. They do not tell of "
                "people, places or devices that are unlike them.")  # fmt: skip
    return told


def _data(subject: ReportSubject) -> list[str]:
    told = []
    if subject.network.startswith(PREFIX):
        task = find_task(subject.network)
        about = f"{task.help} {task.licence} {task.source}".lower()
        if any(word in about for word in SIMULATED):
            told.append("Simulated data: part of this data was made by a program (see the "
                        "description of the task); real data will differ.")  # fmt: skip
        told.append(f"About the data: {' '.join(task.help.split())}")
    card = subject.inspection.data.card if subject.inspection.data is not None else None
    if card is not None and card.remarks:
        told.append("The remarks on the data above hold for every figure here.")
    return told
