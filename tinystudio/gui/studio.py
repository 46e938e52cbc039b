"""Stands between the session and the panels: signals out, the user's wishes in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from tinystudio.core.errors import UserError
from tinystudio.core.params import Single
from tinystudio.explorer.space import Choice
from tinystudio.gui.action_table import Need
from tinystudio.gui.engines import Engines, Workers
from tinystudio.gui.explore_turn import ExploreTurn, Turn
from tinystudio.gui.notice import Notice
from tinystudio.gui.pacer import Pacer
from tinystudio.gui.preview_pace import PreviewPace
from tinystudio.gui.recipe_words import edit_words, merge_key
from tinystudio.gui.run_notices import RunNotices
from tinystudio.gui.shown import opening_trouble
from tinystudio.gui.status_line import EngineState
from tinystudio.jobs.events import ENDINGS, EngineReady, Event, Failed
from tinystudio.jobs.job import PASSING
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits
from tinystudio.session.off_steps import OffStep
from tinystudio.session.project import Project
from tinystudio.session.session import Change, Session

log = logging.getLogger(__name__)

SEARCH_S = 60.0
FRAME_MS = 16  # changes within a frame are told together
ENGINES = 2


class Studio(QObject):
    """One project at a time. Slots never raise: what the user cannot do becomes a notice."""

    project_changed = Signal()
    network_changed = Signal()
    recipe_changed = Signal()
    variants_changed = Signal()
    runs_changed = Signal()
    selection_changed = Signal()
    limits_changed = Signal()
    preview_arrived = Signal()
    database_changed = Signal()
    point_moved = Signal()  # said at once: what is predicted of it is there
    notice_raised = Signal(object)  # Notice
    engine_state_changed = Signal(str)  # EngineState

    def __init__(self, workers_of: Callable[[Project], Workers] = Engines) -> None:
        super().__init__()
        self._workers_of = workers_of
        self._workers: Workers | None = None
        self._session: Session | None = None
        self._told, self._turn = RunNotices(), ExploreTurn()
        self._changes: dict[Change, None] = {}
        self._engines_ready = 0
        self._trouble = self._dragging = False
        self._frame = Pacer(FRAME_MS, self)
        self._preview = PreviewPace(lambda: self._session, self.attempt, self)
        self._frame.timeout.connect(self._tell)

    # What there is

    @property
    def session(self) -> Session:
        """Return the open session; there is one from the first `open` on."""
        if self._session is None:
            raise UserError(
                "There is nothing to work on", "No project is open.",
                "Open a project, or begin a new one, in the File menu.",
            )  # fmt: skip
        return self._session

    @property
    def is_open(self) -> bool:
        """Say whether a project is open."""
        return self._session is not None

    @property
    def is_saved(self) -> bool:
        """Say whether all that is shown is on disk."""
        return not self._trouble

    @property
    def engine_state(self) -> EngineState:
        """Return how the engines are, for the status bar."""
        if self._engines_ready < ENGINES:
            return "starting"
        if self.is_open and any(not isinstance(r.job, PASSING) for r in self.session.runs.open):
            return "working"
        return "restarted" if self._engines_ready > ENGINES else "ready"

    def there(self) -> set[Need]:
        """Return what there is to act on, which decides what actions are enabled."""
        if not self.is_open:
            return set()
        session = self.session
        is_usable = session.network is not None and not opening_trouble(session)
        facts: dict[Need, bool] = {
            "studio": True,
            "network": is_usable,
            "data": is_usable and session.data is not None,
            "recipe": bool(session.recipe.steps),
            "variant": session.selected is not None and not session.selected.is_original,
            "undo": session.undo_text is not None,
            "redo": session.redo_text is not None,
            "writable": not session.project.is_read_only,
            "jobs": bool(session.runs.open),
            "paused": bool(session.paused),
            "baseline": session.baseline is not None and not session.baseline.is_original,
            "stale": session.has_stale,
            "points": bool(session.device_points),
        }
        return {need for need, is_there in facts.items() if is_there}

    # The project

    def open(self, project: Project) -> None:
        """Close what is open, and go on with this project."""
        self.close()
        workers = self._workers_of(project)
        workers.arrived.connect(self._on_arrived)
        workers.trouble.connect(self._on_trouble)
        workers.recovered.connect(self._on_recovered)
        workers.copied.connect(self._on_copied)
        workers.copy_failed.connect(self._on_copy_failed)
        self._session = Session(project, workers, workers.save)
        self._session.observe(self._on_change)
        self._workers = workers
        self._told, self._turn = RunNotices(self._session.runs), ExploreTurn()
        self._engines_ready = 0
        workers.start()
        if project.is_read_only:
            self.raise_notice(
                Notice("The project is open for reading only", project.read_only_reason,
                       "Save a copy of it to go on from there.", gravity="warning")
            )  # fmt: skip
        self.project_changed.emit()
        for change in Change:
            self._on_change(change)

    def copy_project(self, folder: Path) -> None:
        """Copy the open project to another folder; a notice says when that is done."""
        if self._workers is not None:
            self._workers.copy_project(folder)

    def close(self) -> None:
        """End the engines, write what is left, close the project."""
        for timer in (self._frame, self._preview):
            timer.stop()
        if self._workers is not None:
            self._workers.stop()
            self._workers = None
        if self._session is not None:
            self._session.project.close()
            self._session = None

    @Slot(str, str)
    def open_network(self, network: str, data: str = "") -> None:
        """Open a model; a gallery task brings its own data."""
        found = data or (network if network.startswith("gallery:") else "")
        self.attempt(lambda: self.session.open_network(network, found or None))

    @Slot(str)
    def attach_data(self, data: str) -> None:
        """Measure the open model on this data from now on."""
        self.attempt(lambda: self.session.attach_data(data))

    # The recipe

    @Slot(object, bool, object)
    def edit_recipe(
        self, recipe: Recipe, live: bool = False, off_steps: tuple[OffStep, ...] = ()
    ) -> None:
        """Make this the recipe, with what is turned off beside it; a drag is one step of undo."""
        before = (self.session.recipe, self.session.off_steps)
        text = edit_words(before, (recipe, off_steps))
        # The last move of a drag is committed, not live, and belongs to the drag all the same.
        merge = merge_key(before[0], recipe) if live or self._dragging else None
        if (recipe, off_steps) != before:
            self.attempt(lambda: self.session.edit(recipe, text, merge, off_steps))
        self._dragging = live
        if not live:
            self.session.end_drag()

    @Slot(object, str, bool)
    def choose_point(
        self, choice: Choice, text: str, live: bool = False, epochs: float = 0.0
    ) -> None:
        """Go on with a choice of the layer database, trained for so many epochs.

        `text` says how; a drag undoes as one.
        """
        merge = text if live or self._dragging else None
        self.attempt(lambda: self.session.choose_point(choice, text, merge, epochs))
        self._dragging = live
        if not live:
            self.session.end_drag()
        self._select_what_the_recipe_makes()
        self._preview.want()  # the engine can begin while this is painted
        self.point_moved.emit()

    @Slot(str)
    def choose_variant(self, variant: str) -> None:
        """Select a variant and go on with its recipe."""
        found = self.session.variant(variant)
        if found is not None:
            self.session.edit(found.variant.recipe, f"Choose {found.title}", "choose")
            self.session.select(variant)

    @Slot(object)
    def ask_preview_of(self, recipe: Recipe) -> None:
        """Ask what a recipe other than the edited one would be worth."""
        self.attempt(lambda: self.session.ask_preview(recipe=recipe))

    @Slot()
    def undo(self) -> None:
        """Take back the last edit."""
        self.attempt(self.session.undo)

    @Slot()
    def redo(self) -> None:
        """Do again what was taken back."""
        self.attempt(self.session.redo)

    # Jobs

    @Slot()
    def measure(self) -> None:
        """Make and measure the recipe's variant."""
        self.attempt(self.session.measure)

    @Slot()
    def search(self) -> None:
        """Look for better points inside the limits, measured and some of them trained."""
        self.search_within(self.session.limits)

    @Slot(object)
    def search_within(self, limits: Limits) -> None:
        """Look for better points inside these limits."""
        self.attempt(lambda: self.session.explore(search_s=SEARCH_S, within=limits))

    @Slot(object)
    def sweep(self, varied: object, recipe: Recipe | None = None) -> None:
        """Make and measure a recipe over ranges of its parameters (a tuple of `Vary`)."""
        if isinstance(varied, tuple):
            self.attempt(lambda: self.session.sweep(varied, recipe=recipe))

    def export(
        self, target: str, output: Path, options: dict[str, Single], variant: str | None
    ) -> str | None:
        """Export a variant (None: what the recipe makes) and return the job, where it began."""
        started: list[str] = []
        self.attempt(lambda: started.append(self.session.export(target, output, options, variant)))
        return started[0] if started else None

    # Variants

    @Slot(str, bool)
    def keep(self, variant: str, kept: bool = True) -> None:
        """Keep a variant, or let it go."""
        self.attempt(lambda: self.session.keep(variant, kept))

    @Slot(str, bool)
    def star(self, variant: str, starred: bool = True) -> None:
        """Put a star on a variant, or take it off."""
        self.attempt(lambda: self.session.star(variant, starred))

    @Slot(str, str)
    def rename(self, variant: str, name: str) -> None:
        """Give a variant a name."""
        self.attempt(lambda: self.session.rename(variant, name))

    @Slot(str)
    def delete(self, variant: str) -> None:
        """Take a variant off the lists; undo brings it back."""
        self.attempt(lambda: self.session.delete(variant))

    @Slot(object)
    def set_limits(self, limits: Limits) -> None:
        """Draw other limits."""
        self.attempt(lambda: self.session.set_limits(limits))

    # Notices

    @Slot(object)
    def raise_notice(self, notice: Notice) -> None:
        """Tell the user."""
        self.notice_raised.emit(notice)

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do `work`; where the user asked for what cannot be, tell why and return False."""
        try:
            work()
        except UserError as error:
            self.raise_notice(Notice.of(error))
            return False
        return True

    # Hearing the engines and the session

    @Slot(list)
    def _on_arrived(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Failed) and event.traceback:
                log.info("a job failed inside: %s", event.traceback)
        ready = sum(isinstance(event, EngineReady) for event in events)
        self._engines_ready += ready
        if self._session is not None:
            self._session.apply(events)
        if ready or any(isinstance(event, ENDINGS) for event in events):
            self.engine_state_changed.emit(self.engine_state)

    @Slot(object)
    def _on_trouble(self, error: UserError) -> None:
        self._trouble = True
        self.raise_notice(Notice.of(error))
        self.project_changed.emit()

    @Slot()
    def _on_recovered(self) -> None:
        self._trouble = False
        self.raise_notice(Notice("All is saved again", gravity="news"))
        self.project_changed.emit()

    @Slot(object)
    def _on_copied(self, folder: Path) -> None:
        self.raise_notice(
            Notice("A copy of the project was saved", f"It is at {folder}.", gravity="news")
        )

    @Slot(object)
    def _on_copy_failed(self, error: UserError) -> None:
        self.raise_notice(Notice.of(error))

    def _on_change(self, change: Change) -> None:
        self._changes[change] = None
        self._frame.want()

    @Slot()
    def _tell(self) -> None:
        if self._session is None:
            return
        changes, self._changes = self._changes, {}
        if Change.RECIPE in changes or Change.VARIANTS in changes:
            self._select_what_the_recipe_makes()
        if Change.RECIPE in changes:
            self._preview.want()
        if Change.PREVIEW in changes:
            self._preview.answered()
        if Change.DATABASE in changes:
            self._preview.database_changed()
        signals = {
            Change.NETWORK: self.network_changed,
            Change.RECIPE: self.recipe_changed,
            Change.VARIANTS: self.variants_changed,
            Change.RUNS: self.runs_changed,
            Change.SELECTION: self.selection_changed,
            Change.LIMITS: self.limits_changed,
            Change.PREVIEW: self.preview_arrived,
            Change.DATABASE: self.database_changed,
        }
        for change, signal in signals.items():
            if change in changes:
                signal.emit()
        if Change.RUNS in changes:
            self.engine_state_changed.emit(self.engine_state)
            for notice in self._told.look(self._session.runs):
                self.raise_notice(notice)
        if Change.DATABASE in changes and self._session.exploration.database is None:
            self._turn.forget()  # a model was opened, perhaps again
        if Change.RUNS in changes or Change.NETWORK in changes:
            self._explore_in_turn(self._session)

    def _explore_in_turn(self, session: Session) -> None:
        match self._turn.look(session):
            case Turn.START:
                self.attempt(session.explore)
            case Turn.GIVE_WAY:
                for run in session.exploring:
                    session.cancel(run.id)

    def _select_what_the_recipe_makes(self) -> None:
        session = self.session
        fingerprint = session.recipe.fingerprint
        same = [v.id for v in session.variants() if v.variant.recipe.fingerprint == fingerprint]
        session.select(same[0] if same else None)
