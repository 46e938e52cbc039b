"""A compacted network computes the same, and what the float network had keeps its name."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import run
from int8_examples import in_int8
from level_examples import CASES, case

from tinystudio.solvers.compacting import compacted
from tinystudio.solvers.quantizable import prepared


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("per_channel", [True, False])
def test_it_computes_the_same_in_fewer_bytes(name: str, per_channel: bool) -> None:
    before, int8 = in_int8(name, per_channel)
    small = compacted(int8, before)
    onnx.checker.check_model(small.model, full_check=True)
    inputs = case(name).samples.inputs
    for one, other in zip(run(small, inputs), run(int8, inputs), strict=True):
        assert np.array_equal(one, other)
    assert len(small.data) < 0.95 * len(int8.data)
    there = {node.name for node in before.nodes}
    assert there & {n.name for n in int8.nodes} == there & {n.name for n in small.nodes}


def test_a_network_without_anything_new_stays_as_it_is() -> None:
    network = prepared(case("plain").network)
    assert compacted(network, network).data == network.data
