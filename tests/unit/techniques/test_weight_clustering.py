"""Weight clustering: few values, a small file, and the answers nearly as they were."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, network, residual_cnn, run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, case, noise
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.sizes import download_bytes
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

sys.path.insert(0, str(Path(__file__).parents[1] / "graph"))
from gradient_networks import transformer
from graph_random_networks import networks

CLUSTERING = find_technique("weight-clustering")


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def clustered(tested: Network, samples: Samples | None, **values: object) -> Outcome:
    context = Context(tested, samples, "calibration", 0, Silent(), Cache())
    return CLUSTERING.apply(tested, CLUSTERING.params(**values), context)


@settings(max_examples=15, deadline=None)
@given(
    networks(),
    st.sampled_from([2, 4, 6]),
    st.sampled_from(["scaled", "layer", "channels"]),
    st.sampled_from(["table", "floats"]),
)
def test_any_network_becomes_one_that_is_valid_and_runs(
    tested: Network, bits: int, tables: str, storage: str
) -> None:
    rng = np.random.default_rng(0)
    shape = [size for size in tested.inputs[0].shape if isinstance(size, int)]
    samples = Samples((rng.normal(size=(24, *shape)).astype("f4"),), None, np.arange(24))
    made = clustered(tested, samples, bits=bits, tables=tables, storage=storage, channels=2).network
    onnx.checker.check_model(made.model, full_check=True)
    assert np.isfinite(run(made, samples.inputs)[0]).all()


@pytest.mark.parametrize("name", CASES)
def test_with_eight_bits_every_kind_of_network_answers_as_before(name: str) -> None:
    known = case(name)
    made = clustered(known.network, known.samples, bits=8).network
    for after, before in zip(
        run(made, known.samples.inputs), run(known.network, known.samples.inputs), strict=True
    ):
        assert np.abs(after - before).max() < 0.05 * np.abs(before).max()


def test_four_bits_cost_next_to_nothing_and_shrink_file_and_download(cnn: Example) -> None:
    made = clustered(cnn.network, cnn.calibration, bits=4).network
    assert cnn.accuracy(made) >= cnn.accuracy(cnn.network) - 0.03
    assert len(made.data) < 0.45 * len(cnn.network.data)
    assert download_bytes(made.data) < 0.45 * download_bytes(cnn.network.data)


def test_no_layer_has_more_values_than_asked(cnn: Example) -> None:
    made = clustered(cnn.network, cnn.calibration, bits=3, tables="layer", storage="floats")
    for name in ("conv1_w", "conv2_w", "conv3_w", "fc_w"):
        assert len(np.unique(made.network.weights[name])) <= 8


def test_stored_as_floats_only_the_download_is_smaller(cnn: Example) -> None:
    made = clustered(cnn.network, cnn.calibration, bits=4, storage="floats").network
    assert len(made.data) >= 0.98 * len(cnn.network.data)
    assert download_bytes(made.data) < 0.7 * download_bytes(cnn.network.data)


@pytest.mark.parametrize("tables", ["scaled", "layer", "channels"])
@pytest.mark.parametrize("name", CASES)
def test_the_file_never_grows_by_more_than_a_bias(name: str, tables: str) -> None:
    known = case(name)
    made = clustered(known.network, known.samples, bits=8, tables=tables, channels=4).network
    assert len(made.data) <= len(known.network.data) + 150


def test_a_product_without_a_bias_gets_no_addition() -> None:
    tested = transformer()
    made = clustered(tested, noise((5, 8)), storage="floats").network
    assert [node.op_type for node in made.nodes] == [node.op_type for node in tested.nodes]


def test_fewer_bits_make_a_smaller_download(cnn: Example) -> None:
    sizes = [
        download_bytes(clustered(cnn.network, cnn.calibration, bits=bits).network.data)
        for bits in (2, 3, 4, 6, 8)
    ]
    assert sizes == sorted(sizes)


def test_at_two_bits_making_up_brings_accuracy(cnn: Example) -> None:
    plain = clustered(cnn.network, None, bits=2, importance="plain", makeup=False).network
    assert cnn.accuracy(clustered(cnn.network, cnn.calibration, bits=2).network) > cnn.accuracy(
        plain
    )


def test_zeros_of_pruning_stay_zeros(cnn: Example) -> None:
    weights = {n: np.where(np.abs(w) < 0.1, 0, w) for n, w in cnn.network.weights.items()
               if n in ("conv1_w", "conv2_w")}  # fmt: skip
    pruned = cnn.network.with_weights(weights)
    made = clustered(pruned, cnn.calibration, bits=4, storage="floats").network
    for name, weight in weights.items():
        assert (made.weights[name][weight == 0] == 0).all()


def test_without_samples_it_clusters_plainly_and_says_so(cnn: Example) -> None:
    assert "plain k-means" in clustered(cnn.network, None).warnings[0]
    assert not clustered(cnn.network, None, importance="plain", makeup=False).warnings


def test_an_old_operator_set_is_raised_for_four_bits_only(cnn: Example) -> None:
    assert clustered(cnn.network, cnn.calibration, bits=5).network.opset == cnn.network.opset
    assert clustered(cnn.network, cnn.calibration, bits=4).network.opset >= 21


def test_help_and_preflight_say_that_it_is_no_faster(cnn: Example) -> None:
    assert "does not gain: speed" in " ".join(CLUSTERING.help.split())
    assert "does not become faster" in CLUSTERING.preflight(cnn.network).reason


def test_where_there_are_no_weights_it_says_so() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    tested = network([node], {}, {"x": ("n", 3)}, {"y": ("n", 3)})
    assert CLUSTERING.preflight(tested).status == "cannot"
    with pytest.raises(UserError, match="No layer has weights"):
        clustered(tested, None)
