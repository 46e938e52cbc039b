"""Runs one job at a time and says what happens, whatever happens."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from tinystudio.core import errors
from tinystudio.core.cache import Cache
from tinystudio.engine.comparing import compare
from tinystudio.engine.diagnosing import diagnose
from tinystudio.engine.exploring import explore
from tinystudio.engine.exporting import export
from tinystudio.engine.idling import IdleWork, front_made_ready
from tinystudio.engine.inspecting import inspect
from tinystudio.engine.looking import look
from tinystudio.engine.measuring_files import measure
from tinystudio.engine.previewing import preview
from tinystudio.engine.reporting import JobReporter
from tinystudio.engine.spreading import read_spread
from tinystudio.engine.variants import make_variants
from tinystudio.engine.work import Work
from tinystudio.jobs.events import Cancelled, Event, Failed, Finished, Started, now
from tinystudio.jobs.job import (
    CompareJob,
    DiagnoseJob,
    ExploreJob,
    ExportJob,
    InspectJob,
    Job,
    LookJob,
    MeasureJob,
    PreviewJob,
    SpreadJob,
    VariantsJob,
)

Emit = Callable[[Event], None]
_LOG = logging.getLogger(__name__)


class Engine:
    """Keeps what jobs share: opened networks and data, calibration, the originals' figures."""

    def __init__(self, artifacts: Path, cache: Cache | None = None) -> None:
        self._artifacts = artifacts
        self._cache = cache or Cache()
        self.idle = IdleWork()

    def run(self, job: Job, emit: Emit, stop: threading.Event) -> None:
        """Carry out `job`: `Started` first, exactly one end last, nothing raised.

        `stop` is heard between batches.
        """
        emit(Started(job=job.id, what=job, at=now()))
        emit(self._end(job, emit, stop))

    def _end(self, job: Job, emit: Emit, stop: threading.Event) -> Event:
        reporter = JobReporter(job.id, emit, stop, is_lasting=isinstance(job, VariantsJob))
        work = Work(self._artifacts, self._cache, emit, reporter)
        try:
            _carry_out(job, work)
        except errors.Cancelled:
            return Cancelled(job=job.id, at=now())
        except errors.UserError as error:
            return _failed(job, error.title, error.detail, error.hint)
        except MemoryError:
            return _failed(
                job, "The memory was not enough", "The job needed more memory than there is.",
                "Close other programs, or use a smaller model or fewer samples.",
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - the outer edge: nothing may pass it unsaid
            _LOG.exception("job %s failed", job.id)
            return _failed(
                job, "Something went wrong inside TinyStudio", f"{type(error).__name__}: {error}",
                "This is a fault of the program. The log has what its authors need to mend it.",
                traceback.format_exc(),
            )  # fmt: skip
        self._note_for_later(job)
        return Finished(job=job.id, at=now())

    def _note_for_later(self, job: Job) -> None:
        if isinstance(job, PreviewJob) and job.database is not None:
            path = Path(job.database)
            self.idle.want(path, lambda: front_made_ready(job, path, self._cache))


def _carry_out(job: Job, work: Work) -> None:
    match job:
        case InspectJob():
            inspect(job, work)
        case LookJob():
            look(job, work)
        case MeasureJob():
            measure(job, work)
        case VariantsJob():
            make_variants(job, work)
        case PreviewJob():
            preview(job, work)
        case ExploreJob():
            explore(job, work)
        case DiagnoseJob():
            diagnose(job, work)
        case CompareJob():
            compare(job, work)
        case SpreadJob():
            read_spread(job, work)
        case ExportJob():
            export(job, work)


def _failed(job: Job, title: str, detail: str, hint: str, trace: str = "") -> Failed:
    return Failed(job=job.id, title=title, detail=detail, hint=hint, at=now(), traceback=trace)
