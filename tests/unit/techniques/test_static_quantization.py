"""Static quantization: exact where it can be, in words where it cannot, at once when repeated."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from onnx import TensorProto, helper
from static_examples import STATIC, apply, context, int8_weights, ops, signal_db, types_of

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.network import Network
from tinystudio.measure import int8_form


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(autouse=True)
def on_vnni(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this processor be one with VNNI, whichever it is."""
    monkeypatch.setattr(int8_form, "instruction_sets", lambda: ("AVX2", "AVX512-VNNI"))
    monkeypatch.setattr(int8_form, "multiplies_int8_directly", lambda: True)


@pytest.mark.parametrize("method", ["minmax", "entropy", "percentile", "mse"])
@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("layers", ["all", "heavy"])
def test_accuracy_stays_and_nothing_is_warned_of(
    cnn: Example, method: str, per_channel: bool, layers: str
) -> None:
    outcome = apply(cnn, method=method, per_channel=per_channel, layers=layers)
    assert cnn.accuracy(outcome.network) >= cnn.accuracy(cnn.network) - 0.02
    assert outcome.warnings == ()
    assert signal_db(cnn.network, outcome.network, cnn.test.inputs) > 15


def test_weights_become_signed_and_activations_unsigned(cnn: Example) -> None:
    after = apply(cnn).network
    assert len(int8_weights(after)) == 4
    assert types_of(after) == ({"uint8"}, {"int8"})
    assert "BatchNormalization" not in ops(after)


def test_values_stay_8_bits_from_layer_to_layer_in_onnxruntime(cnn: Example, tmp_path) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(apply(cnn).network.data, options, ["CPUExecutionProvider"])
    optimized = [node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node]
    assert optimized.count("QLinearConv") == 3
    assert "QGemm" in optimized
    assert "Conv" not in optimized


def test_seven_bits_use_half_the_range(cnn: Example) -> None:
    weights = int8_weights(apply(cnn, seven_bits=True).network)
    assert max(np.abs(w.astype(int)).max() for w in weights) <= 64


def test_the_ends_can_stay_in_float(cnn: Example) -> None:
    outcome = apply(cnn, keep_ends=True)
    assert len(int8_weights(outcome.network)) == 2
    assert "in float: conv1, fc" in outcome.notes


def test_a_changed_setting_does_not_run_the_samples_again(cnn: Example, monkeypatch) -> None:
    once = context(cnn.network, cnn.calibration)
    STATIC.apply(cnn.network, STATIC.params(), once)
    import tinystudio.measure.calibrating as calibrating

    def never(*args: object) -> None:
        raise AssertionError("the calibration samples were run again")

    monkeypatch.setattr(calibrating, "histograms", never)
    for values in ({"per_channel": False}, {"method": "entropy"}, {"layers": "heavy"}):
        STATIC.apply(cnn.network, STATIC.params(**values), once)
    with pytest.raises(AssertionError):
        STATIC.apply(cnn.network, STATIC.params(), replace(once, calibration_fingerprint="new"))


def test_what_comes_from_the_cache_is_what_would_come_fresh(cnn: Example) -> None:
    shared = context(cnn.network, cnn.calibration)
    for values in ({}, {"method": "entropy"}, {"per_channel": False}, {}):
        again = STATIC.apply(cnn.network, STATIC.params(**values), shared).network
        assert again.data == apply(cnn, **values).network.data


def test_an_extreme_sample_is_found_out_and_the_layer_named(cnn: Example) -> None:
    wild = cnn.calibration.inputs[0].copy()
    wild[3] *= 1e4
    samples = Samples((wild,), cnn.calibration.labels, cnn.calibration.ids)
    outcome = STATIC.apply(cnn.network, STATIC.params(), context(cnn.network, samples))
    assert cnn.accuracy(outcome.network) < 0.6
    assert len(outcome.warnings) == 1
    assert "collapsed" in outcome.warnings[0] or "same whatever" in outcome.warnings[0]
    assert "input x" in outcome.warnings[0] or "layer" in outcome.warnings[0]
    assert "Entropy or Percentile" in outcome.warnings[0]


def test_what_the_warning_advises_helps(cnn: Example) -> None:
    wild = cnn.calibration.inputs[0].copy()
    wild[3] *= 30
    samples = Samples((wild,), cnn.calibration.labels, cnn.calibration.ids)
    advised = STATIC.params(method="percentile", percentile=99.0)
    outcome = STATIC.apply(cnn.network, advised, context(cnn.network, samples))
    assert cnn.accuracy(outcome.network) > 0.95


def test_a_layer_with_one_huge_channel_is_named() -> None:
    example = mlp()
    weights = dict(example.network.weights)
    first, bias, last = (weights[name].copy() for name in ("w1", "b1", "w2"))
    # The same function, since a rectifier passes positive factors; but no range fits both.
    first[:, :2] *= 1e5
    bias[:2] *= 1e5
    last[:, :2] /= 1e5
    uneven = example.network.with_weights({"w1": first, "b1": bias, "w2": last})
    uneven = replace(example, network=uneven)
    assert uneven.accuracy(uneven.network) == pytest.approx(example.accuracy(example.network))
    outcome = apply(uneven)
    assert uneven.accuracy(outcome.network) < 0.7
    assert "Most at fault is the output of layer" in outcome.warnings[0]


