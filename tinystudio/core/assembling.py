"""Puts split samples together into a `Dataset`: calibration drawn, fingerprint taken."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sized
from dataclasses import replace

import numpy as np

from tinystudio.core.data import SPLITS, Array, Dataset, Preprocessing, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.splitting import drawn, stratified

CALIBRATION_SAMPLES = 256  # ranges and Hessians of small networks hardly change beyond


def assemble(
    name: str,
    *,
    train: Samples,
    validation: Samples,
    test: Samples,
    seed: int,
    metric: str = "accuracy",
    classes: tuple[str, ...] = (),
    preprocessing: Preprocessing | None = None,
    settings: Mapping[str, float | int | bool | str] | None = None,
    content: str = "",
) -> Dataset:
    """Return the data set of these splits; calibration is drawn from `train` by label.

    `settings` are what it was read with. `content`: a hash of all inputs, where one is there
    already; else they are hashed.
    """
    labels = train.labels
    if labels is None or labels.ndim != 1:  # amounts, or one for every place: nothing to spread
        labels = np.zeros(len(train))
    return Dataset(
        name=name,
        train=train,
        calibration=train.take(drawn(labels, CALIBRATION_SAMPLES, seed)),
        validation=validation,
        test=test,
        metric=metric,
        classes=classes,
        preprocessing=preprocessing or Preprocessing(),
        fingerprint=_fingerprint((train, validation, test), (seed, metric, classes), content),
        settings=settings or {},
    )


def judged_by(dataset: Dataset, metric: str) -> Dataset:
    """Return the data set judged by `metric`, which its settings and its fingerprint tell."""
    settings = {**dataset.settings, "metric": metric}
    if metric == dataset.metric:
        return replace(dataset, settings=settings)
    told = hashlib.sha256(f"{dataset.fingerprint} {metric}".encode()).hexdigest()[:16]
    return replace(dataset, metric=metric, settings=settings, fingerprint=told)


def labels_of_output(dataset: Dataset, output: str) -> Dataset:
    """Return the data set whose labels are of that output; empty: of the first."""
    if not output:
        return dataset
    train, calibration, validation, test = (
        replace(dataset.split(name), judged=output) for name in SPLITS
    )
    return replace(
        dataset,
        train=train,
        calibration=calibration,
        validation=validation,
        test=test,
        fingerprint=hashlib.sha256(f"{dataset.fingerprint} {output}".encode()).hexdigest()[:16],
    )


def check_splits(splits: Mapping[str, Sized], title: str, hint: str) -> None:
    """Raise `UserError` where a split, by its name, has no samples."""
    for name, samples in splits.items():
        if not len(samples):
            detail = f"There are too few samples or groups: none is left for {name}."
            raise UserError(title, detail, hint)


def with_own_test(
    name: str,
    arrays: Mapping[str, Array],
    *,
    channel: str,
    validation: float,
    seed: int,
    metric: str = "accuracy",
) -> Dataset:
    """Return the data set of x_train, y_train, x_test, y_test and classes, standardized.

    The share `validation` of train is cut off by label; test stays whole, in its order, its ids
    following those of train. `channel` says in words what is standardized by itself.
    """
    labels, test_labels = (arrays[y].astype(np.int64) for y in ("y_train", "y_test"))
    train, judged = stratified(labels, (1 - validation, validation), seed)
    preprocessing = standardization(arrays["x_train"][train], channel)
    known = Samples((preprocessing.applied(arrays["x_train"]),), labels, np.arange(len(labels)))
    test_ids = len(labels) + np.arange(len(test_labels))
    return assemble(
        name,
        train=known.take(train),
        validation=known.take(judged),
        test=Samples((preprocessing.applied(arrays["x_test"]),), test_labels, test_ids),
        seed=seed,
        metric=metric,
        classes=tuple(str(title) for title in arrays["classes"]),
        preprocessing=preprocessing,
    )


def standardization(train: Array, of: str) -> Preprocessing:
    """Return the preprocessing that gives `train` (n, c, ...) mean 0 and deviation 1 per channel.

    `of` says in words what a channel is. A channel that never changes is only centred. Figures
    are rounded to six digits, so that they can be written down and used elsewhere as they are.
    """
    across = tuple(axis for axis in range(train.ndim) if axis != 1)
    mean = train.mean(axis=across, dtype=np.float64)
    scale = train.std(axis=across, dtype=np.float64)
    scale[scale == 0] = 1.0
    return Preprocessing(
        mean=rounded(mean),
        scale=rounded(scale),
        note=f"(x - mean) / scale for each {of}; mean and scale come from the training data",
    )


def rounded(values: Array) -> tuple[float, ...]:
    """Return figures with six digits, as they are written down."""
    return tuple(float(f"{value:.6g}") for value in values)


def _fingerprint(
    splits: tuple[Samples, ...], judged: tuple[int, str, tuple[str, ...]], content: str
) -> str:
    """Return a hash of what the network is fed, in which split and order, and how it is judged."""
    digest = hashlib.sha256(repr(judged).encode() + content.encode())
    for samples in splits:
        labels = () if samples.labels is None else (samples.labels,)
        inputs = () if content else samples.inputs
        for array in (samples.ids, *labels, *inputs):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()[:16]
