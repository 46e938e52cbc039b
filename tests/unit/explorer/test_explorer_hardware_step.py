"""The processor's step is read from times."""

from __future__ import annotations

import math

import numpy as np
import pytest
from example_networks import mlp
from fabricated_times import Timer

from tinystudio.core.reporter import Silent
from tinystudio.explorer.hardware_step import COUNTS, hardware_step, step_of
from tinystudio.gallery import find_task
from tinystudio.graph.opening import open_network


@pytest.mark.parametrize("step", [4, 8, 16])
def test_the_step_of_a_staircase_is_found(step: int) -> None:
    rng = np.random.default_rng(0)
    us = np.array([5 + math.ceil(count / step) * step / 4 for count in COUNTS])
    assert step_of(COUNTS, us * rng.uniform(1, 1.005, len(us))) == step


def test_times_that_do_not_rise_have_no_step() -> None:
    assert step_of(COUNTS, np.full(len(COUNTS), 3.0)) == 1


def test_the_heaviest_convolution_of_a_network_is_timed() -> None:
    network = open_network(find_task("fashion").network_path)
    found = hardware_step(network, Silent(), 0, timer=Timer())
    assert found is not None
    assert (found.op, found.step) == ("Conv", 16)
    assert len(found.us) == len(found.counts)


def test_a_network_of_linear_layers_has_its_own() -> None:
    found = hardware_step(mlp().network, Silent(), 0, timer=Timer())
    assert found is not None
    assert found.op in ("Gemm", "MatMul")
