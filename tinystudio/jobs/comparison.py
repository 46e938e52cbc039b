"""What comparing a few variants found: answers, classes, samples and layers, side by side."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tinystudio.core.data import Split
from tinystudio.core.measurement import Interval, Measurement
from tinystudio.jobs.recipe import Recipe

FEWEST, MOST = 2, 4  # variants side by side
# What a runtime adds of its own has a row without a layer: its name and its kind.
OTHERS, OTHERS_OP = "conversions", "layout and type"

Kind = Literal["new mistake", "mended", "other answer", "worse", "better"]


class _Plain(BaseModel):
    # A score that is not finite is told as null.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class Contender(_Plain):
    """One of those compared: a ready file where there is one, else what the recipe makes.

    `measurement` is what is known of it already; `id` is that of the project's variant.
    """

    title: str
    recipe: Recipe = Recipe()
    file: str | None = None  # a path, or gallery:TASK
    measurement: Measurement | None = None
    id: str = ""


class PairDifference(_Plain):
    """How the score of `second` differs from that of `first`, sample by sample; places.

    `change` is second - first, in the metric's unit; `tied` where its interval holds 0.
    """

    first: int
    second: int
    change: float
    interval: Interval
    tied: bool
    new_mistakes: int = 0  # right in the first and wrong in the second
    mended: int = 0  # the other way round


class ClassRow(_Plain):
    """One class: how many answers of each variant are right, and how that differs from the first.

    `changes` and what follows have None for the first variant.
    """

    name: str
    samples: int
    right: tuple[int, ...]
    changes: tuple[float | None, ...]
    intervals: tuple[Interval | None, ...]
    tied: tuple[bool | None, ...]


class Confusion(_Plain):
    """How often each variant took one class for another."""

    truth: str
    said: str
    counts: tuple[int, ...]


class Said(_Plain):
    """What one variant made of one sample; `sure` is the share it gave to its answer, 0..1."""

    words: str
    sure: float | None = None
    is_right: bool | None = None
    score: float | None = None  # what the sample adds to the score, in the metric's unit


class ChangedSample(_Plain):
    """A sample that not all variants answer alike; `truth` in words, `number` in its file."""

    number: int
    truth: str
    kind: Kind
    said: tuple[Said, ...]


class RuntimeNode(_Plain):
    """What onnxruntime really runs: one node of its own, made of some of the file's."""

    name: str
    op: str
    time_us: float
    nodes: tuple[str, ...]


class LayerCell(_Plain):
    """One layer in one variant. None where it is not known or does not apply."""

    time_us: float | None
    size_bytes: int
    precision: str
    channels: int | None
    nodes: tuple[str, ...]  # of its file
    runtime: tuple[RuntimeNode, ...]


class LayerRow(_Plain):
    """A stretch of the original that its runtime runs as one; a cell is None where it is gone.

    `name` is the node that computes, `members` are all of the original's nodes in it.
    """

    name: str
    op: str
    members: tuple[str, ...]
    cells: tuple[LayerCell | None, ...]


class Comparison(_Plain):
    """All that is known of a few variants side by side; the first is what others are held against.

    `why` says in words why a part is empty, by the part's name. `pictures` is the file of what
    the changed samples look like, `truths` and `outputs` of what is aimed at and made of them
    where that is a picture; see `core.data_preview`.
    """

    contenders: tuple[Contender, ...]
    split: Split
    samples: int
    metric: str
    higher_is_better: bool
    pairs: tuple[PairDifference, ...] = ()
    class_rows: tuple[ClassRow, ...] = ()
    class_names: tuple[str, ...] = ()
    matrices: tuple[tuple[tuple[int, ...], ...], ...] = ()  # one per variant, truth by said
    confusions: tuple[Confusion, ...] = ()
    changed: tuple[ChangedSample, ...] = ()
    changed_in_all: int = 0
    pictures: str = ""
    truths: str = ""
    outputs: tuple[str, ...] = ()
    layers: tuple[LayerRow, ...] = ()
    totals_us: tuple[float | None, ...] = ()
    why: dict[str, str] = {}

    @property
    def titles(self) -> tuple[str, ...]:
        """Return what the variants are called."""
        return tuple(item.title for item in self.contenders)


class Spread(_Plain):
    """How some values are spread: shares of them in the histogram's bins, range per channel."""

    shares: tuple[float, ...]
    low: float
    high: float
    channel_lows: tuple[float, ...]
    channel_highs: tuple[float, ...]
    channels: int  # of which the first ones are told


class LayerSpread(_Plain):
    """One layer of some variants: its weights as they are computed with, and what it puts out.

    `edges` are those of the bins, the same for all variants. None where a variant has no such.
    """

    layer: str
    titles: tuple[str, ...]
    samples: int
    weight_edges: tuple[float, ...] = ()
    weights: tuple[Spread | None, ...] = ()
    activation_edges: tuple[float, ...] = ()
    activations: tuple[Spread | None, ...] = ()
    notes: tuple[str, ...] = ()