def test_it_does_what_onnxruntime_does_from_its_own_files(cnn: Example, tmp_path, caplog) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter([{"x": cnn.calibration.inputs[0]}])

        def get_next(self) -> dict[str, Array] | None:
            return next(self.left, None)

    before, after = tmp_path / "float.onnx", tmp_path / "int8.onnx"
    before.write_bytes(fold_batch_normalization(cnn.network).data)
    types = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
    quantize_static(before, after, Reader(), per_channel=True, **types)
    theirs = run(Network.of(onnx.load(after)), cnn.test.inputs)[0]
    ours = run(apply(cnn, method="minmax").network, cnn.test.inputs)[0]
    ours = ours.clip(theirs.min(), theirs.max())  # theirs rounds its answers, and cuts them off
    assert np.abs(ours - theirs).max() <= np.ptp(theirs) / 255 * 1.01


def test_the_log_stays_silent_and_so_does_the_terminal(cnn: Example, capfd) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), list(root.filters))
    apply(cnn, method="entropy")
    assert (list(root.handlers), list(root.filters)) == before
    assert capfd.readouterr() == ("", "")


def test_no_temporary_file_is_left(cnn: Example, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    apply(cnn)
    assert list(tmp_path.iterdir()) == []


def test_a_fixed_batch_is_kept(cnn: Example) -> None:
    fixed = residual_cnn(batch=4)
    after = apply(fixed).network
    assert after.inputs[0].shape == (4, 3, 8, 8)
    assert signal_db(fixed.network, after, (cnn.test.inputs[0][:4],)) > 12


@pytest.mark.parametrize("opset", [7, 9, 11, 12, 13, 21])
def test_older_and_newer_operator_sets_are_taken(opset: int) -> None:
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.normal(size=(8, 4, 3, 3)),
        "b": rng.normal(size=8),
        "v": rng.normal(size=(72, 3)),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["a"], "conv"),
        helper.make_node("Relu", ["a"], ["r"], "relu"),
        helper.make_node("MaxPool", ["r"], ["p"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], "flatten"),
        helper.make_node("MatMul", ["f", "v"], ["y"], "linear"),
    ]
    old = network(
        nodes, {n: w.astype("f4") for n, w in weights.items()},
        {"x": ("n", 4, 8, 8)}, {"y": ("n", 3)}, opset=opset,
    )  # fmt: skip
    inputs = (rng.normal(size=(32, 4, 8, 8)).astype("f4"),)
    samples = Samples(inputs, None, np.arange(32))
    after = STATIC.apply(old, STATIC.params(), context(old, samples)).network
    assert signal_db(old, after, inputs) > 25


def two_towers() -> tuple[Network, tuple[Array, ...]]:
    """Two inputs through one shared convolution, and most operators there are 8-bit kernels for."""
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.normal(0, 0.3, (8, 4, 3, 3)).astype("f4"),
        "b": rng.normal(0, 0.3, 8).astype("f4"),
        "slope": rng.normal(0, 0.3, (8, 1, 1)).astype("f4"),
        "scales": np.array([1, 1, 2, 2], "f4"),
        "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]),
        "v": rng.normal(0, 0.3, (4, 3)).astype("f4"),
    }
    steps = [
        ("Conv", "left w b", "t1"), ("Conv", "right w b", "t2"), ("Sub", "t1 t2", "t3"),
        ("PRelu", "t3 slope", "t4"), ("Split", "t4", "u1 u2"), ("Sigmoid", "u1", "u3"),
        ("Mul", "u2 u3", "m"), ("Resize", "m  scales", "r"), ("Pad", "r pads", "p"),
        ("LeakyRelu", "p", "l"), ("GlobalAveragePool", "l", "g"), ("Flatten", "g", "f"),
        ("Gemm", "f v", "z"), ("Softmax", "z", "y"),
    ]  # fmt: skip
    extra = {"Split": {"axis": 1}, "Gemm": {"alpha": 0.5}, "Softmax": {"axis": 1}}
    nodes = [
        helper.make_node(op, given.split(" "), made.split(), f"{op}-{made}", **extra.get(op, {}))
        for op, given, made in steps
    ]
    shape = ("n", 4, 8, 8)
    inputs = tuple(rng.normal(size=(64, 4, 8, 8)).astype("f4") for _ in range(2))
    return network(nodes, weights, {"left": shape, "right": shape}, {"y": ("n", 3)}), inputs


@pytest.mark.parametrize("per_channel", [True, False])
def test_several_inputs_and_shared_weights_are_taken(per_channel: bool) -> None:
    before, inputs = two_towers()
    samples = Samples(inputs, None, np.arange(64))
    params = STATIC.params(per_channel=per_channel)
    outcome = STATIC.apply(before, params, context(before, samples))
    assert signal_db(before, outcome.network, inputs) > 12


