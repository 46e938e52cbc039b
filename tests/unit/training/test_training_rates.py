"""The learning rate over a training, and the one a range test finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.training.rates import FALLBACK, HIGHEST, LOWEST, range_test, share


@given(st.floats(0, 0.999), st.integers(1, 500))
def test_the_rate_stays_within_its_bounds_and_never_stands_still_at_zero(done, steps) -> None:
    assert 0 < share(done, steps) <= 1


def test_a_training_of_few_steps_begins_more_gently() -> None:
    """Eight steps of warmth at least, and never more than half of the training."""
    assert [share(at / 20, 20) for at in (2, 4, 8)] == pytest.approx([0.25, 0.5, 1.0])
    assert [share(at / 8, 8) for at in (1, 2, 4)] == pytest.approx([0.25, 0.5, 1.0])


def test_the_rate_rises_to_a_tenth_of_the_training_and_falls_from_there() -> None:
    values = [share(step / 100, 100) for step in range(101)]
    assert max(values) == values[10] == 1
    assert values[:11] == sorted(values[:11])
    assert values[10:] == sorted(values[10:], reverse=True)


@given(st.floats(-4.5, -1))
def test_the_found_rate_is_below_the_one_from_which_on_the_loss_rises(power) -> None:
    limit = 10.0**power
    loss = 3.0

    def loss_at(rate: float) -> float:
        nonlocal loss
        before = loss
        loss += -0.05 * loss if rate < limit else 2 * loss
        return before

    found = range_test(loss_at)
    assert LOWEST / 10 <= found < limit * 1.5
    assert found <= HIGHEST


def test_a_test_that_breaks_at_once_gives_the_least_rate() -> None:
    assert range_test(lambda rate: None) == LOWEST


def test_a_loss_that_no_rate_lowers_gives_a_usual_one() -> None:
    losses = iter(range(1000))
    assert range_test(lambda rate: 1 + next(losses) * 1e-3) == FALLBACK


def test_it_stops_trying_once_the_loss_has_risen_far() -> None:
    tried: list[float] = []

    def loss_at(rate: float) -> float:
        tried.append(rate)
        return 1.0 if rate < 0.001 else 100.0

    range_test(loss_at)
    assert max(tried) < 0.01
    assert tried == pytest.approx(sorted(tried))
