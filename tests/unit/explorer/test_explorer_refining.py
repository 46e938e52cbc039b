"""The search after building: untrained choices and trainings in turn, kept whatever ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from example_networks import mlp
from explorer_examples import build, subject_of

from tinystudio.core.data import Array
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.explorer.database import Database
from tinystudio.explorer.fronting import front_of
from tinystudio.explorer.polishing import FAILURES
from tinystudio.explorer.recipes import trained_choice_of
from tinystudio.explorer.refining import Refining
from tinystudio.explorer.space import Choice
from tinystudio.explorer.subject import Subject, Trainings
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe
from tinystudio.measure.running import outputs_of


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Subject, Database]:
    subject = subject_of(mlp(), count=64)
    told, _ = build(subject, tmp_path_factory.mktemp("built"), timed=False, measured=4)
    return subject, told[-1]


class Untrained:
    """Makes what a recipe says without training; notes which structures were asked for."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.made: list[Recipe] = []

    def __call__(self, recipe: Recipe, reporter: Reporter) -> Network:
        self.made.append(recipe)
        reporter.progress(0.5, 1.0, "Training, epoch 1 of 2")
        found = trained_choice_of(self.subject.space, recipe)
        assert found is not None
        space, choice = self.subject.space, found[0]
        return self.subject.levels.network(space.kept(choice), space.precisions(choice))


def refined(
    subject: Subject,
    known: Database,
    seconds: float,
    reporter: Reporter | None = None,
    keep: Callable[[Database], object] = lambda _: None,
) -> Database:
    def kept(database: Database) -> Database:
        keep(database)
        choices = [np.array(c, np.int16) for c in database.known.choices]
        return front_of(database, [database.space.original, *choices], Silent())

    def measured(choice: Choice) -> Array:
        space = subject.space
        made = subject.levels.network(space.kept(choice), space.precisions(choice))
        return subject.additive(outputs_of(made.data, subject.samples, Silent()))

    return Refining(subject, known, reporter or Silent(), kept, measured).run(seconds)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search untrained choices for a moment only before each round of trainings."""
    monkeypatch.setattr("tinystudio.explorer.refining.LOCAL_S", 0.05)


def test_without_training_samples_only_untrained_choices_are_searched(start) -> None:
    subject, known = start
    found = refined(subject, known, 0.3)
    assert found.trained == ()
    assert len(found.known) > len(known.known)


@pytest.mark.usefixtures("no_waiting")
def test_with_training_samples_both_are(start) -> None:
    subject, known = start
    make = Untrained(subject)
    found = refined(replace(subject, trainings=Trainings(make, 5000)), known, 0.8)
    assert len(found.known) > len(known.known)
    assert found.trained
    assert all(point.is_measured and point.epochs > 0 for point in found.trained)


@pytest.mark.usefixtures("no_waiting")
def test_where_no_training_works_the_search_goes_on_without(start) -> None:
    subject, known = start
    tried: list[Recipe] = []

    def refuse(recipe: Recipe, reporter: Reporter) -> Network:
        tried.append(recipe)
        raise UserError("no", "It has no gradient.", "Do without.")

    found = refined(replace(subject, trainings=Trainings(refuse, 5000)), known, 0.8)
    assert len(tried) == FAILURES
    assert found.trained == ()
    assert len(found.known) > len(known.known) + 3


@pytest.mark.usefixtures("no_waiting")
def test_what_was_trained_before_is_on_the_front_after_a_further_search(start) -> None:
    subject, known = start
    subject = replace(subject, trainings=Trainings(Untrained(subject), 5000))
    first = refined(subject, known, 0.6)
    best = max(first.trained, key=lambda point: point.value)
    again = refined(replace(subject, trainings=None), first, 0.1)
    assert set(again.trained) == set(first.trained)
    assert any(point.value >= best.value for point in again.front)


@pytest.mark.usefixtures("no_waiting")
def test_progress_never_falls_while_trainings_tell_their_own(start) -> None:
    subject, known = start
    told: list[tuple[float, str]] = []

    class Noting(Silent):
        def progress(self, done: float, total: float, text: str) -> None:
            told.append((done / total, text))

    refined(replace(subject, trainings=Trainings(Untrained(subject), 5000)), known, 0.6, Noting())
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1.0
    assert {text.partition(",")[0] for _, text in told} == {
        "Searching for better points", "Training",
    }  # fmt: skip


@pytest.mark.usefixtures("no_waiting")
def test_cancelled_while_it_trains_it_keeps_what_was_found(start) -> None:
    subject, known = start
    make, kept = Untrained(subject), list[Database]()

    def stopped(recipe: Recipe, reporter: Reporter) -> Network:
        if len(make.made) == 12:  # some structures are done by then
            raise Cancelled
        return make(recipe, reporter)

    subject = replace(subject, trainings=Trainings(stopped, 5000))
    with pytest.raises(Cancelled):
        refined(subject, known, 30.0, keep=kept.append)
    assert kept[-1].trained
    assert len(kept[-1].known) > len(known.known)


@pytest.mark.usefixtures("no_waiting")
def test_outputs_that_are_no_numbers_do_not_reach_the_database(start) -> None:
    subject, known = start
    real = Untrained(subject)

    def broken(recipe: Recipe, reporter: Reporter) -> Network:
        made = real(recipe, reporter)
        floats = {name: w for name, w in made.weights.items() if w.dtype.kind == "f"}
        return made.with_weights({name: np.full_like(w, np.nan) for name, w in floats.items()})

    found = refined(replace(subject, trainings=Trainings(broken, 5000)), known, 0.8)
    assert real.made
    assert all(np.isfinite([p.value, p.score]).all() for p in found.trained)
