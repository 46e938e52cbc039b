"""Builds a network's layer database, stage by stage, and goes on where it was interrupted.

1. Levels: the channels' order, then what every level alone does to the outputs, floats and few-bit
   weights first. The front over accuracy and size is there.
2. Timed: INT8 levels and the latency table. The front has a third figure.
3. Complete: some choices, spread over the front and at random around it, are measured; they anchor
   the predictions and tell how far they can be trusted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Part, Reporter, Silent
from tinystudio.explorer.budget import Budget
from tinystudio.explorer.changes import Changes, single_choices
from tinystudio.explorer.database import Database, Stage
from tinystudio.explorer.folder import DatabaseFolder
from tinystudio.explorer.following import positions_kept
from tinystudio.explorer.fronting import candidates, front_of
from tinystudio.explorer.int8_sizes import int8_files, sharing_layers, with_int8
from tinystudio.explorer.latency_building import build_latency_table, conditions_here
from tinystudio.explorer.latency_checking import LatencyChecks
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.predicting import Known, joined
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.refining import Refining
from tinystudio.explorer.sizing import SizeModel, size_model
from tinystudio.explorer.small_networks import with_sizes_of
from tinystudio.explorer.space import Choice, Space
from tinystudio.explorer.subject import Subject
from tinystudio.explorer.suffixes import Suffixes
from tinystudio.graph.network import Network
from tinystudio.measure.running import outputs_of
from tinystudio.measure.timer_process import TimingFailed

SAVE_EVERY_S = 3.0
SEARCH_FROM = 0.3  # of the progress bar, where a search follows the building
FRONT_SHARE = 0.5  # of the choices that are measured; the rest lies at random around the front
JITTER = 1.5  # levels that a random choice lies off, one standard deviation
TRIES = 20  # random choices drawn for one that is not there yet


class Builder:
    """One run of building. `emit` is told every state worth showing."""

    def __init__(
        self,
        subject: Subject,
        folder: DatabaseFolder,
        reporter: Reporter,
        emit: Callable[[Database], None],
        timed: bool = True,
    ) -> None:
        self._subject, self._folder, self._reporter = subject, folder, reporter
        self._emit, self._timed = emit, timed
        self._began = time.perf_counter()

    @cached_property
    def _checks(self) -> LatencyChecks:
        """Nothing is timed of a database that is only opened again."""
        subject = self._subject
        base = with_sizes_of(subject.levels.study.network, subject.samples)
        return LatencyChecks(base, subject.space, subject.seed)

    def build(self, measured: int, search_s: float = 0.0, budget: Budget | None = None) -> Database:
        """Build what is not there yet; `measured` choices check the predictions.

        Then search on for `search_s` seconds with trainings and exact measurements, within the
        budget where there is one.
        """
        whole = self._reporter
        if search_s > 0:
            self._reporter = Part(whole, 0.0, SEARCH_FROM)
        known = self._stored()
        if known is None:
            known = self._with_levels()
        if known.stage == "levels" or (self._timed and known.latency is None):
            known = self._with_times(known)
        if known.stage != "complete" or len(known.known) < most_checked(known, measured):
            known = self._checked(known, measured)
        if search_s > 0:
            self._reporter = Part(whole, SEARCH_FROM, 1.0)
            args = self._subject, known, self._reporter, self._kept, self._measured
            known = Refining(*args, budget).run(search_s)
        return known

    def _stored(self) -> Database | None:
        """Return (and tell) what is on disk; times of another processor are left out."""
        known = self._folder.newest()
        if known is None:
            return None
        if known.latency is not None and known.latency.conditions != conditions_here():
            known = replace(known, latency=None)
        self._emit(known)
        return known

    def _with_levels(self) -> Database:
        space = self._subject.space
        study = self._subject.levels.study
        replace(study, reporter=Part(self._reporter, 0.01, 0.15)).prepare()
        sizes = self._sizes()
        changes = self._changes(Part(self._reporter, 0.15, 0.5), int8=False)
        database = Database(
            space=space, sizes=sizes, latency=None, metric=self._subject.metric.id,
            labels=self._subject.samples.labels, changes=changes,
            known=_nothing(space, changes), front=(), stage="levels", method="",
            samples=len(self._subject.samples), seconds=0.0, staircase=self._subject.staircase,
        )  # fmt: skip
        return self._shown(database, "levels", Part(self._reporter, 0.5, 0.55))

    def _with_times(self, known: Database) -> Database:
        """Add INT8 and the latency table."""
        sizes = self._int8_sizes(known.sizes)
        changes = self._changes(Part(self._reporter, 0.55, 0.65), int8=True)
        latency = self._latency(Part(self._reporter, 0.65, 0.75))
        added = replace(known, changes=changes, latency=latency, sizes=sizes)
        shown = self._shown(added, "timed", Part(self._reporter, 0.75, 0.77))
        return self._with_checked_times(shown, Part(self._reporter, 0.77, 0.78))

    def _checked(self, known: Database, measured: int) -> Database:
        """Measure some choices, so that predictions are anchored and their errors known."""
        reporter = Part(self._reporter, 0.78, 0.96)
        wanted = check_choices(known, measured, self._subject.seed)
        found: list[tuple[Choice, Array]] = []
        try:
            for number, choice in enumerate(wanted):
                reporter.progress(number, len(wanted), f"Checking predictions, {number + 1}")
                found.append((choice, self._measured(choice)))
        finally:  # what was measured when somebody stops the building need not be measured again
            known = _learnt(known, found)
            self._folder.save(known)
        best, method = candidates(known, Part(self._reporter, 0.96, 0.98))
        known = front_of(replace(known, method=method), best, Silent())
        known = self._with_checked_times(known, Part(self._reporter, 0.98, 0.99))
        self._reporter.progress(0.99, 1.0, "Writing the front down")
        known = replace(known, stage="complete", seconds=time.perf_counter() - self._began)
        return self._kept(known, best)

    def _with_checked_times(self, known: Database, reporter: Reporter) -> Database:
        """Time some points of the front, and correct the latency table by them."""
        if known.latency is None or not self._timed or not known.front:
            return known
        wanted = [np.array(point.choice, np.int16) for point in known.front]
        latency = self._checks.corrected(known.latency, wanted, reporter)
        self._folder.save_latency(latency)
        return replace(known, latency=latency)

    def _kept(self, database: Database, found: Sequence[Choice] = ()) -> Database:
        """Make the front of these choices, the old front and all measured; keep it, tell it."""
        old = (np.array(point.choice, np.int16) for point in database.front)
        new = (np.array(choice, np.int16) for choice in database.known.choices)
        choices = {choice.tobytes(): choice for choice in (*found, *old, *new)}
        done = front_of(database, choices.values(), Silent())
        self._folder.save(done)
        self._emit(done)
        return done

    def _measured(self, choice: Choice) -> Array:
        """Return the true outputs of a choice."""
        return self._outputs(self._network(choice))

    def _shown(self, database: Database, stage: Stage, reporter: Reporter) -> Database:
        """Search the front, keep the state on disk, tell it."""
        database = replace(database, stage=stage, seconds=time.perf_counter() - self._began)
        found, method = candidates(database, reporter)
        return self._kept(replace(database, method=method), found)

    def _changes(self, reporter: Reporter, *, int8: bool) -> Changes:
        """Find every level's own change, INT8 levels where asked; saved as it goes."""
        space = self._subject.space
        original = self._outputs(self._subject.original)
        rows, done = self._folder.unfinished(sum(space.sizes), original.size)
        suffixes = Suffixes(self._subject.levels.study.network, self._subject.samples, reporter)
        todo = [
            (
                0 if _is_int8(space, choice) else suffixes.start_of(self._touched(choice)),
                row,
                choice,
            )
            for row, choice in single_choices(space)
            if not done[row] and (int8 or not _is_int8(space, choice))
        ]
        todo.sort(key=lambda item: item[:2])  # those that begin at one place share what flows in
        saved = time.monotonic()
        try:
            for number, (start, row, choice) in enumerate(todo):
                self._reporter.check()
                reporter.progress(number, len(todo), "Trying every level of every layer")
                made = self._network(choice) if _is_int8(space, choice) else self._in_float(choice)
                outputs = self._subject.additive(suffixes.outputs(made, start))
                rows[row], done[row] = (outputs - original).ravel(), True
                if time.monotonic() - saved > SAVE_EVERY_S:
                    self._folder.save_unfinished(rows, done)
                    saved = time.monotonic()
        finally:
            self._folder.save_unfinished(rows, done)
        return Changes(original.reshape(len(original), -1), rows, original.shape)

    def _sizes(self) -> SizeModel:
        """Lay out the sizes on a network that was narrowed: surgery may have added a bias."""
        space, levels = self._subject.space, self._subject.levels
        choice = space.original
        choice[: len(space.groups)] = [int(len(group.levels) > 1) for group in space.groups]
        told = choice.copy()
        if not told.any() and space.layers:
            told[-1] = 1  # nothing can be narrowed; what is changed tells of itself all the same
        reference = self._subject.finish(self._network(choice), recipe_of(space, told))
        small = 0
        if levels.small is not None:
            small = len(levels.small.data) - len(levels.study.network.data)
        stays = positions_kept(space, levels.study.coupling, self._units)
        original = len(self._subject.original.data)
        return size_model(space, reference, told, original, small, stays)

    def _units(self, group: str, count: int) -> Array:
        """Return which units of a group stay where so many of them do."""
        levels = self._subject.levels
        everything = np.arange(levels.study.coupling.group(group).channels)
        return levels.kept({group: count}).get(group, everything)

    def _int8_sizes(self, sizes: SizeModel) -> SizeModel:
        space = self._subject.space
        sharing = sharing_layers(self._subject.levels.study.network, space)
        measured = {nodes: self._size(nodes) for nodes in int8_files(space, sharing) if nodes}
        return with_int8(sizes, space, measured, sharing)

    def _size(self, int8: frozenset[str]) -> int:
        self._reporter.check()
        choice = self._subject.space.choice({}, dict.fromkeys(int8, "w8a8"))
        if choice is None:
            raise ValueError("not every layer can compute in INT8")
        return len(self._finished(choice).data)

    def _latency(self, reporter: Reporter) -> LatencyTable | None:
        if not self._timed:
            return None
        known = self._folder.latency(conditions_here())
        if known is not None:
            return known
        subject = self._subject
        try:
            table = build_latency_table(
                subject.levels.study.network, subject.space, subject.samples, reporter,
                subject.seed,
            )  # fmt: skip
        except TimingFailed:
            return None
        self._folder.save_latency(table)
        return table

    def _finished(self, choice: Choice) -> Network:
        """Return the network of a choice as its file is written."""
        recipe = recipe_of(self._subject.space, choice)
        return self._subject.finish(self._network(choice), recipe)

    def _network(self, choice: Choice) -> Network:
        space = self._subject.space
        return self._subject.levels.network(space.kept(choice), space.precisions(choice))

    def _in_float(self, choice: Choice) -> Network:
        space = self._subject.space
        return self._subject.levels.in_float(space.kept(choice), space.precisions(choice))

    def _touched(self, choice: Choice) -> set[str]:
        """Return the nodes that a choice changes."""
        space, study = self._subject.space, self._subject.levels.study
        nodes = {node for node, p in space.precisions(choice).items() if p != "float"}
        for axis, group in enumerate(space.groups):
            if choice[axis]:
                nodes |= {slot.node for slot in study.coupling.group(group.id).slots}
        return nodes

    def _outputs(self, network: Network) -> Array:
        """Return what adds up in a network's outputs, (samples, ...) float32."""
        outputs = outputs_of(network.data, self._subject.samples, self._reporter)
        return self._subject.additive(outputs)