def attention() -> tuple[Network, tuple[Array, ...]]:
    """A transformer block: products of two activations, normalization, slices."""
    rng = np.random.default_rng(0)
    weights = {n: rng.normal(0, 0.3, (16, 16)).astype("f4") for n in ("wq", "wk", "wv", "wf")}
    weights |= {"g": np.ones(16, np.float32), "s": np.float32(0.25)}
    weights |= {"i0": np.array([0]), "i1": np.array([8]), "axis": np.array([2])}
    steps = [
        ("MatMul", "x wq", "q", {}), ("MatMul", "x wk", "k", {}), ("MatMul", "x wv", "v", {}),
        ("Transpose", "k", "kt", {"perm": [0, 2, 1]}), ("MatMul", "q kt", "a0", {}),
        ("Mul", "a0 s", "a1", {}), ("Softmax", "a1", "a2", {}), ("MatMul", "a2 v", "o", {}),
        ("Add", "o x", "r", {}), ("LayerNormalization", "r g", "n", {}),
        ("MatMul", "n wf", "f", {}), ("Erf", "f", "e", {}), ("Slice", "e i0 i1 axis", "c", {}),
        ("Concat", "c n", "y", {"axis": 2}),
    ]  # fmt: skip
    nodes = [
        helper.make_node(op, given.split(), [made], f"{op}-{made}", **extra)
        for op, given, made, extra in steps
    ]
    inputs = (rng.normal(size=(64, 6, 16)).astype("f4"),)
    return network(nodes, weights, {"x": ("n", 6, 16)}, {"y": ("n", 6, 24)}), inputs


def test_attention_is_taken() -> None:
    before, inputs = attention()
    samples = Samples(inputs, None, np.arange(64))
    outcome = STATIC.apply(before, STATIC.params(), context(before, samples))
    assert signal_db(before, outcome.network, inputs) > 20
    assert "LayerNormalization" in ops(outcome.network)


def test_a_quantized_network_is_not_quantized_again(cnn: Example) -> None:
    once = apply(cnn).network
    assert STATIC.preflight(once).status == "cannot"
    assert "already" in STATIC.preflight(once).reason
    with pytest.raises(UserError, match="already"):
        STATIC.apply(once, STATIC.params(), context(cnn.network, cnn.calibration))


def in_precision(example: Example, element: int, name: str) -> Network:
    nodes = [*example.network.nodes]
    weights = {n: w.astype(name) for n, w in example.network.weights.items()}
    return network(nodes, weights, {"x": ("n", 24)}, {"y": ("n", 4)}, element=element)


@pytest.mark.parametrize(
    ("element", "name"), [(TensorProto.FLOAT16, "float16"), (TensorProto.DOUBLE, "float64")]
)
def test_other_precisions_are_taken_and_inputs_and_outputs_keep_theirs(
    element: int, name: str
) -> None:
    example = mlp()
    other = replace(example, network=in_precision(example, element, name))
    assert STATIC.preflight(other.network).status == "can"
    after = apply(other).network
    assert (after.inputs[0].dtype, after.outputs[0].dtype) == (np.dtype(name), np.dtype(name))
    assert len(int8_weights(after)) == 2
    logits = run(after, [example.test.inputs[0].astype(name)])[0]
    accuracy = (logits.argmax(axis=1) == example.test.labels).mean()
    assert accuracy >= example.accuracy(example.network) - 0.02


def test_whole_number_weights_are_refused_with_the_reason() -> None:
    weights = {"w": np.ones((4, 2), np.int32)}
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "linear")
    other = network([node], weights, {"x": ("n", 4)}, {"y": ("n", 2)}, element=TensorProto.INT32)
    found = STATIC.preflight(other)
    assert found.status == "cannot"
    assert "int32" in found.reason
    assert "float32" in found.remedy


def test_a_network_without_weights_is_refused_with_the_reason() -> None:
    node = helper.make_node("Relu", ["x"], ["y"], "relu")
    bare = network([node], {}, {"x": ("n", 4)}, {"y": ("n", 4)})
    found = STATIC.preflight(bare)
    assert (found.status, "no layer" in found.reason) == ("cannot", True)


def test_without_samples_it_says_so(cnn: Example) -> None:
    with pytest.raises(UserError, match="there are none"):
        STATIC.apply(cnn.network, STATIC.params(), context(cnn.network, None))


def test_samples_of_another_shape_are_an_error_that_names_both(cnn: Example) -> None:
    other = Samples((np.zeros((20, 3, 9, 9), np.float32),), None, np.arange(20))
    with pytest.raises(UserError, match="9 x 9"):
        STATIC.apply(cnn.network, STATIC.params(), context(cnn.network, other))


def test_leaving_out_every_layer_is_an_error_in_words() -> None:
    with pytest.raises(UserError, match="asked to stay in float"):
        apply(mlp(), keep_ends=True)
