"""The layer database of the open network, and what exact previews have taught since."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import Database, FrontPoint, load_database
from tinystudio.explorer.figures import predicted_figures
from tinystudio.explorer.predicting import Predictor
from tinystudio.explorer.recipes import (
    choice_of,
    recipe_of,
    recipe_of_point,
    trained_choice_of,
)
from tinystudio.explorer.space import Choice
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits, is_eligible, is_known

log = logging.getLogger(__name__)

INT8_SLACK = 0.02  # by which an INT8 file can be larger than predicted
MOST_LEARNT = 160  # measured choices that predictions are anchored to; more would slow them
MOST_COSTS = 20_000  # choices whose size and time are remembered, some 100 bytes each
Front = tuple[tuple[FrontPoint, Measurement], ...]
Key = tuple[tuple[int, ...], float]  # a choice, and for how many epochs it was trained


_ready: dict[str, Database] = {}  # by path: read ahead of time, on another thread


def preload(path: str) -> None:
    """Read a database and get it ready to predict; `Exploration.load` then takes no time.

    May be called on another thread: large ones take a third of a second.
    """
    try:
        database = load_database(Path(path))
    except UserError:
        return  # `load` will meet the same and say so
    if database.predictor.width:
        _ready[path] = database


class Exploration:
    """Answers what a recipe of the space would be worth, at once and without an engine."""

    def __init__(self) -> None:
        self.database: Database | None = None
        self._predictor: Predictor | None = None
        self._path = ""
        self._front: tuple[Measurement | None, Front] | None = None
        self._costs: dict[bytes, tuple[int, float | None]] = {}  # sizes and times met before
        self._points: dict[bytes, FrontPoint] = {}  # as they are predicted since the last learnt
        self._measured: dict[Key, Measurement] = {}  # variants, by place in the space

    @property
    def path(self) -> str:
        """Return the JSON file of the database; empty without one."""
        return self._path

    def forget(self) -> None:
        """Let go of the database: another network is open."""
        self.database, self._predictor, self._path, self._front = None, None, "", None
        self._measured = {}
        self._costs.clear()
        self._points.clear()

    def load(self, path: str) -> bool:
        """Take up a new state of the database; say whether it is another one than before."""
        if path == self._path:
            return False
        try:
            database = _ready.pop(path, None) or load_database(Path(path))
        except UserError as error:
            log.warning("%s: %s", error.title, error.detail)
            return False
        self.database, self._predictor, self._path = database, database.predictor, path
        self._front, self._measured = None, {}
        self._costs.clear()
        self._points.clear()
        return True

    def set_measured(self, variants: Iterable[tuple[Recipe, Measurement]]) -> None:
        """Take up what variants were measured at: their points need no prediction any more."""
        if self.database is None:
            return
        space, found = self.database.space, dict[Key, Measurement]()
        for recipe, figures in variants:
            choice, epochs = choice_of(space, recipe), 0.0
            if choice is None:
                choice, epochs = trained_choice_of(space, recipe) or (None, 0.0)
            if choice is not None and is_known(figures, "latency_ms"):
                found[tuple(choice.tolist()), epochs] = figures
        if found != self._measured:  # a sweep of other recipes leaves the front as it is
            self._measured, self._front = found, None

    def choice(self, recipe: Recipe) -> Choice | None:
        """Return the choice that a recipe makes without a training, where it is predicted."""
        if self.database is None or self.is_too_early(recipe):
            return None
        return choice_of(self.database.space, recipe)

    def place(self, recipe: Recipe) -> Choice | None:
        """Return the choice that a recipe makes, trained or not, its figures known or not."""
        if self.database is None:
            return None
        space = self.database.space
        found = choice_of(space, recipe)
        trained = trained_choice_of(space, recipe) if found is None else None
        return found if trained is None else trained[0]

    def found(self, recipe: Recipe) -> FrontPoint | None:
        """Return what is known of a recipe: predicted, or measured where a training made it."""
        choice = self.choice(recipe)
        if choice is not None:
            return self.point(choice)
        if self.database is None:
            return None
        trained = trained_choice_of(self.database.space, recipe)
        if trained is None:
            return None
        wanted = tuple(trained[0].tolist()), trained[1]
        points = (*self.database.front, *self.database.trained)
        return next((p for p in points if (p.choice, p.epochs) == wanted), None)

    def is_too_early(self, recipe: Recipe) -> bool:
        """Say whether nothing is known of a recipe yet: what INT8 does, before "timed"."""
        if self.database is None or self.database.stage != "levels":
            return False
        choice = self.place(recipe)
        return choice is not None and "w8a8" in self.database.space.precisions(choice).values()

    def recipe(self, choice: Choice, epochs: float = 0.0) -> Recipe:
        """Return the recipe of a choice, trained for so many epochs. There must be a database."""
        return recipe_of(self._there().space, choice, epochs)

    def recipe_of_point(self, point: FrontPoint) -> Recipe:
        """Return the recipe of a point. There must be a database."""
        return recipe_of_point(self._there().space, point)

    def point(self, choice: Choice) -> FrontPoint:
        """Return the predicted figures of a choice. There must be a database."""
        return self.points((choice,))[0]

    def points(self, choices: Sequence[Choice]) -> tuple[FrontPoint, ...]:
        """Return the predicted figures of many choices. There must be a database.

        Far cheaper than one by one: sizes and times are worked out together, and only once.
        """
        database = self._there()
        if len(self._costs) > MOST_COSTS:
            self._costs.clear()
            self._points.clear()
        self._add_costs(database, [c for c in choices if c.tobytes() not in self._costs])
        return tuple(self._point(database, choice) for choice in choices)

    def _point(self, database: Database, choice: Choice) -> FrontPoint:
        key = choice.tobytes()
        found = self._points.get(key)
        if found is None:
            found = database.described(choice, *self._costs[key], self._predictor)
            self._points[key] = found
        return found

    def _add_costs(self, database: Database, choices: Sequence[Choice]) -> None:
        if not choices:
            return
        table = np.stack(choices)
        sizes = database.sizes.file_bytes(database.space, table).tolist()
        times: list[float | None] = [None] * len(choices)
        if database.latency is not None:
            times = list(database.latency.predict_many(database.space, table).tolist())
        for choice, size, time in zip(choices, sizes, times, strict=True):
            self._costs[choice.tobytes()] = (size, time)

    def figures(self, point: FrontPoint, original: Measurement | None) -> Measurement:
        """Return a point's figures: measured where a variant is that point, else predicted.

        There must be a database.
        """
        measured = self._measured.get((point.choice, point.epochs))
        return measured or predicted_figures(self._there(), point, original)

    def front(self, original: Measurement | None) -> Front:
        """Return the front with its figures, the largest first; empty without a database."""
        if self.database is None:
            return ()
        # A limit that is dragged asks at every move.
        if self._front is None or self._front[0] != original:
            front = self.database.front
            self._front = original, tuple((p, self.figures(p, original)) for p in front)
        return self._front[1]

    def best_within(self, limits: Limits, original: Measurement | None) -> FrontPoint | None:
        """Return the best point of the front inside the limits, or None where there is none.

        Best is the highest score with close answers counted in part (`FrontPoint.value`); of equals
        the smaller file wins. Costs count at the dear end of what is predicted: what is chosen
        should hold when it is measured. What was measured counts as that says: an answer that did
        not hold makes room for the next.
        """
        inside = [
            (point.value, point)
            for point, figures in self.front(original)
            if is_eligible(_cautious(point, figures), limits)
        ]
        sign = 1 if self._higher_is_better() else -1
        best = max(inside, key=lambda item: (sign * item[0], -item[1].size_bytes), default=None)
        return None if best is None else best[1]

    def learn(self, recipe: Recipe, outputs: str) -> bool:
        """Take up what a recipe's outputs (an `.npy` file) really were; say whether it helped."""
        choice = self.choice(recipe)
        predictor = self._predictor
        if choice is None or predictor is None or len(predictor.known) > MOST_LEARNT:
            return False
        if predictor.predict(choice).distance == 0.0:
            return False
        try:
            values = np.load(outputs, allow_pickle=False)
        except (OSError, EOFError, ValueError):
            return False  # overwritten by a newer one meanwhile
        if values.size != predictor.width or not np.isfinite(values).all():
            return False
        # A drag brings dozens a second; what one more tells of the errors would not show.
        self._predictor = predictor.with_known(choice, values, calibrate=False)
        self._points.clear()
        return True

    def _there(self) -> Database:
        if self.database is None:
            raise LookupError("no layer database is there yet")
        return self.database

    def _higher_is_better(self) -> bool:
        return self.database is None or self.database.higher_is_better


def _cautious(point: FrontPoint, figures: Measurement) -> Measurement:
    """Return predicted figures with time and bytes as dear as the prediction leaves open."""
    if figures.size_bytes_status == "measured":
        return figures
    dear: dict[str, object] = dict.fromkeys(
        ("latency_interval_ms", "score_interval", "energy_interval_mj")
    )
    if figures.latency_interval_ms is not None:
        dear["latency_ms"] = figures.latency_interval_ms[1]
    if figures.size_bytes is not None and point.has_int8:
        dear["size_bytes"] = round(figures.size_bytes * (1 + INT8_SLACK))
    return figures.model_copy(update=dear)