def most_checked(database: Database, count: int) -> int:
    """Return how many choices can be measured: `count`, or all there are beside the original."""
    return min(count, math.prod(database.space.sizes) - 1)


def check_choices(database: Database, count: int, seed: int) -> list[Choice]:
    """Return choices to measure beside those that are: along the front's bytes, and around it.

    None twice: what was measured twice would seem to be predicted without error.
    """
    space, draw = database.space, np.random.default_rng(seed)
    known = {np.array(choice, np.int16).tobytes() for choice in database.known.choices}
    known.add(space.original.tobytes())
    wanted = most_checked(database, count) - len(database.known)
    found: dict[bytes, Choice] = {}
    for choice in _drawn(database, count, draw):
        if len(found) >= wanted:
            break
        if choice.tobytes() not in known:
            found.setdefault(choice.tobytes(), choice)
    return list(found.values())


def _drawn(database: Database, count: int, draw: np.random.Generator) -> Iterator[Choice]:
    """Yield the front's choices, evenly, then random ones around it; all where there are few."""
    sizes = np.array(database.space.sizes)
    front = [np.array(point.choice, np.int16) for point in database.front]
    even = max(1, round(count * FRONT_SHARE))
    for at in np.unique(np.linspace(0, len(front) - 1, even).round().astype(int)):
        yield front[at]
    for _ in range(TRIES * count):
        base = front[int(draw.integers(len(front)))].astype(np.float64)
        moved = np.rint(base + draw.normal(0.0, JITTER, len(sizes)))
        yield np.clip(moved, 0, sizes - 1).astype(np.int16)
    if math.prod(database.space.sizes) <= TRIES * count:
        for choice in np.ndindex(*database.space.sizes):
            yield np.array(choice, np.int16)


def _learnt(database: Database, found: Sequence[tuple[Choice, Array]]) -> Database:
    """Return the database with what these choices were measured to put out."""
    if not found:
        return database
    predictor = database.predictor
    choices, missed, scores = zip(
        *(
            (choice, predictor.missed_by(choice, outputs), predictor.score_of(outputs.ravel()))
            for choice, outputs in found
        ),
        strict=True,
    )
    more = Known(np.stack(choices), np.stack(missed), np.array(scores))
    return replace(database, known=joined(database.known, more))


def _is_int8(space: Space, choice: Choice) -> bool:
    return "w8a8" in space.precisions(choice).values()


def _nothing(space: Space, changes: Changes) -> Known:
    width = changes.rows.shape[1]
    none: Sequence[float] = ()
    return Known(
        np.zeros((0, len(space.sizes)), np.int16),
        np.zeros((0, width), np.float32),
        np.array(none),
    )
