"""Turns what the Compression control says into choices of the layer database, and back."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.fastest_precisions import fastest_precisions
from tinystudio.explorer.space import Choice
from tinystudio.gui import wording
from tinystudio.gui.panels.compression import ANY, FASTEST, NO_DATABASE, CompressionPanel
from tinystudio.gui.shown import opening_trouble
from tinystudio.gui.studio import Studio
from tinystudio.session.dial_paths import (
    Goal,
    PathSearch,
    allowed_levels,
    is_allowed,
    nearest_stop,
    sparsity_of,
    stops,
    with_sparsity,
)
from tinystudio.session.runs import Run
from tinystudio.session.session import Session
from tinystudio.solvers.precision import PRECISIONS, TITLES, Precision

SLICE_S = 0.004  # of the GUI thread's time at once; a frame has four of them
KNOWN_FROM = 0.1  # of a run: before that its pace tells nothing
BATCH = 8  # predictions of a slice
WAITING = "The layer database is built once the original is measured."
OFF_DIAL = "Not on the dial: turn to begin"
NOT_BUILT = "There is no layer database. Start its job again in the list below."


class Steering(QObject):
    """Keeps the dial's path up to date, a few milliseconds at a time, and follows the recipe."""

    def __init__(self, studio: Studio, panel: CompressionPanel) -> None:
        super().__init__(panel)
        self._studio, self._panel = studio, panel
        self._bits: str = ANY
        self._goal: Goal = "size"
        self._per_doubling = 0.0
        self._path: tuple[FrontPoint, ...] = ()
        self._points: list[FrontPoint] = []  # of the choices that the search has found
        self._search: PathSearch | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._connect()

    def _connect(self) -> None:
        studio, panel = self._studio, self._panel
        studio.database_changed.connect(self._on_database)
        studio.runs_changed.connect(self._show_reason)
        studio.recipe_changed.connect(self._follow)  # also when the baseline is another
        panel.turned.connect(self._on_turned)
        panel.bits_chosen.connect(self._on_bits)
        panel.goal_chosen.connect(self._on_goal)
        panel.speed_preferred.connect(self._on_speed)
        panel.sparsity_moved.connect(self._on_sparsity)

    @property
    def path(self) -> tuple[FrontPoint, ...]:
        """Return the points that the dial passes, the original first."""
        return self._path

    @property
    def is_searching(self) -> bool:
        """Say whether the path is still being looked for."""
        return self._search is not None

    @property
    def _database(self) -> Database | None:
        return self._studio.session.exploration.database if self._studio.is_open else None

    # The path

    @Slot()
    def _on_database(self) -> None:
        self._path = ()
        self._begin()
        self._show_reason()

    def _begin(self) -> None:
        """Look for the path anew; until it is found the front of the database serves."""
        database = self._database
        self._search, self._points = None, []
        self._timer.stop()
        if database is None:
            return
        levels = allowed_levels(database, self._allowed)
        goal = self._goal if database.latency is not None else "size"
        self._search = PathSearch(database, levels, goal)
        self._timer.start(0)
        if not self._path:
            self._lay_path(database)

    @property
    def _allowed(self) -> frozenset[Precision] | None:
        if self._bits == FASTEST:
            return frozenset(("float", "w8a8"))
        names = {name for name in PRECISIONS if name in ("float", self._bits)}
        names |= {"w8"} if self._bits == "w4" else set()
        return None if self._bits == ANY else frozenset(names)

    @Slot()
    def _go_on(self) -> None:
        """Search and predict for a slice of time."""
        end = time.perf_counter() + SLICE_S
        while time.perf_counter() < end:
            if self._search is None or not self._advance(self._search):
                self._timer.stop()
                return

    def _advance(self, search: PathSearch) -> bool:
        if search.step():
            return True
        database, at = self._database, len(self._points)
        if database is None:
            self._search = None
            return False
        left = search.choices[at : at + BATCH]
        self._points += self._studio.session.exploration.points(left)
        if len(self._points) < len(search.choices):
            return True
        self._search = None
        self._lay_path(database)
        return False

    def _lay_path(self, database: Database) -> None:
        levels = allowed_levels(database, self._allowed)
        known = [point for point in database.front if is_allowed(point.choice, levels)]
        exploration = self._studio.session.exploration
        original = exploration.point(database.space.original)
        share = self._per_doubling / 100 * abs(database.original_score)
        self._path = stops(
            (*known, *self._points), original, self._goal, database.higher_is_better, share
        )
        self._panel.set_stops(len(self._path), self._stop(database))
        self._follow()

    # What the user does

    @Slot(int, bool)
    def _on_turned(self, stop: int, live: bool) -> None:
        if stop < len(self._path):
            self._go_to(self._path[stop], "Turn the dial", live)

    @Slot(int)
    def choose_front(self, number: int) -> None:
        """Go on with a recipe of the predicted front, by its number."""
        database = self._database
        if database is not None and number < len(database.front):
            self._go_to(database.front[number], "Choose a point", live=False)

    @Slot(float, bool)
    def _on_sparsity(self, share: float, live: bool) -> None:
        database = self._database
        if database is not None:
            choice = with_sparsity(database.space, self._here(database), share)
            self._choose(choice, "Change sparsity", live)

    @Slot(str)
    def _on_bits(self, bits: str) -> None:
        self._bits = bits
        self._begin()
        database = self._database
        if bits == FASTEST and database is not None and database.latency is not None:
            found = fastest_precisions(database, self._here(database))
            self._choose(found, "Use the fastest bits", live=False)
            return
        precision = next((name for name in PRECISIONS if name == bits), None)
        is_early = database is not None and database.stage == "levels" and bits == "w8a8"
        if database is not None and precision is not None and not is_early:
            found = database.space.with_bits(self._here(database), precision)
            self._choose(found, f"Use {TITLES[precision]}", live=False)

    @Slot(str)
    def _on_goal(self, goal: Goal) -> None:
        self._goal = goal
        self._begin()

    @Slot(float)
    def _on_speed(self, percent: float) -> None:
        self._per_doubling = percent
        database = self._database
        if database is None:
            return
        stop = self._stop(database)
        self._lay_path(database)
        if stop > 0 and self._path:  # the dial stays where it is; what lies there may be another
            self._on_turned(min(stop, len(self._path) - 1), False)

    def _go_to(self, point: FrontPoint, text: str, live: bool) -> None:
        if self._studio.session.exploration.database is None:
            return  # another model has been opened, and what is shown here is about to go
        choice = np.array(point.choice, np.int16)
        self._studio.choose_point(choice, text, live, point.epochs)

    def _choose(self, choice: Choice, text: str, live: bool) -> None:
        self._studio.choose_point(choice, text, live)

    # Following the recipe

    def _here(self, database: Database) -> Choice:
        """Return the recipe as a choice; a recipe of another kind counts as the original."""
        session = self._studio.session
        found = session.exploration.place(session.recipe)
        return database.space.original if found is None else found

    def _stop(self, database: Database) -> int:
        session = self._studio.session
        if session.exploration.is_too_early(session.recipe):
            return 0
        point = session.exploration.found(session.recipe)
        if point is None:
            point = session.exploration.point(self._here(database))
        return nearest_stop(self._path, point, self._goal)

    @Slot()
    def _follow(self) -> None:
        """Show where the recipe lies on the dial, as far as it does."""
        database = self._database
        if database is None or not self._path:
            return
        session = self._studio.session
        here, stop = self._here(database), self._stop(database)
        if session.exploration.is_too_early(session.recipe):
            words = "INT8: not predicted yet"
        else:
            words = self._words(stop, session.exploration.found(session.recipe))
        is_off = session.exploration.place(session.recipe) is None
        self._panel.show_choice(stop, words, None if is_off else sparsity_of(database.space, here))

    def _words(self, stop: int, point: FrontPoint | None) -> str:
        """Say where on the dial a recipe lies of which `point` is known."""
        if point is None:
            session = self._studio.session
            is_trained = session.exploration.place(session.recipe) is not None
            return "trained by hand" if is_trained else OFF_DIAL
        if not any(point.choice) and not point.epochs:
            return ""
        there = self._path[stop]
        if (there.choice, there.epochs) != (point.choice, point.epochs):
            return "set by hand"
        words = f"{stop} of {len(self._path) - 1}{', trained' if point.epochs else ''}"
        smaller = wording.size_against(point.size_bytes, self._studio.session.baseline)
        return " · ".join(filter(None, (words, smaller and f"≈ {smaller}")))

    @Slot()
    def _show_reason(self) -> None:
        if not self._studio.is_open:
            return
        session = self._studio.session
        self._panel.set_reason(why_not(session))
        database = session.exploration.database
        self._panel.set_timed(database is not None and database.latency is not None)


def why_not(session: Session) -> str:
    """Return why there is no dial to turn, or nothing where there is one."""
    if session.exploration.database is not None:
        return ""
    if session.network is None or session.data is None or opening_trouble(session):
        return NO_DATABASE
    if session.lost:
        return f"{session.lost[0].path.name} was not found: find it first."
    if session.exploring:
        left = seconds_left(session.exploring[-1], datetime.now(UTC))
        words = "" if left is None else f", {wording.duration_text(left)} left"
        return f"Building the layer database{words}…"
    return WAITING if session.runs.open else NOT_BUILT


def seconds_left(run: Run, now: datetime) -> float | None:
    """Return how long a run will still take: as it says, else as fast as it went so far."""
    if run.seconds_left is not None or not run.started_at or run.fraction < KNOWN_FROM:
        return run.seconds_left
    took = (now - datetime.fromisoformat(run.started_at)).total_seconds()
    return max(1.0, took * (1 - run.fraction) / run.fraction)
