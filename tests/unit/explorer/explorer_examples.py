"""Spaces, made-up changes and whole subjects that tests of the explorer share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from example_networks import Example
from level_examples import levels_of

from tinystudio.core.data import Array, Samples
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.explorer.building import Builder, Subject
from tinystudio.explorer.changes import Changes, first_rows
from tinystudio.explorer.database import Database
from tinystudio.explorer.folder import DatabaseFolder
from tinystudio.explorer.latency_table import LatencyConditions, LatencyTable, SegmentTimes
from tinystudio.explorer.predicting import Known, Predictor
from tinystudio.explorer.recipes import recipe_of
from tinystudio.explorer.sizing import Axis, Constant, SizeModel
from tinystudio.explorer.space import Choice, GroupAxis, LayerAxis, Space
from tinystudio.explorer.spaces import space_of
from tinystudio.exporters.stamping import stamped
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe
from tinystudio.metrics import find_metric
from tinystudio.solvers.levels import Levels

STEP = 8
MEASURED = 12


def two_groups() -> Space:
    """Return a chain: three layers, the first two groups' channels between them."""
    return Space(
        groups=(
            GroupAxis(id="a", title="a", levels=(16, 12, 8, 4)),
            GroupAxis(id="b", title="b", levels=(8, 4, 2)),
        ),
        layers=(
            LayerAxis(node="a", op="Conv", reads=(), makes="a", precisions=("float", "w8", "w4")),
            LayerAxis(node="b", op="Conv", reads=("a",), makes="b", precisions=("float", "w8")),
            LayerAxis(node="c", op="Gemm", reads=("b",), makes=None, precisions=("float", "w4")),
        ),
    )


@dataclass
class MadeUp:
    """A network as the explorer sees it: its outputs are what every level adds, and a bit more.

    `interaction` is how much two levels at once add beyond the sum, as a share of either.
    """

    space: Space
    seed: int = 0
    samples: int = 200
    classes: int = 4
    interaction: float = 0.0
    strength: float = 1.0
    labels: Array = field(init=False)
    changes: Changes = field(init=False)

    def __post_init__(self) -> None:
        draw = np.random.default_rng(self.seed)
        self.labels = draw.integers(0, self.classes, self.samples)
        original = draw.normal(0, 1, (self.samples, self.classes)).astype("f4")
        original[np.arange(self.samples), self.labels] += 3
        rows = np.zeros((sum(self.space.sizes), original.size), np.float32)
        for start, count in zip(first_rows(self.space), self.space.sizes, strict=True):
            way = draw.normal(0, 1, original.size)
            for level in range(1, count):
                noise = draw.normal(0, 0.5, original.size)
                rows[start + level] = self.strength * (level / count) ** 2 * (way + noise)
        self.changes = Changes(original, rows, original.shape)
        self._mixed = draw.normal(0, 1, (len(self.space.sizes),) * 2 + (original.size,))

    def outputs(self, choice: Choice) -> Array:
        """Return what the network would really put out, (samples, classes)."""
        total = self.changes.original.ravel() + self.changes.added(self.space, choice)
        part = np.asarray(choice) / np.array(self.space.sizes)
        for one in range(len(part)):
            for other in range(one):
                both = self.interaction * self.strength * part[one] * part[other]
                total = total + both * self._mixed[one, other]
        return np.asarray(total.reshape(self.samples, self.classes), np.float32)

    def score(self, choice: Choice) -> float:
        return float((self.outputs(choice).argmax(axis=1) == self.labels).mean())


def random_choice(space: Space, draw: np.random.Generator) -> Choice:
    return np.array([draw.integers(0, size) for size in space.sizes], np.int16)


def finish(made: Network, recipe: Recipe) -> Network:
    """Return a variant as its file is written."""
    return stamped(made, recipe_json=recipe.model_dump_json()) if recipe.steps else made


def made_file(levels: Levels, space: Space, choice: Choice) -> bytes:
    """Return the file of a choice."""
    network = levels.network(space.kept(choice), space.precisions(choice))
    return finish(network, recipe_of(space, choice)).data


