"""Data sets are named by what they hold, and say what was done to their numbers."""

from __future__ import annotations

import numpy as np

from tinystudio.core.assembling import CALIBRATION_SAMPLES, assemble, standardization
from tinystudio.core.data import Dataset, Preprocessing, Samples


def samples(count: int, first: int = 0, fill: float = 1.0) -> Samples:
    inputs = np.full((count, 3), fill, np.float32)
    return Samples((inputs,), np.arange(count) % 4, first + np.arange(count))


def dataset(fill: float = 1.0, seed: int = 0, count: int = 1000) -> Dataset:
    return assemble(
        "made up",
        train=samples(count, fill=fill),
        validation=samples(50, count),
        test=samples(50, count + 50),
        seed=seed,
    )


def test_calibration_is_drawn_from_train_and_has_every_class_alike() -> None:
    made = dataset()
    assert len(made.calibration) == CALIBRATION_SAMPLES
    assert set(made.calibration.ids) <= set(made.train.ids)
    assert np.bincount(np.asarray(made.calibration.labels)).tolist() == [64] * 4


def test_a_small_train_is_calibration_as_a_whole() -> None:
    made = dataset(count=40)
    assert sorted(made.calibration.ids) == list(range(40))


def test_equal_data_has_equal_fingerprints_and_any_change_another() -> None:
    same, again = dataset().fingerprint, dataset().fingerprint
    assert same == again
    assert len({same, dataset(fill=2.0).fingerprint, dataset(seed=1).fingerprint}) == 3


def test_standardized_channels_have_mean_0_and_deviation_1() -> None:
    raw = np.random.default_rng(0).normal(5, 3, (200, 4, 7)) * np.arange(1, 5)[:, None]
    values = standardization(raw, "channel").applied(raw)
    assert np.allclose(values.mean((0, 2)), 0, atol=1e-4)
    assert np.allclose(values.std((0, 2)), 1, atol=1e-4)
    assert values.dtype == np.float32


def test_a_channel_that_never_changes_is_only_centred() -> None:
    raw = np.full((10, 2), 7.0)
    assert standardization(raw, "column").applied(raw).tolist() == [[0.0, 0.0]] * 10


def test_no_preprocessing_leaves_the_numbers() -> None:
    raw = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert Preprocessing().applied(raw).tolist() == raw.tolist()
