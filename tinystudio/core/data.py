"""Samples and datasets as plain arrays, whatever file they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Split = Literal["train", "calibration", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "calibration", "validation", "test")


@dataclass(frozen=True)
class Samples:
    """Some samples: one array per network input, each (n, ...), and labels (n,) if there are any.

    `inputs` are preprocessed: ready to be fed to the network. `ids` number the samples in the
    order of their file, so that a sample can be named whatever subset it is met in. `groups` (n,)
    names what samples have in common beyond their class, such as a person: none may be divided
    between what is learned from and what is asked. None: samples have nothing to do with another.
    `judged` names the network's output that labels are of; empty: the first.
    """

    inputs: tuple[Array, ...]
    labels: Array | None
    ids: Array
    groups: Array | None = None
    judged: str = ""

    def __len__(self) -> int:
        return len(self.inputs[0])

    def take(self, indices: Array) -> Samples:
        """Return the samples at these positions."""
        labels, groups = (
            None if item is None else item[indices] for item in (self.labels, self.groups)
        )
        inputs = tuple(x[indices] for x in self.inputs)
        return Samples(inputs, labels, self.ids[indices], groups, self.judged)

    def first(self, count: int) -> Samples:
        """Return the first `count` samples (all when there are fewer)."""
        return self.take(np.arange(min(count, len(self))))

    def cut(self, sizes: Sequence[int]) -> tuple[Samples, ...]:
        """Return parts of these sizes, one behind the other, as views of the same arrays."""
        ends = np.cumsum(sizes)
        slices = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        return tuple(
            Samples(
                tuple(x[part] for x in self.inputs),
                None if self.labels is None else self.labels[part],
                self.ids[part],
                None if self.groups is None else self.groups[part],
                self.judged,
            )
            for part in slices
        )

    def batches(self, size: int) -> Iterator[Samples]:
        """Walk over the samples `size` at a time."""
        for start in range(0, len(self), size):
            yield self.take(np.arange(start, min(start + size, len(self))))


@dataclass(frozen=True)
class Preprocessing:
    """What was done to the raw numbers before the network sees them: (x - mean) / scale.

    `mean` and `scale` have one figure for each channel (the first axis of one sample), or one
    for all, or none where nothing is done. Written into exported files.
    """

    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    note: str = "none: the network takes the numbers as they are in the file"

    def applied(self, raw: Array) -> Array:
        """Return `raw` (n, c, ...) as the network wants it, in float32."""
        values = raw.astype(np.float32)
        if self.mean:
            shape = (-1,) + (1,) * (raw.ndim - 2)
            values -= np.asarray(self.mean, np.float32).reshape(shape)
            values /= np.asarray(self.scale, np.float32).reshape(shape)
        return values


Sizes = tuple[int | str | None, ...]  # of an input or output; an open size is a name or None


@dataclass(frozen=True)
class Wanted:
    """What the open network takes and gives, as far as it is known: data is prepared for it.

    `mean` and `scale` are what it says of the preprocessing it was made for, where it does;
    `classes` and `vocabulary` are its names of classes and tokens, in its order. Of several
    outputs the one that is judged stands first.
    """

    inputs: tuple[Sizes, ...] = ()
    outputs: tuple[Sizes, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()

    def with_outputs(self, order: Sequence[int]) -> Wanted:
        """Return the same with the outputs in this order."""
        return replace(
            self,
            outputs=tuple(self.outputs[at] for at in order),
            output_names=tuple(self.output_names[at] for at in order),
        )

    @property
    def sample(self) -> Sizes:
        """Return the shape of one sample of a network with one input; () where it is not known."""
        return self.inputs[0][1:] if len(self.inputs) == 1 else ()


@dataclass(frozen=True)
class Rows:
    """The first rows of a table as they were read; `target` and `unfed` are places of columns."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    target: int
    unfed: tuple[int, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """Four splits of one data set, and what is known about it.

    Train fits weights; calibration (drawn from train) reads statistics; validation is what one
    explores on; test is measured once and never used for choosing.
    """

    name: str
    train: Samples
    calibration: Samples
    validation: Samples
    test: Samples
    metric: str  # id of a part in tinystudio.metrics
    classes: tuple[str, ...] = ()
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    fingerprint: str = ""
    format: str = ""  # id of the format that it was read by; empty for the gallery's
    settings: Mapping[str, float | int | bool | str] = field(
        default_factory=dict
    )  # read with these
    rows: Rows | None = None  # of what was a table

    def split(self, name: Split) -> Samples:
        """Return the split of that name."""
        return {
            "train": self.train,
            "calibration": self.calibration,
            "validation": self.validation,
            "test": self.test,
        }[name]
