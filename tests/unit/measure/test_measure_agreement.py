"""How far outputs are apart, and which of them have collapsed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinystudio.measure.agreement import agreement, collapse_warning

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(200, 5)).astype(np.float32)
LOGITS[np.arange(200), np.arange(200) % 5] += 4


@given(hnp.arrays(np.float32, (30, 4), elements=st.floats(-100, 100, width=32)))
def test_equal_outputs_never_raise_a_warning(outputs: np.ndarray) -> None:
    for classification in (True, False):
        assert collapse_warning((outputs,), (outputs.copy(),), classification) is None


def test_equal_outputs_agree_fully() -> None:
    found = agreement((LOGITS,), (LOGITS,))
    assert found.sqnr_db == math.inf
    assert found.cosine == pytest.approx(1.0)
    assert (found.top1_agreement, found.kappa, found.distinct_predictions) == (1.0, 1.0, 5)


def test_the_ratio_is_that_of_the_powers_in_decibels() -> None:
    signal = RNG.normal(size=(5000, 1))
    noisy = signal + RNG.normal(size=(5000, 1)) * 0.1
    assert agreement((signal,), (noisy,)).sqnr_db == pytest.approx(20.0, abs=0.3)


def test_a_large_constant_in_the_outputs_does_not_hide_the_error() -> None:
    signal = RNG.normal(size=(5000, 1))
    noisy = signal + RNG.normal(size=(5000, 1))
    assert agreement((signal + 1000,), (noisy + 1000,)).sqnr_db == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize("classification", [True, False])
def test_outputs_that_are_the_same_for_every_input_have_collapsed(classification: bool) -> None:
    constant = np.tile(LOGITS.mean(axis=0), (200, 1))
    warning = collapse_warning((LOGITS,), (constant,), classification)
    assert warning is not None
    assert "whatever the input" in warning


def test_outputs_that_are_not_numbers_have_collapsed() -> None:
    broken = LOGITS.copy()
    broken[7, 2] = np.nan
    warning = collapse_warning((LOGITS,), (broken,), True)
    assert warning is not None
    assert "not numbers" in warning


def test_answers_by_chance_have_collapsed() -> None:
    warning = collapse_warning((LOGITS,), (RNG.normal(size=LOGITS.shape),), True)
    assert warning is not None
    assert "little better than chance" in warning


def test_one_answer_for_nearly_all_has_collapsed_and_the_lost_classes_are_counted() -> None:
    lopsided = LOGITS.copy()
    lopsided[:, 3] += 50
    warning = collapse_warning((LOGITS,), (lopsided,), True)
    assert warning is not None
    assert "1 of the 5 classes" in warning


def test_answers_that_are_mostly_kept_have_not_collapsed() -> None:
    worse = LOGITS.copy()
    worse[:80] = RNG.normal(size=(80, 5))
    assert collapse_warning((LOGITS,), (worse,), True) is None


def test_a_regression_whose_error_is_as_large_as_its_signal_has_collapsed() -> None:
    signal = RNG.normal(size=(100, 1))
    warning = collapse_warning((signal,), (signal + RNG.normal(size=(100, 1)),), False)
    assert warning is not None
    assert "dB" in warning


def test_few_samples_are_not_judged_by_their_answers() -> None:
    assert collapse_warning((LOGITS[:10],), (-LOGITS[:10],), True) is None


def test_an_original_that_is_itself_constant_is_no_reason_to_warn() -> None:
    constant = np.ones((50, 3))
    assert collapse_warning((constant,), (constant,), True) is None


def test_maps_are_judged_at_every_place() -> None:
    maps = RNG.normal(size=(30, 3, 4, 4))
    assert agreement((maps,), (maps,)).top1_agreement == 1.0
    assert collapse_warning((maps,), (RNG.normal(size=maps.shape),), True) is not None


def test_one_extreme_sample_does_not_make_the_others_look_constant() -> None:
    extreme = LOGITS.copy()
    extreme[3] *= 1e6
    clipped = extreme.clip(-10, 10)
    assert collapse_warning((extreme,), (clipped,), True) is None


def test_several_outputs_count_together() -> None:
    other = RNG.normal(size=(200, 2, 3))
    assert agreement((LOGITS, other), (LOGITS, other)).sqnr_db == math.inf
    assert agreement((LOGITS, other), (LOGITS, -other)).sqnr_db < 10


def test_outputs_of_other_shapes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        agreement((LOGITS,), (LOGITS[:, :3],))
