"""Smartwatch exercises: which exercise an unseen person is doing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble, standardization
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.gallery.task import GalleryTask

SEED = 0
TRAIN_PEOPLE = (1, 2, 3, 4, 5, 6)
VALIDATION_PEOPLE = (7, 8)
TEST_PEOPLE = (9, 10)
STEPS = 200  # 4 seconds at 50 Hz: about one repetition of an exercise
TRAIN_STRIDE = 50
# Windows that overlap would be counted twice and make the accuracy look surer than it is.
JUDGED_STRIDE = STEPS


class Watch(GalleryTask):
    """Recognize rehabilitation exercises from a smartwatch.

    Ten people did seven shoulder exercises with a watch on the wrist. Each sample is 4 seconds of
    acceleration and rotation in three axes at 50 Hz. The network says which exercise it was, for
    people it has never met: it learned from people 1 to 6, is tuned on 7 and 8 and tested on 9
    and 10.

    Data: smartwatch rehabilitation recordings (Burns 2018, arXiv:1802.01489), 140 recordings.
    Accuracy is counted over windows that do not overlap, of two people: its interval says how sure
    it is for these two, another person may differ more. The network is a one-dimensional
    convolutional one, about 180,000 parameters.
    """

    id = "watch"
    title = "Smartwatch exercises"
    area = "Phones and wearables"
    question = "Which exercise is the wearer doing?"
    look_at = (
        "Compare the OBS choice of channels with the random control: how many channels can go "
        "before an unseen person notices? Then add INT8 on top."
    )
    licence = "BSD 3-Clause, D. M. Burns"
    source = "seglearn watch data, from the PyPI package seglearn"

    def dataset(self) -> Dataset:
        """Return windows (6, 200) of people 1-6 (overlapping), 7-8 and 9-10 (not overlapping)."""
        arrays = read_arrays(self.folder / "data.npz")
        signal = arrays["x"].T * arrays["scale"][:, None]
        train = _windows(arrays, TRAIN_PEOPLE, TRAIN_STRIDE)
        preprocessing = standardization(_cut(signal, train[0]), "axis")
        signal = preprocessing.applied(signal[None])[0]
        shuffled = np.random.default_rng(SEED).permutation
        validation = _windows(arrays, VALIDATION_PEOPLE, JUDGED_STRIDE)
        return assemble(
            self.title,
            train=_samples(signal, train, shuffled(len(train[0]))),
            validation=_samples(signal, validation, shuffled(len(validation[0]))),
            test=_samples(signal, _windows(arrays, TEST_PEOPLE, JUDGED_STRIDE)),
            seed=SEED,
            classes=tuple(str(name) for name in arrays["classes"]),
            preprocessing=preprocessing,
        )


Windows = tuple[Array, Array, Array]  # where each starts, its label, its person


def _windows(arrays: dict[str, Array], people: Sequence[int], stride: int) -> Windows:
    """Return the windows of these people, by where they start in the joined recordings."""
    starts: list[Array] = []
    labels: list[Array] = []
    persons: list[Array] = []
    begin = 0
    for length, label, person in zip(
        arrays["lengths"], arrays["y"], arrays["subject"], strict=True
    ):
        if int(person) in people:
            starts.append(begin + np.arange(0, int(length) - STEPS + 1, stride))
            labels.append(np.full(len(starts[-1]), label, np.int64))
            persons.append(np.full(len(starts[-1]), person, np.int64))
        begin += int(length)
    return np.concatenate(starts), np.concatenate(labels), np.concatenate(persons)


def _cut(signal: Array, starts: Array) -> Array:
    """Return the windows (n, axes, steps) of `signal` (axes, time) that begin at `starts`."""
    views = np.lib.stride_tricks.sliding_window_view(signal, STEPS, axis=1)
    return np.ascontiguousarray(np.moveaxis(views[:, starts], 0, 1))


def _samples(signal: Array, windows: Windows, order: Array | None = None) -> Samples:
    """Return the windows as samples; a window's id is the step of the file where it begins."""
    starts, labels, persons = windows
    samples = Samples((_cut(signal, starts),), labels, starts, persons)
    return samples if order is None else samples.take(order)
