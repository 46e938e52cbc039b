"""What a project remembers: events, the user's marks, and what is open in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from tinystudio.jobs.events import (
    Compared,
    DatabaseReady,
    DataSeen,
    EngineReady,
    Event,
    Learned,
    PreviewReady,
    Progressed,
    SpreadRead,
    Started,
)
from tinystudio.jobs.job import DEFAULT_SEED, FLEETING
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.front import Limits
from tinystudio.session.marks import Mark
from tinystudio.session.off_steps import OffStep


class ProjectState(BaseModel):
    """What is open in the project: what a second start shows again."""

    model_config = ConfigDict(frozen=True)

    network: str | None = None
    data: str | None = None
    recipe: Recipe = Recipe()
    off_steps: tuple[OffStep, ...] = ()
    seed: int = DEFAULT_SEED
    limits: Limits = Limits()
    selected: str | None = None
    baseline: str | None = None  # a variant; None: the original
    device_points: tuple[DevicePoint, ...] = ()
    dismissed: tuple[str, ...] = ()  # advice that the user does not want to see again


@dataclass(frozen=True)
class Marked:
    """The user's mark on a variant, as it is now."""

    variant: str
    mark: Mark


_PASSED_ON = (
    Progressed, PreviewReady, DataSeen, DatabaseReady, Compared, SpreadRead, EngineReady,
)  # fmt: skip
Record = Event | Marked | ProjectState


@dataclass(frozen=True)
class Memory:
    """All that a project remembers."""

    events: tuple[Event, ...] = ()
    marks: tuple[Marked, ...] = ()
    state: ProjectState = field(default_factory=ProjectState)


def is_lasting(record: Record) -> bool:
    """Say whether a record goes into the project file; progress, previews,
    comparisons and the layer database, which can all be had again, do not.
    """
    if isinstance(record, _PASSED_ON):
        return False
    if isinstance(record, Learned):
        return record.is_lasting
    return not (isinstance(record, Started) and isinstance(record.what, FLEETING))
