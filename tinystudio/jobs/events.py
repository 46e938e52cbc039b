"""What an engine says, one class per kind of thing. The only words between engine and window.

Promises: events of one job come in order; the first is `Started`; exactly one of `Finished`,
`Failed`, `Cancelled`, `Interrupted` ends it, and after that nothing more of this job comes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tinystudio.core.measurement import Measurement
from tinystudio.core.moment import Moment
from tinystudio.jobs.comparison import Comparison, LayerSpread
from tinystudio.jobs.diagnosis import Diagnosis
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.job import Job
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Artifact, Variant


class _Event(BaseModel):
    # NaN would not be JSON; measurements forbid it, the rest turns it into null.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class EngineReady(_Event):
    """The engine process is up and has loaded what it needs."""

    kind: Literal["engine-ready"] = "engine-ready"
    pid: int
    cpu: str
    instruction_sets: tuple[str, ...]


class Started(_Event):
    """The job has begun."""

    kind: Literal["started"] = "started"
    job: str
    what: Job
    at: str  # ISO 8601, UTC


class Progressed(_Event):
    """How far the job is; `fraction` never goes down."""

    kind: Literal["progressed"] = "progressed"
    job: str
    fraction: float
    text: str
    seconds_left: float | None = None


class Learned(_Event):
    """More points of the curves of a job's trainings, in order.

    A training that goes on from a checkpoint tells its points again from the first.
    """

    kind: Literal["learned"] = "learned"
    job: str
    moments: tuple[Moment, ...]
    is_lasting: bool = True  # False where the job itself is not kept


class Inspected(_Event):
    """An inspection is done."""

    kind: Literal["inspected"] = "inspected"
    job: str
    inspection: Inspection


class DataSeen(_Event):
    """A `LookJob`'s few samples: `preview` is their file, see `core.data_preview`; never stored."""

    kind: Literal["data-seen"] = "data-seen"
    job: str
    preview: str
    preprocessing: str


class Measured(_Event):
    """A `MeasureJob`'s figures; `original` is that of `against`, where asked."""

    kind: Literal["measured"] = "measured"
    job: str
    measurement: Measurement
    original: Measurement | None = None


class VariantReady(_Event):
    """One more variant is made and measured. The original comes first in every job."""

    kind: Literal["variant-ready"] = "variant-ready"
    job: str
    variant: Variant


class VariantFailed(_Event):
    """One recipe of the job could not be carried out; the job goes on with the next."""

    kind: Literal["variant-failed"] = "variant-failed"
    job: str
    recipe: Recipe
    title: str
    detail: str
    hint: str


class PreviewReady(_Event):
    """What a slider's position means, measured on `samples` samples; never stored."""

    kind: Literal["preview-ready"] = "preview-ready"
    job: str
    number: int
    recipe: Recipe
    measurement: Measurement
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    outputs: str | None = None  # the `.npy` file that was asked for


class DatabaseReady(_Event):
    """A state of the layer database is on disk; `path` is its JSON file. Never stored."""

    kind: Literal["database-ready"] = "database-ready"
    job: str
    path: str
    stage: Literal["levels", "timed", "complete"]
    seconds: float


class Diagnosed(_Event):
    """A diagnosis is done."""

    kind: Literal["diagnosed"] = "diagnosed"
    job: str
    diagnosis: Diagnosis


class Compared(_Event):
    """A comparison is done; never stored."""

    kind: Literal["compared"] = "compared"
    job: str
    comparison: Comparison


class SpreadRead(_Event):
    """A `SpreadJob` is done; never stored."""

    kind: Literal["spread-read"] = "spread-read"
    job: str
    spread: LayerSpread


class Exported(_Event):
    """A file is written, reopened in a fresh process, checked and timed."""

    kind: Literal["exported"] = "exported"
    job: str
    target: str
    artifacts: tuple[Artifact, ...]
    checks: tuple[ExportCheck, ...]
    measurement: Measurement | None = None


class ExportCheck(BaseModel):
    """One thing looked at in the written file."""

    model_config = ConfigDict(frozen=True)

    title: str
    passed: bool
    detail: str


class Warned(_Event):
    """Something the user should know; the job goes on."""

    kind: Literal["warned"] = "warned"
    job: str
    title: str
    detail: str
    hint: str = ""
    data: str = ""  # the data with settings that would mend it; empty where none are known


class Finished(_Event):
    """The job is done."""

    kind: Literal["finished"] = "finished"
    job: str
    at: str


class Failed(_Event):
    """The job could not go on. `traceback` is for the log, never for the screen."""

    kind: Literal["failed"] = "failed"
    job: str
    title: str
    detail: str
    hint: str
    at: str
    traceback: str = ""


class Cancelled(_Event):
    """The user asked for the end of the job; what was finished stays.

    `paused`: asked for to go on later, by a job that `continues` this one.
    """

    kind: Literal["cancelled"] = "cancelled"
    job: str
    at: str
    paused: bool = False


class Interrupted(_Event):
    """The engine died or the program ended in the middle; what was finished stays."""

    kind: Literal["interrupted"] = "interrupted"
    job: str
    reason: str
    at: str


Event = Annotated[
    EngineReady
    | Started
    | Progressed
    | Learned
    | Inspected
    | DataSeen
    | Measured
    | VariantReady
    | VariantFailed
    | PreviewReady
    | DatabaseReady
    | Diagnosed
    | Compared
    | SpreadRead
    | Exported
    | Warned
    | Finished
    | Failed
    | Cancelled
    | Interrupted,
    Field(discriminator="kind"),
]
Exported.model_rebuild()
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
ENDINGS = (Finished, Failed, Cancelled, Interrupted)


def now() -> str:
    """Return this moment as events write it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
