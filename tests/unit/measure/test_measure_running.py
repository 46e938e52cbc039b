"""A network runs over any number of samples, however it wants its batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from example_networks import mlp, network, residual_cnn, run
from example_reporters import Watching
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.activations import stream_activations
from tinystudio.measure.running import check_samples, open_session, outputs_of

CNN = residual_cnn()
FREE = open_session(CNN.network.data)
FIXED = open_session(residual_cnn(batch=8).network.data)
WEIGHT = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def samples_of(*inputs: Array) -> Samples:
    return Samples(inputs, None, np.arange(len(inputs[0])))


def linear(shape: tuple[int | str, ...], out: tuple[int | str, ...]) -> Network:
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "layer")
    return network([node], {"w": WEIGHT}, {"x": shape}, {"y": out})


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(1, 40))
def test_a_fixed_batch_gives_what_an_open_one_gives(count: int, batch: int) -> None:
    samples = CNN.test.first(count)
    (fixed,) = outputs_of(FIXED, samples, Silent())
    (free,) = outputs_of(FREE, samples, Silent(), batch=batch)
    assert fixed.shape == free.shape == (count, 4)
    np.testing.assert_allclose(fixed, free, atol=1e-4)
    np.testing.assert_allclose(free, run(CNN.network, samples.inputs)[0], atol=1e-4)


def test_a_graph_that_runs_only_single_samples_despite_its_word_is_run_so() -> None:
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["flat"], "reshape"),
        helper.make_node("MatMul", ["flat", "w"], ["y"], "layer"),
    ]
    weights = {"w": WEIGHT, "shape": np.array([1, 6])}
    tested = network(nodes, weights, {"x": ("n", 2, 3)}, {"y": ("n", 4)})
    values = np.random.default_rng(1).normal(size=(7, 2, 3)).astype(np.float32)
    (found,) = outputs_of(tested.data, samples_of(values), Silent())
    np.testing.assert_allclose(found, values.reshape(7, 6) @ WEIGHT, rtol=1e-4, atol=1e-5)


def test_a_graph_without_a_batch_axis_is_fed_one_sample_at_a_time() -> None:
    values = np.random.default_rng(1).normal(size=(5, 6)).astype(np.float32)
    (found,) = outputs_of(linear((6,), (4,)).data, samples_of(values), Silent())
    np.testing.assert_allclose(found, values @ WEIGHT, rtol=1e-4, atol=1e-5)


def test_only_the_outputs_asked_for_are_given_in_their_order() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], "one"),
        helper.make_node("Neg", ["x"], ["b"], "two"),
    ]
    tested = network(nodes, {}, {"x": ("n", 2)}, {"a": ("n", 2), "b": ("n", 2)})
    values = np.array([[1, -2], [-3, 4], [5, -6]], np.float32)
    b, a = outputs_of(tested.data, samples_of(values), Silent(), batch=2, names=["b", "a"])
    assert np.array_equal(b, -values)
    assert np.array_equal(a, np.maximum(values, 0))
    assert len(outputs_of(tested.data, samples_of(values), Silent())) == 2


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4).filter(lambda s: s[-3:] != [3, 8, 8]))
def test_samples_of_a_wrong_shape_are_told_with_both_shapes(sizes: list[int]) -> None:
    wrong = samples_of(np.zeros((2, *sizes), np.float32))
    with pytest.raises(UserError, match="does not fit the model") as caught:
        check_samples(CNN.network, wrong)
    assert "any x 3 x 8 x 8" in caught.value.detail
    assert " x ".join(map(str, (2, *sizes))) in caught.value.detail
    with pytest.raises(UserError, match="does not fit the model"):
        outputs_of(FREE, wrong, Silent())


def test_samples_that_fit_pass_whatever_their_number() -> None:
    for count in (1, 8, 100):
        check_samples(CNN.network, CNN.test.first(count))
        check_samples(residual_cnn(batch=8).network, CNN.test.first(count))


def test_another_number_of_inputs_is_told() -> None:
    two = samples_of(*CNN.test.inputs, *CNN.test.inputs)
    with pytest.raises(UserError) as caught:
        check_samples(CNN.network, two)
    assert "1 inputs (x); the data has 2" in caught.value.detail


def test_no_samples_are_told() -> None:
    with pytest.raises(UserError, match="no samples"):
        outputs_of(FREE, CNN.test.first(0), Silent())


def test_numbers_of_another_type_are_turned_into_the_models() -> None:
    doubles = samples_of(CNN.test.inputs[0][:4].astype(np.float64))
    assert np.array_equal(
        outputs_of(FREE, doubles, Silent())[0], outputs_of(FREE, CNN.test.first(4), Silent())[0]
    )


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        (np.array([[1.0, 2.0]]), True),
        (np.array([[1, 127]], np.int64), True),
        (np.array([[1.5, 2.0]]), False),
        (np.array([[1, 128]]), False),
        (np.array([["a", "b"]]), False),
    ],
)
def test_only_numbers_that_lose_nothing_become_integers(values: Array, fits: bool) -> None:
    node = helper.make_node("Identity", ["x"], ["y"], "same")
    tested = network([node], {}, {"x": ("n", 2)}, {"y": ("n", 2)}, element=TensorProto.INT8)
    if fits:
        check_samples(tested, samples_of(values))
        assert np.array_equal(outputs_of(tested.data, samples_of(values), Silent())[0], values)
    else:
        with pytest.raises(UserError, match="int8"):
            check_samples(tested, samples_of(values))


def test_what_is_no_network_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="could not be run"):
        open_session(b"not a network")


def test_cancelling_is_heard_between_batches() -> None:
    reporter = Watching(cancel_at=3)
    with pytest.raises(Cancelled):
        outputs_of(FREE, CNN.test.first(40), reporter, batch=4)
    assert reporter.checks == 3


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 40), st.integers(1, 50))
def test_what_flows_inside_comes_in_the_samples_order(count: int, batch: int) -> None:
    samples, names = CNN.test.first(count), ["t2", "x", "t5", "y"]
    pieces = list(stream_activations(CNN.network, names, samples, Silent(), batch))
    found = {name: np.concatenate([piece[name] for piece in pieces]) for name in names}
    assert np.array_equal(found["x"], samples.inputs[0])
    assert found["t2"].shape == (count, 16, 8, 8)
    assert (found["t2"] >= 0).all()
    np.testing.assert_allclose(found["y"], run(CNN.network, samples.inputs)[0], atol=1e-4)
    assert all(len(piece["t5"]) <= batch for piece in pieces)


def test_inputs_alone_need_no_run() -> None:
    pieces = list(stream_activations(CNN.network, ["x"], CNN.test.first(10), Silent(), 4))
    assert [len(piece["x"]) for piece in pieces] == [4, 4, 2]


def test_what_flows_inside_a_fixed_batch_is_cut_to_the_samples() -> None:
    tested, samples = residual_cnn(batch=8), CNN.test.first(11)
    fixed = list(stream_activations(tested.network, ["t4"], samples, Silent()))
    (free,) = stream_activations(CNN.network, ["t4"], samples, Silent())
    assert [len(piece["t4"]) for piece in fixed] == [8, 3]
    np.testing.assert_allclose(
        np.concatenate([piece["t4"] for piece in fixed]), free["t4"], atol=1e-4
    )


def test_a_tensor_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        next(stream_activations(mlp().network, ["nowhere"], mlp().test, Silent()))


def test_the_judged_output_comes_first() -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Neg", ["y"], ["z"])]
    tested = network(nodes, {"w": WEIGHT}, {"x": ("n", 6)}, {"y": ("n", 4), "z": ("n", 4)})
    samples = samples_of(np.ones((3, 6), np.float32))
    first, second = outputs_of(tested.data, samples, Silent())
    judged = outputs_of(tested.data, replace(samples, judged="z").first(2), Silent())
    np.testing.assert_array_equal(judged[0], second[:2])
    np.testing.assert_array_equal(judged[1], first[:2])