def subject_of(
    example: Example, metric: str = "accuracy", count: int = 128
) -> Subject:  # fmt: skip
    """Return an example as a database's subject."""
    levels = levels_of(example.network, example.calibration)
    return Subject(
        original=example.network, levels=levels, space=space_of(levels, STEP),
        samples=example.test.first(count), metric=find_metric(metric), seed=0,
        staircase=None, finish=finish,
    )  # fmt: skip


def subject_on(network: Network, samples: Samples, space: Space | None = None) -> Subject:
    """Return a network as a subject, with samples without labels."""
    levels = levels_of(network, samples)
    return Subject(
        original=network, levels=levels, space=space or space_of(levels, STEP),
        samples=samples, metric=find_metric("mean-absolute-error"), seed=0, staircase=None,
        finish=finish,
    )  # fmt: skip


FRONT = ((0, 0, 0, 0, 0), (1, 0, 1, 0, 0), (2, 1, 1, 1, 0), (3, 2, 2, 1, 1))


def database(seed: int = 0, known: int = 3, timed: bool = False) -> Database:
    """Return a made-up database that knows a few choices."""
    made, draw = MadeUp(two_groups(), seed, samples=40), np.random.default_rng(seed)
    choices = [random_choice(made.space, draw) for _ in range(known)]
    predictor = Predictor(made.space, made.changes, find_metric("accuracy"), made.labels)
    missed = [predictor.missed_by(choice, made.outputs(choice)) for choice in choices]
    scores = np.array([made.score(choice) for choice in choices])
    first = Axis(fixed=0, follows=((0, (16, 12, 8, 4)),))
    weight = Constant(name_bytes=1, item_bytes=4, axes=(first, Axis(fixed=1000)), layer=0)
    sizes = SizeModel(
        constants=(weight,), original=90_000, outside=100, inside=200, small=5,
        int8=(0,) * len(made.space.layers),
    )  # fmt: skip
    empty = Database(
        space=made.space, sizes=sizes, latency=times() if timed else None, metric="accuracy",
        labels=made.labels,
        changes=made.changes, front=(), stage="complete", method="dynamic programming",
        known=Known(np.stack(choices), np.stack(missed), scores),
        samples=40, seconds=1.5, staircase=None,
    )  # fmt: skip
    front = [empty.point(np.array(choice, np.int16)) for choice in FRONT]
    return replace(empty, front=tuple(front))


def times() -> LatencyTable:
    """Return times in which the first layer takes 100 us and each unit less saves a share."""
    us = (tuple((100.0 * units / 16, 100.0 * units / 16) for units in (16, 12, 8, 4)),)
    segment = SegmentTimes(node="a", reads=(), makes="a", int8=False, us=us)
    here = LatencyConditions(cpu="made up", instruction_sets=(), onnxruntime="0", threads=1)
    return LatencyTable(
        conditions=here, segments=(segment,), joints=(), overhead_us=0.0, slope=1.0, error=0.05
    )


class Counting(Builder):
    """Notes which choices were made."""

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]
        self.made: list[tuple[int, ...]] = []

    def _network(self, choice: Choice) -> Network:
        self.made.append(tuple(choice.tolist()))
        return super()._network(choice)

    def _in_float(self, choice: Choice) -> Network:
        self.made.append(tuple(choice.tolist()))
        return super()._in_float(choice)


def build(
    subject: Subject,
    folder: Path,
    reporter: Reporter | None = None,
    timed: bool = True,
    measured: int = MEASURED,
) -> tuple[list[Database], list[tuple[int, ...]]]:
    """Build and return the states that were told and the choices that were made."""
    told: list[Database] = []
    builder = Counting(subject, DatabaseFolder(folder), reporter or Silent(), told.append, timed)
    try:
        builder.build(measured)
    finally:
        MADE_IN[folder] = builder.made
    return told, builder.made


MADE_IN: dict[Path, list[tuple[int, ...]]] = {}  # in the last build of each folder, or part of it
