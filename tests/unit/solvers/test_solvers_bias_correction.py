"""After the correction every layer's mean output is what it was with float weights."""

from __future__ import annotations

import numpy as np
import pytest
from int8_examples import in_int8
from level_examples import CASES, case

from tinystudio.core.reporter import Silent
from tinystudio.measure.probing import CalibrationProbe
from tinystudio.solvers.bias_correction import corrected, mean_shifts, weight_changes
from tinystudio.solvers.layers import layers
from tinystudio.solvers.statistics import statistics_of


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("per_channel", [True, False])
def test_the_mean_of_every_layer_is_kept_for_its_own_inputs(name: str, per_channel: bool) -> None:
    before, int8 = in_int8(name, per_channel)
    changes = weight_changes(before, int8)
    probe = CalibrationProbe(case(name).samples, Silent())
    shifts = mean_shifts(before, changes, probe)
    assert shifts.keys() == changes.keys()
    known = layers(before)
    for node, change in changes.items():
        layer = known[node]
        rounded = before.with_weights({layer.weight: before.weights[layer.weight] + change})
        mended = corrected(rounded, {node: shifts[node]})
        assert len(mended.nodes) == len(before.nodes)
        # The layer's own output, or what is added to a product right behind it.
        seen = layer.output
        if layer.op == "MatMul":
            seen = before.consumers(seen)[0].output[0]
        wanted, found = (
            statistics_of((batch[seen] for batch in probe.stream(network, [seen])), layer).mean
            for network in (before, mended)
        )
        assert np.allclose(found, wanted, atol=1e-4 * max(1.0, float(np.abs(wanted).max())))


def test_weights_that_were_not_rounded_need_no_correction() -> None:
    before, _ = in_int8("plain")
    assert weight_changes(before, before) == {}
    probe = CalibrationProbe(case("plain").samples, Silent())
    assert mean_shifts(before, {}, probe) == {}
