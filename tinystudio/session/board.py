"""What is open in a project and what is known about it; told on to those who watch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.jobs.events import Event, PreviewReady, VariantReady
from tinystudio.jobs.inspection import Inspection
from tinystudio.jobs.job import FLEETING, ExploreJob, InspectJob, PreviewJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Variant
from tinystudio.session.baseline import Comparisons
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.draft import Draft
from tinystudio.session.exploration import Exploration
from tinystudio.session.front import Axis, Limits, best_within, front_of
from tinystudio.session.history import History
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.off_steps import OffStep
from tinystudio.session.project import Project
from tinystudio.session.records import Record
from tinystudio.session.runs import Run, Runs
from tinystudio.session.shelf import Shelf


class Change(Enum):
    """What observers are told has changed; they then look at the session."""

    NETWORK = auto()  # network, data or inspection
    RECIPE = auto()  # recipe, undo and redo
    VARIANTS = auto()  # variants, marks, fronts
    RUNS = auto()
    SELECTION = auto()
    LIMITS = auto()
    PREVIEW = auto()
    DATABASE = auto()  # the layer database has a new state
    ENGINE = auto()


class Board:
    """The lowest layer of a session: it looks and listens, and asks nobody for anything."""

    def __init__(
        self, project: Project, save: Callable[[Sequence[Record]], None] | None = None
    ) -> None:
        memory = project.memory()
        self.project = project
        self.runs = Runs(memory.events)
        self.state = memory.state
        self.preview: PreviewReady | None = None
        self.exploration = Exploration()
        self._save = save or project.write
        self._shelf = Shelf(self.runs)
        self._history = History(Draft.of(memory.state, memory.marks))
        self._comparisons = Comparisons()
        self._stale: tuple[tuple[ProjectVariant, ...], bool] = ((), False)
        self._observers: list[Callable[[Change], None]] = []

    @property
    def network(self) -> str | None:
        """Return the reference of the open network: a path or gallery:TASK."""
        return self.state.network

    @property
    def data(self) -> str | None:
        """Return the reference of the open data."""
        return self.state.data

    @property
    def recipe(self) -> Recipe:
        """Return the recipe as edited."""
        return self._history.present.recipe

    @property
    def off_steps(self) -> tuple[OffStep, ...]:
        """Return the steps that the user has turned off; they are no part of the recipe."""
        return self._history.present.off_steps

    @property
    def limits(self) -> Limits:
        """Return the limits drawn in the plots."""
        return self.state.limits

    @property
    def inspection(self) -> Inspection | None:
        """Return what is known about the open network, once it has been looked at."""
        found = None
        for run in self.runs:
            if run.inspection and run.job.network == self.network:
                found = run.inspection
        return found

    @property
    def networks(self) -> tuple[str, ...]:
        """Return every network that the project has seen, the first one first."""
        return tuple(dict.fromkeys(run.job.network for run in self.runs))

    def variants(self, network: str | None = None) -> tuple[ProjectVariant, ...]:
        """Return the variants of a network (default: the open one), the original first."""
        if network is None or network == self.network:
            if self.data is None:
                return ()  # every figure is of some data: those of several would stand side by side
            wanted = (self.network, self.data, self.state.seed)
            return self._shelf.variants(*wanted, dict(self._history.present.marks))
        return self.variants_anywhere(network)

    def variants_anywhere(self, network: str) -> tuple[ProjectVariant, ...]:
        """Return the variants of a network, on whatever data and with whatever seed."""
        return self._shelf.variants(network, None, None, dict(self._history.present.marks))

    def variant(self, id: str) -> ProjectVariant | None:
        """Return a variant of the open network by its id."""
        return next((item for item in self.variants() if item.id == id), None)

    @property
    def original(self) -> ProjectVariant | None:
        """Return the open network as it came, once it is measured as it is now."""
        found = (item for item in self.variants() if item.is_original and not item.is_outdated)
        return next(found, None)

    @property
    def baseline(self) -> ProjectVariant | None:
        """Return what changes and verdicts are shown against: a chosen variant, or the original."""
        chosen = self._history.present.baseline
        found = self.variant(chosen) if chosen else None
        return self.original if found is None or found.is_outdated else found

    @property
    def device_points(self) -> tuple[DevicePoint, ...]:
        """Return what was measured on other devices of the open network's variants."""
        points = self._history.present.device_points
        if not points:
            return ()
        known = {item.id for item in self.variants()}
        return tuple(point for point in points if point.variant in known)

    @property
    def has_stale(self) -> bool:
        """Say whether figures of a variant no longer hold; asked at every change, so remembered."""
        items = self.variants()
        if items is not self._stale[0]:
            self._stale = (items, any(item.is_stale for item in items))
        return self._stale[1]

    def compared(self) -> tuple[ProjectVariant, ...]:
        """Return the open network's variants as they stand to the baseline."""
        return self._comparisons.of(self.variants(), self.baseline)

    @property
    def selected(self) -> ProjectVariant | None:
        """Return the selected variant."""
        return self.variant(self.state.selected) if self.state.selected else None

    def front(self, axis: Axis) -> tuple[ProjectVariant, ...]:
        """Return the Pareto front of score against `axis`, cheapest first."""
        return front_of(self.variants(), axis)

    def best(self) -> ProjectVariant | None:
        """Return the variant of the highest score inside the limits."""
        return best_within(self.variants(), self.limits)

    def select(self, variant: str | None) -> None:
        """Select a variant, or nothing."""
        if variant == self.state.selected:
            return
        self._keep_state(selected=variant)
        self._tell(Change.SELECTION)

    def observe(self, observer: Callable[[Change], None]) -> None:
        """Call `observer` after every change, on the session's own thread."""
        self._observers.append(observer)

    def take(self, events: Iterable[Event]) -> None:
        """Write what engines said, then apply it: nothing is shown that is not durable."""
        events = tuple(events)
        self._save([event for event in events if not self._is_passing(event)])
        self.apply(events)

    def apply(self, events: Iterable[Event]) -> None:
        """Apply what engines said (and somebody has written); observers hear once per kind."""
        engine = self.runs.engine
        changes: dict[Change, None] = {}
        for event in events:
            run = self.runs.apply(event)
            if run is not None:
                changes |= dict.fromkeys(self._changes(run, isinstance(event, VariantReady)))
        if self.runs.engine is not engine:
            changes[Change.ENGINE] = None
        self._tell(*changes)

    def clean_up(self) -> int:
        """Remove the files of variants that are neither kept nor originals; return bytes freed."""
        self._check_writable("Nothing was cleaned up")
        return self.project.clean_up(self._with_files())

    def kept_files(self) -> frozenset[str]:
        """Return the names of the artifacts that a clean-up leaves."""
        artifacts = (variant.artifact for variant in self._with_files())
        return frozenset(Path(it.path).name for it in artifacts if it is not None)

    def _with_files(self) -> tuple[Variant, ...]:
        return tuple(
            item.variant
            for network in self.networks
            for item in self.variants_anywhere(network)
            if item.mark.kept or item.is_original
        )

    def _is_passing(self, event: Event) -> bool:
        """Say whether an event is of a job whose results can all be had again."""
        job = getattr(event, "job", "")
        return job in self.runs and isinstance(self.runs[job].job, FLEETING)

    def _changes(self, run: Run, made_variant: bool) -> tuple[Change, ...]:
        if isinstance(run.job, PreviewJob):
            return (Change.PREVIEW,) if self._show(run.preview) else (Change.RUNS,)
        if isinstance(run.job, ExploreJob):
            is_new = self._is_open(run.job) and run.database is not None
            if is_new and run.database and self.exploration.load(run.database.path):
                self._tell_measured()
                return (Change.RUNS, Change.DATABASE)
            return (Change.RUNS,)
        if made_variant:
            self._shelf.refresh()
            self._tell_measured()
            return (Change.RUNS, Change.VARIANTS)
        if run.inspection and isinstance(run.job, InspectJob) and run.is_ended:
            self._shelf.refresh()  # the file may be another one than was measured
            return (Change.RUNS, Change.NETWORK, Change.VARIANTS)
        return (Change.RUNS,)

    def _tell_measured(self) -> None:
        fresh = (item for item in self.variants() if not item.is_outdated)
        self.exploration.set_measured((item.variant.recipe, item.measurement) for item in fresh)

    def _show(self, preview: PreviewReady | None) -> bool:
        # An answer that was overtaken on the way must not move the point back.
        if preview is None or (self.preview and not _is_newer(preview, self.preview)):
            return False
        self.preview = preview
        if preview.outputs is not None:
            self.exploration.learn(preview.recipe, preview.outputs)
        return True

    def _is_open(self, job: ExploreJob) -> bool:
        place = (self.network, self.data, self.state.seed)
        return (job.network, job.data, job.seed) == place

    def _check_writable(self, title: str) -> None:
        if self.project.is_read_only:
            hint = "Save the project as a copy of your own to work on it."
            raise UserError(title, self.project.read_only_reason, hint)

    def _keep_state(self, **values: object) -> None:
        state = self.state.model_copy(update=values)
        if state != self.state:
            self.state = state
            self._save((state,))

    def _tell(self, *changes: Change) -> None:
        for change in changes:
            for observer in self._observers:
                observer(change)


def _is_newer(preview: PreviewReady, shown: PreviewReady) -> bool:
    """Say whether a preview says more than the one shown: a later one, or more of its samples."""
    here = (preview.number, preview.measurement.samples)
    return here > (shown.number, shown.measurement.samples)
