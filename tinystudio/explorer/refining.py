"""Searches on once a database is complete: local search and trainings in turn, the best shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tinystudio.core.data import Array
from tinystudio.core.reporter import Part, Reporter
from tinystudio.explorer.budget import Budget
from tinystudio.explorer.database import Database
from tinystudio.explorer.fronting import nondominated
from tinystudio.explorer.polishing import Polishing, Workshop
from tinystudio.explorer.searching import search
from tinystudio.explorer.space import Choice
from tinystudio.explorer.subject import Subject, Trainings
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe
from tinystudio.measure.running import outputs_of

SHOW_EVERY_S = 3.0
LOCAL_S = 1.5  # of untrained choices before each round of trainings
IDLE = 2  # rounds without a training before no more are tried: one for size, one for time
LOCAL_WORDS = "Searching for better points"


class Refining:
    """One search. `keep` makes the front of a database, writes it down and tells it.

    `budget`: what it looks for keeps to it; without one, anything better anywhere.
    """

    def __init__(
        self,
        subject: Subject,
        known: Database,
        reporter: Reporter,
        keep: Callable[[Database], Database],
        measured: Callable[[Choice], Array],
        budget: Budget | None = None,
    ) -> None:
        self._subject, self._known, self._reporter = subject, known, reporter
        self._keep, self._measured = keep, measured
        self._budget = budget or Budget()
        self._began = self._shown = time.monotonic()
        self._seconds = 0.0

    def run(self, seconds: float) -> Database:
        """Search for so many seconds, and return what is known then."""
        self._seconds = seconds
        polishing, searches, number, idle = self._polishing(), True, 0, 0
        try:
            while self._left > 0 and (searches or polishing is not None):
                searches = self._search(number, self._left if polishing is None else LOCAL_S)
                if polishing is not None:
                    idle = 0 if self._train(polishing, number) else idle + 1
                    polishing = None if idle >= IDLE else polishing
                number += 1
        finally:  # what was measured when somebody stops the search is worth keeping
            self._known = self._keep(self._known)
        return self._known

    def _polishing(self) -> Polishing | None:
        """Return what trains points of the front; None where there is nothing to train on."""
        subject = self._subject
        if subject.trainings is None:
            return None
        layers = facts(subject.levels.study.network).layers
        macs = {layer.name: layer.macs or 0 for layer in layers}
        make = partial(self._made, subject.trainings)
        measure = partial(self._measure, subject.trainings)
        workshop = Workshop(make, measure, macs, subject.trainings.samples)
        return Polishing(workshop, subject.seed, self._budget)

    @property
    def _left(self) -> float:
        return self._seconds - (time.monotonic() - self._began)

    @property
    def _done(self) -> float:
        """Return the share of the time that has passed."""
        return 1 - max(self._left, 0.0) / self._seconds

    def _search(self, number: int, seconds: float) -> bool:
        """Search untrained choices for a while; say whether there are more of them."""
        end = time.monotonic() + min(seconds, self._left)
        seed = self._subject.seed + number
        for found, _ in search(self._known, self._measured, seed, self._budget):
            self._reporter.progress(self._done, 1.0, LOCAL_WORDS)
            self._take(replace(self._known, known=found.known))
            if time.monotonic() > end:
                return True
        return False

    def _train(self, polishing: Polishing, number: int) -> bool:
        """Train a round of structures; say whether any could be."""
        any_trained = False
        for found in polishing.round(self._known, number, self._left):
            any_trained = True
            self._take(replace(found, trained=nondominated(found.trained, self._sign)))
        return any_trained

    @property
    def _sign(self) -> int:
        return 1 if self._known.higher_is_better else -1

    def _take(self, database: Database) -> None:
        """Go on with a new state; shown every few seconds."""
        self._known = database
        if time.monotonic() - self._shown > SHOW_EVERY_S:
            self._known, self._shown = self._keep(database), time.monotonic()

    def _made(self, trainings: Trainings, recipe: Recipe) -> Network:
        """Carry a recipe out; its trainings are told where the search is."""
        return trainings.make(recipe, Part(self._reporter, self._done, self._done))

    def _measure(self, trainings: Trainings, recipe: Recipe) -> tuple[Array, int]:
        """Return what a recipe's file puts out, and its bytes."""
        subject = self._subject
        network = subject.finish(self._made(trainings, recipe), recipe)
        outputs = outputs_of(network.data, subject.samples, self._reporter)
        return subject.additive(outputs), len(network.data)
