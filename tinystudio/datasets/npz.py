"""Data in one .npz file: arrays of samples and labels, with or without a test of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from tinystudio.core.archives import LIMIT_BYTES, read_arrays
from tinystudio.core.array_labels import ArrayLabels, Task
from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.class_order import class_order, classes_setting, written
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice
from tinystudio.core.splitting import grouped, stratified
from tinystudio.datasets.format import DataFormat, Request

SHARES = (0.6, 0.2, 0.2)  # of x, y: train, validation, test
TRAIN_SHARES = (0.8, 0.2)  # of x_train, y_train: train, validation
LABELS = ("y", "y_train", "y_test")
WITHOUT_LABELS = ("x", "x_train", "x_test", "groups", "groups_train")
HINT = "An .npz needs x_train, y_train, x_test and y_test, or x and y."
NOTE = "none: the network takes the numbers as they are in the file, in float32"


class NpzSettings(Params):
    """How labels are understood."""

    task: Literal["guess", "classes", "amounts"] = choice(
        "guess", title="Task",
        titles={"guess": "guess", "classes": "classes", "amounts": "amounts (regression)"},
        help="Fractions are amounts; whole numbers as the model has outputs.",
    )  # fmt: skip
    classes: str = classes_setting()


class Npz(DataFormat):
    """A NumPy archive (.npz) with samples and each sample's label: a class, or amounts.

    Either `x_train`, `y_train`, `x_test`, `y_test`: a fifth of train becomes validation, and test
    figures are measured on all of `x_test` in its order. Or `x`, `y`: cut 60/20/20 into train,
    validation and test. Cuts spread the classes evenly and depend on the seed alone.

    With `groups` (for `x`) or `groups_train` (for `x_train`), one entry per sample such as a person
    or a recording, no group is in two splits, nor divided where a training holds samples out.
    `classes` may name the classes, in order.

    `x` is one row per sample, preprocessed as the network wants it. A network of several inputs
    takes `x:NAME` (or `x_train:NAME`, `x_test:NAME`) for each, in the order of its inputs.

    Labels are class numbers from 0, one per sample or one for every place of the output (tokens,
    pixels); or amounts of the output's shape: several targets, heat maps, boxes (n, k, 4). Which
    they are is guessed by them and the output. Of several outputs the setting `output` names the
    one that is judged. Without any `y` a network is judged by how far it agrees with the original.

    Numbers are handed over as float32, pixels (uint8) too, not divided
    by anything; only whole numbers of 32 and 64 bits stay, since they may be indices. Arrays of
    Python objects are refused.
    """

    id: ClassVar[str] = "npz"
    title: ClassVar[str] = "NumPy archive"
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)
    has_own_shape: ClassVar[bool] = True
    params: ClassVar[type[Params]] = NpzSettings

    def recognizes(self, path: Path) -> bool:
        """Say whether the name ends in .npz."""
        return path.suffix.lower() in self.suffixes

    def read(self, request: Request) -> Dataset:
        """Read and split; raises `UserError` that names the file and what is wrong with it."""
        given = request.settings
        assert isinstance(given, NpzSettings)
        arrays = read_arrays(request.path)
        outputs = request.wanted.outputs
        labels = ArrayLabels(request.title, outputs[0] if outputs else (), given.task)
        names = [name for name in LABELS if name in arrays]
        known = [labels.settled(name, arrays[name]) for name in names]
        task: Task = "amounts" if "amounts" in known or not known else "classes"
        return _Reading(request, given, arrays, labels, task).dataset(request.seed)


@dataclass(frozen=True)
class _Reading:
    """One archive being made into a data set, its labels being of one `task`."""

    request: Request
    given: NpzSettings
    arrays: dict[str, Array]
    labels: ArrayLabels
    task: Task

    def dataset(self, seed: int) -> Dataset:
        """Return the split samples."""
        has_own_test = any(
            _bare(name) in ("x_train", "y_train", "x_test", "y_test") for name in self.arrays
        )
        train, validation, test = self._given(seed) if has_own_test else self._cut(seed)
        check_splits(
            {"training": train, "validation": validation, "test": test},
            self.request.title,
            "Give at least three samples, or groups, to be divided.",
        )
        names: tuple[str, ...] = ()
        if self.task == "classes":
            names = self._names((train, validation, test))
            order = class_order(names, self.given.classes, self._said(), self.request.title)
            names = order.classes
            train, validation, test = (
                replace(part, labels=order.relabelled(np.asarray(part.labels)))
                for part in (train, validation, test)
            )
        task = self.task if self._is_labelled else self.given.task
        told = {"task": task, "classes": written(names)}
        return assemble(
            self.request.path.stem,
            train=train,
            validation=validation,
            test=test,
            seed=seed,
            metric="accuracy" if names else "mean-absolute-error",
            classes=names,
            preprocessing=Preprocessing(note=NOTE),
            settings=self.given.model_dump() | told,
        )

    def _given(self, seed: int) -> tuple[Samples, Samples, Samples]:
        names = self._named("x_train")
        ungrouped = self._samples("x_train", names, "y_train", first_id=0)
        known = self._grouped(
            ungrouped, "groups_train" if "groups_train" in self.arrays else "groups"
        )
        test = self._samples("x_test", names, "y_test", first_id=len(known))
        self._check_alike(known, test)
        train, validation = _positions(known, TRAIN_SHARES, seed)
        return known.take(train), known.take(validation), test

    def _cut(self, seed: int) -> tuple[Samples, Samples, Samples]:
        every = self._grouped(self._samples("x", self._named("x"), "y", first_id=0), "groups")
        train, validation, test = _positions(every, SHARES, seed)
        return every.take(train), every.take(validation), every.take(np.sort(test))

    def _grouped(self, samples: Samples, groups: str) -> Samples:
        """Return the samples with what the array `groups` says of them, where there is one."""
        if groups not in self.arrays:
            return samples
        names = self.arrays[groups]
        if names.shape != (len(samples),):
            raise self._error(
                f"{groups} has the shape {names.shape}; there are {len(samples)} samples.",
                f"Give one entry of {groups} per sample.",
            )
        return replace(samples, groups=names)

    def _named(self, x: str) -> tuple[str, ...]:
        """Return what stands after `x` in the names of its arrays: "" or ":NAME", in file order."""
        names = tuple(name.removeprefix(x) for name in self.arrays if _bare(name) == x)
        return names or ("",)

    def _samples(self, x: str, names: tuple[str, ...], y: str, first_id: int) -> Samples:
        wanted = [x + name for name in names]
        for name in (*wanted, *((y,) if self._is_labelled else ())):
            if name not in self.arrays:
                there = ", ".join(self.arrays) or "none"
                raise self._error(f"There is no array {name!r}; there are: {there}.", HINT)
        labels = self._labels(y) if self._is_labelled else None
        known = (wanted[0], self.arrays[wanted[0]]) if labels is None else (y, labels)
        count = len(known[1]) if known[1].ndim else 0
        inputs = tuple(self._input(name, count, known[0]) for name in wanted)
        return Samples(inputs, labels, first_id + np.arange(count))

    @property
    def _is_labelled(self) -> bool:
        """Say whether there are labels, or an array that may be them under another name."""
        return any(_bare(name) not in WITHOUT_LABELS for name in self.arrays)

    def _input(self, name: str, count: int, y: str) -> Array:
        array = self.arrays[name]
        if array.ndim == 0 or array.size == 0:
            raise self._error(f"{name} is empty: its shape is {array.shape}.", HINT)
        if len(array) != count and not self._is_labelled:
            raise self._error(
                f"{name} has {len(array)} samples and {y} has {count}.", "Give as many of each."
            )
        if len(array) != count:
            raise self._error(
                f"{name} has {len(array)} samples and {y} has {count} labels.",
                "Give one label per sample.",
            )
        if array.dtype.kind not in "biuf":
            raise self._error(
                f"{name} holds {array.dtype}; a network takes numbers.",
                "Save real numbers, such as float32 or uint8.",
            )
        if array.dtype.kind in "iu" and array.dtype.itemsize >= 4:
            return array
        if array.size * 4 > LIMIT_BYTES:
            raise self._error(
                f"{name} would take {array.size * 4 / 1e9:.1f} GB as float32; "
                f"at most {LIMIT_BYTES / 1e9:.1f} GB are read.",
                "Save fewer samples.",
            )
        return self._finite(name, array)

    def _finite(self, name: str, array: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            values = array.astype(np.float32)
        bad = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
        if bad.any():
            raise self._error(
                f"{name} has {int(bad.sum())} samples with NaN or infinite numbers (float32), "
                f"the first is number {int(np.argmax(bad))}.",
                "Leave those samples out, or replace the numbers.",
            )
        return values

    def _labels(self, name: str) -> Array:
        labels = self.arrays[name]
        is_classes = self.task == "classes"
        return (self.labels.classes if is_classes else self.labels.amounts)(name, labels)

    def _said(self) -> tuple[str, ...]:
        """Return the model's names of classes where the archive has names of its own."""
        return self.request.wanted.classes if "classes" in self.arrays else ()

    def _names(self, splits: tuple[Samples, ...]) -> tuple[str, ...]:
        highest = max(int(np.max(np.asarray(samples.labels))) for samples in splits)
        if "classes" not in self.arrays:
            return tuple(str(number) for number in range(highest + 1))
        names = self.arrays["classes"]
        if names.ndim != 1 or names.dtype.kind not in "US":
            raise self._error(
                f"classes holds {names.dtype} of the shape {names.shape}; it names the classes.",
                "Save numpy.array(['first', 'second', ...]).",
            )
        if highest >= len(names):
            raise self._error(
                f"There is a label {highest}, but classes names only 0 to {len(names) - 1}.",
                "Name every class, or correct the labels.",
            )
        return tuple(_text(name) for name in names)

    def _check_alike(self, train: Samples, test: Samples) -> None:
        shapes = [tuple(x.shape[1:] for x in samples.inputs) for samples in (train, test)]
        if shapes[0] != shapes[1]:
            raise self._error(
                f"Samples of x_train have the shape {_shown(shapes[0])}, "
                f"those of x_test {_shown(shapes[1])}.",
                "Prepare both in the same way.",
            )

    def _error(self, detail: str, hint: str) -> UserError:
        return self.request.error(detail, hint)


def _positions(samples: Samples, shares: tuple[float, ...], seed: int) -> tuple[Array, ...]:
    labels = np.asarray(samples.labels)
    if labels.ndim != 1 or labels.dtype.kind == "f":  # nothing to spread evenly
        labels = np.zeros(len(samples), np.int64)
    if samples.groups is None:
        return stratified(labels, shares, seed)
    return grouped(labels, samples.groups, shares, seed)


def _bare(name: str) -> str:
    """Return `x_train` for `x_train:NAME`."""
    return name.partition(":")[0]


def _text(name: np.str_ | np.bytes_) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)


def _shown(shapes: tuple[tuple[int, ...], ...]) -> str:
    return " and ".join(str(shape) for shape in shapes)
