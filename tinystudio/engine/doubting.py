"""Warns where a model and its data hardly fit each other."""

from __future__ import annotations

from collections.abc import Sequence

from tinystudio.core.class_order import joined
from tinystudio.core.data_reference import DataReference
from tinystudio.core.reporter import Reporter
from tinystudio.datasets import formats
from tinystudio.datasets.format import DataFormat
from tinystudio.downloads import downloads
from tinystudio.downloads.download import Download
from tinystudio.engine.judging import Judge
from tinystudio.engine.work import Work
from tinystudio.jobs.events import Warned
from tinystudio.measure.guessing import TITLE

SETTING = "classes"  # of formats whose classes can be numbered otherwise


def warn_of_guessing(
    judge: Judge, work: Work, job: str, data: str | None, reporter: Reporter
) -> None:
    """Emit a warning where the original's answers are no better than guessing on `data`."""
    doubt = judge.doubt(reporter)
    if doubt is None or judge.dataset is None or data is None:
        return
    mended = _ordered(data, judge.dataset.format, doubt.order)
    hint = doubt.hint
    if mended:
        hint = f"{hint} Set {SETTING}={joined(doubt.order)}"
    work.emit(Warned(job=job, title=TITLE, detail=doubt.detail, hint=hint, data=mended))


def _ordered(data: str, data_format: str, order: Sequence[str]) -> str:
    """Return the data with its classes in this order; nothing where that cannot be set."""
    readers: list[DataFormat | Download] = [*formats(), *downloads().values()]
    settings = (item.params.model_fields for item in readers if item.id == data_format)
    if not order or not any(SETTING in names for names in settings):
        return ""
    named = DataReference.parse(data)
    return DataReference(named.path, {**named.settings, SETTING: joined(order)}).text
