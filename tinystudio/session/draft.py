"""What undo takes back: all of a project that a user decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from tinystudio.jobs.job import DEFAULT_SEED
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.front import AXES, Limits
from tinystudio.session.marks import Mark
from tinystudio.session.off_steps import OffStep
from tinystudio.session.records import Marked, ProjectState

Place = tuple[str | None, str | None, int]  # network, data, seed: what variants are of
_ELSEWHERE = ("marks", "queue")
_NAMES = dict(
    zip((*AXES, "score"), ("size", "download", "latency", "memory", "energy", "score"), strict=True)
)


@dataclass(frozen=True)
class Draft:
    """Every field but `_ELSEWHERE` is one of `ProjectState`, where it is kept.

    `queue` is the order in which jobs wait, where it was changed; the runs are kept in it.
    """

    recipe: Recipe
    marks: tuple[tuple[str, Mark], ...]
    off_steps: tuple[OffStep, ...] = ()
    baseline: str | None = None
    device_points: tuple[DevicePoint, ...] = ()
    limits: Limits = field(default_factory=Limits)
    dismissed: tuple[str, ...] = ()
    network: str | None = None
    data: str | None = None
    seed: int = DEFAULT_SEED
    queue: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: ProjectState, marks: Iterable[Marked]) -> Draft:
        """Return what a project remembers of it."""
        kept = {item.name: getattr(state, item.name) for item in fields(cls)
                if item.name not in _ELSEWHERE}  # fmt: skip
        return cls(marks=tuple((item.variant, item.mark) for item in marks), **kept)

    @property
    def state(self) -> dict[str, object]:
        """Return the fields that are kept in the project's state."""
        names = (item.name for item in fields(self) if item.name not in _ELSEWHERE)
        return {name: getattr(self, name) for name in names}

    @property
    def place(self) -> Place:
        """Return what variants are of."""
        return (self.network, self.data, self.seed)


def limits_words(before: Limits, after: Limits) -> str:
    """Return what happened to the limits: "Limit size", "Move the limit on latency"."""
    changed = [name for name in _NAMES if getattr(before, name) != getattr(after, name)]
    if after == Limits():
        return "Remove the limits" if len(changed) > 1 else f"Remove the limit on {_named(changed)}"
    if len(changed) != 1:
        return "Change the limits"
    if getattr(before, changed[0]) is None:
        return f"Limit {_named(changed)}"
    if getattr(after, changed[0]) is None:
        return f"Remove the limit on {_named(changed)}"
    return f"Move the limit on {_named(changed)}"


def _named(changed: list[str]) -> str:
    return _NAMES[changed[0]] if changed else ""
