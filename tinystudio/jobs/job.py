"""What an engine is given: plain data with a fingerprint, one class per kind of work."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from tinystudio.core.data import Split
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.comparison import Contender
from tinystudio.jobs.recipe import Recipe

DEFAULT_SEED = 0


def new_id() -> str:
    """Return a name that nothing else has."""
    return uuid4().hex[:12]


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str = Field(default_factory=new_id)
    title: str = ""
    network: str  # a path, or gallery:TASK
    seed: int = DEFAULT_SEED
    continues: str | None = None  # the paused job that this one goes on with

    @property
    def fingerprint(self) -> str:
        """Return a hash of what is asked, whoever asks and whenever."""
        text = self.model_dump_json(exclude={"id", "title", "continues"})
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class InspectJob(_Job):
    """Open the network (and data, where given): facts, layers, coupled groups, pre-flight."""

    kind: Literal["inspect"] = "inspect"
    data: str | None = None


class LookJob(_Job):
    """Show what a few samples of data look like as `network` would be fed them; never stored.

    Nothing but those samples is read, so that a setting's change can be seen at once.
    """

    kind: Literal["look"] = "look"
    data: str


class MeasureJob(_Job):
    """Measure a file as it is, alone or against another. `data` None: size and latency only."""

    kind: Literal["measure"] = "measure"
    data: str | None = None
    against: str | None = None
    split: Split = "test"
    threads: int = 1
    time: bool = True
    batches: tuple[int, ...] = ()  # samples a call, of which the throughput is timed as well


class VariantsJob(_Job):
    """Make the recipe's variants one after another and measure each. A sweep, or one compression.

    Each recipe's variant is said as it is done; what is finished stays when the job ends early.
    """

    kind: Literal["variants"] = "variants"
    data: str
    recipes: tuple[Recipe, ...]
    split: Split = "validation"
    keep_files: bool = True
    series: tuple[str, ...] = ()  # one per recipe; empty: from the recipe
    time: bool = True
    threads: int = 1
    batches: tuple[int, ...] = ()  # samples a call, of which the throughput is timed as well


class PreviewJob(_Job):
    """What a slider asks while it moves: accuracy on some samples and size; no timing.

    Newest wins: an engine drops older previews that it has not begun.
    """

    kind: Literal["preview"] = "preview"
    data: str
    recipe: Recipe
    number: int  # grows with every slider move
    samples: int = 500
    keep_outputs: bool = False  # write what came out, for predictions to be anchored to
    database: str | None = None  # whose front's weights are worth making ready in pauses


class ExploreJob(_Job):
    """Build the layer database, or fetch it from the disk; every state of it is said.

    Predictions are of the first validation samples, at most so many; `measured` choices check
    them.
    """

    kind: Literal["explore"] = "explore"
    data: str
    samples: int = 2000
    measured: int = 40
    search_s: float = 0.0  # seconds to search on with exact measurements and trainings
    within_bytes: float | None = None  # limits that what is searched for keeps to
    within_ms: float | None = None
    time: bool = True


class DiagnoseJob(_Job):
    """Find out why a recipe's variant is less accurate than the original, and what would help."""

    kind: Literal["diagnose"] = "diagnose"
    data: str
    recipe: Recipe
    samples: int = 1000  # of validation, at most


class CompareJob(_Job):
    """Run a few variants on the same samples and lay them side by side; never stored.

    `data` None: layers and sizes only. `time`: what is not measured yet is timed as well.
    """

    kind: Literal["compare"] = "compare"
    data: str | None = None
    contenders: tuple[Contender, ...]
    split: Split = "validation"
    time: bool = True


class SpreadJob(_Job):
    """Read how weights and outputs of one layer are spread in a few variants; never stored."""

    kind: Literal["spread"] = "spread"
    data: str | None = None
    contenders: tuple[Contender, ...]
    layer: str  # a node of the original
    samples: int = 128  # of validation, at most


class ExportJob(_Job):
    """Write a variant to a target, reopen it in a fresh process, check it and time it.

    `recipe` is carried out on `network`; `artifact` names the ready file where there is one.
    `measurements` (title, figures) are what is known of all variants already, for tables.
    """

    kind: Literal["export"] = "export"
    data: str | None = None
    recipe: Recipe = Recipe()
    artifact: str | None = None
    target: str
    options: dict[str, bool | int | float | str] = {}
    output: str
    measurements: tuple[tuple[str, Measurement], ...] = ()


Job = Annotated[
    InspectJob
    | LookJob
    | MeasureJob
    | VariantsJob
    | PreviewJob
    | ExploreJob
    | DiagnoseJob
    | CompareJob
    | SpreadJob
    | ExportJob,
    Field(discriminator="kind"),
]
# Answers of a moment, which are neither listed nor stored.
PASSING = (PreviewJob, LookJob, SpreadJob)
# What can be had again, and is not stored either.
FLEETING = (*PASSING, ExploreJob, CompareJob)
JOB: TypeAdapter[Job] = TypeAdapter(Job)
