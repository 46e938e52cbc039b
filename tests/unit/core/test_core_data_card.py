"""The card counts, and says what is suspicious."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.core import data_card as cards
from tinystudio.core.assembling import assemble
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.data_card import DataCard, data_card
from tinystudio.core.reporter import Silent


def numbers(count: int, shape: tuple[int, ...] = (4,), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, *shape)).astype(np.float32)


def dataset(x: np.ndarray, y: np.ndarray | None = None, classes: int = 2) -> Dataset:
    """Return the first 60 % as train, then validation, then test."""
    count = len(x)
    labels = np.arange(count) % classes if y is None else y
    every = Samples((x,), labels, np.arange(count))
    ends = (int(0.6 * count), int(0.8 * count))
    parts = np.split(np.arange(count), ends)
    train, validation, test = (every.take(part) for part in parts)
    names = tuple("abcdefgh"[:classes])
    return assemble("d", train=train, validation=validation, test=test, seed=0, classes=names)


def card_of(x: np.ndarray, y: np.ndarray | None = None, classes: int = 2) -> DataCard:
    return data_card(dataset(x, y, classes), Silent())


def test_samples_are_counted_by_split_and_class() -> None:
    card = card_of(numbers(1000))
    assert [(part.name, part.samples, part.by_class) for part in card.splits] == [
        ("train", 600, (300, 300)), ("validation", 200, (100, 100)), ("test", 200, (100, 100)),
    ]  # fmt: skip
    assert card.remarks == ()


def test_ranges_are_those_of_the_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "CHUNK_BYTES", 100)
    x = numbers(1000)
    part = card_of(x).splits[2]
    assert (part.minimum, part.maximum) == (x[800:].min(), x[800:].max())
    assert part.mean == pytest.approx(x[800:].mean(), abs=1e-6)
    assert part.deviation == pytest.approx(x[800:].std(), abs=1e-5)


def test_of_large_data_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "LOOKED_AT_BYTES", 16 * 50)
    assert [(part.samples, part.looked_at) for part in card_of(numbers(1000)).splits] == [
        (600, 50), (200, 50), (200, 50),
    ]  # fmt: skip


def test_numbers_that_are_none_are_told_and_left_out_of_the_range() -> None:
    x = numbers(1000)
    x[3, 1], x[4, 2], x[900, 0] = np.nan, np.inf, np.nan
    card = card_of(x)
    assert card.remarks == (
        "2 samples of train have NaN or infinite numbers.",
        "1 sample of test has NaN or infinite numbers.",
    )
    assert card.splits[0].maximum == x[:600][np.isfinite(x[:600])].max()


def test_features_and_channels_that_never_change_are_told() -> None:
    x = numbers(1000)
    x[:, 2] = 7
    assert card_of(x).remarks == (
        "1 of 4 features never changes in train (number 3): that tells the model nothing.",
    )
    first, last = numbers(1000, (3, 5, 6)), numbers(1000, (5, 6, 3))
    first[:, 1] = 0
    last[..., 1] = 0
    for x in (first, last):
        assert "1 of 3 channels never changes in train (number 2)" in card_of(x).remarks[0]


def test_pixels_that_were_not_scaled_are_told() -> None:
    x = np.abs(numbers(1000, (3, 4, 4))) * 100
    assert "Check the normalization" in card_of(x).remarks[0]


def test_samples_in_two_splits_are_told_with_an_example() -> None:
    x = numbers(1000)
    x[850] = x[17]
    x[900] = x[17]
    x[650] = x[18]
    test, validation = card_of(x).remarks
    assert "1 sample of test is in train as well, number 850 as 17" in test
    assert "1 sample of validation is in train as well, number 650 as 18" in validation


def test_classes_that_are_missing_rare_or_lopsided_are_told() -> None:
    y = np.zeros(1000, np.int64)
    y[:20] = 1
    remarks = card_of(numbers(1000), y).remarks
    assert "validation has no sample of b." in remarks
    assert any("largest class has 580" in remark for remark in remarks)
    y = np.arange(1000) % 2
    few = dataset(numbers(30), y[:30])
    assert any("only 9 samples to train on" in it for it in data_card(few, Silent()).remarks)


def test_few_samples_to_judge_by_are_told() -> None:
    assert any(it.startswith("test has only 20 samples") for it in card_of(numbers(100)).remarks)


def test_amounts_have_a_range_in_place_of_classes() -> None:
    x = numbers(1000)
    every = Samples((x,), x[:, :1], np.arange(1000))
    made = assemble(
        "d", train=every.take(np.arange(600)), validation=every.take(np.arange(600, 800)),
        test=every.take(np.arange(800, 1000)), seed=0, metric="mean-absolute-error",
    )  # fmt: skip
    part = data_card(made, Silent()).splits[0]
    assert part.by_class == ()
    assert part.label_range == (x[:600, 0].min(), x[:600, 0].max())


def test_a_card_is_json_and_back() -> None:
    card = card_of(numbers(100))
    assert DataCard.model_validate_json(card.model_dump_json()) == card
