"""Learning to round up or down changes a layer's output less than the nearest codes do."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.training.adaptive_rounding import CHECKED, STEPS, up_or_down


@pytest.mark.parametrize("ends", [(-2, 1), (0, 3)])
def test_it_loses_less_than_the_nearest_codes_and_stays_beside_the_weights(
    ends: tuple[int, int],
) -> None:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(400, 6)) @ rng.normal(size=(6, 24)) + 0.3 * rng.normal(size=(400, 24))
    covariance, matrices = np.cov(inputs.T)[None], rng.normal(size=(1, 10, 24))
    scales = np.full(matrices.shape, 1.2)
    zeros = np.full(matrices.shape, 2.0 if ends[0] == 0 else 0.0)
    checks: list[int] = []
    codes = up_or_down(matrices, covariance, scales, zeros, ends, lambda: checks.append(1))
    nearest = np.clip(np.rint(matrices / scales + zeros), *ends)

    def lost(values: np.ndarray) -> float:
        change = (values - zeros) * scales - matrices
        return float(((change @ covariance) * change).sum())

    assert lost(codes) < 0.7 * lost(nearest)
    assert ends[0] <= codes.min() <= codes.max() <= ends[1]
    place = np.clip(matrices / scales + zeros, *ends)
    assert (np.abs(codes - place) <= 1).all()
    assert len(checks) == STEPS // CHECKED
    again = up_or_down(matrices, covariance, scales, zeros, ends, lambda: None)
    assert np.array_equal(again, codes)
