"""Figures as a terminal and a report write them."""

from __future__ import annotations

import pytest

from tinystudio.core.measurement import Measurement
from tinystudio.session.figure_words import energy_text


@pytest.mark.parametrize(
    ("energy_mj", "interval", "words"),
    [
        (0.00017, (5.7e-05, 0.00051), "170 nJ [57, 510]"),
        (0.0016, (0.00053, 0.0048), "1.6 µJ [0.53, 4.8]"),
        (2.5, (2.0, 3.0), "2.5 mJ [2, 3]"),
    ],
)
def test_an_energy_has_a_unit_that_it_can_be_read_in(
    energy_mj: float, interval: tuple[float, float], words: str
) -> None:
    figures = Measurement(energy_mj=energy_mj, energy_interval_mj=interval)
    assert energy_text(figures) == words
