"""Warns where a model and its data hardly fit each other."""

from __future__ import annotations

from tinystudio.core.reporter import Reporter
from tinystudio.engine.judging import Judge
from tinystudio.engine.work import Work
from tinystudio.jobs.events import Warned

TITLE = "The model is no better than guessing on this data"


def warn_of_guessing(judge: Judge, work: Work, job: str, reporter: Reporter) -> None:
    """Emit a warning where the original's answers are no better than guessing."""
    doubt = judge.doubt(reporter)
    if doubt is not None:
        work.emit(Warned(job=job, title=TITLE, detail=doubt[0], hint=doubt[1]))
