"""Weight-only quantization: small files, the same answers, the fast kernel where it is faster."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from onnx import TensorProto, helper, version_converter

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.agreement import agreement
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome

FEW = find_technique("weight-only-quantization")


def apply(network: Network, samples: Samples | None, **values: object) -> Outcome:
    context = Context(network, samples, "calibration", 0, Silent(), Cache())
    return FEW.apply(network, FEW.params(**values), context)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


def kinds(network: Network) -> list[str]:
    return [node.op_type for node in network.nodes]


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("rounding", ["gptq", "nearest"])
def test_the_answers_stay(cnn: Example, bits: int, rounding: str) -> None:
    done = apply(cnn.network, cnn.calibration, bits=bits, rounding=rounding)
    lost = cnn.accuracy(cnn.network) - cnn.accuracy(done.network)
    assert lost < (0.01 if bits == 8 else 0.05)
    assert done.warnings == ()
    assert "size only" in " ".join(done.notes)


def test_learnt_roundings_are_nearer_to_the_floats_than_the_nearest_codes(cnn: Example) -> None:
    inputs, decibels = cnn.test.inputs, {}
    for rounding in ("adaround", "gptq", "nearest"):
        done = apply(cnn.network, cnn.calibration, bits=3, block=32, rounding=rounding)
        decibels[rounding] = agreement(run(cnn.network, inputs), run(done.network, inputs)).sqnr_db
    assert decibels["gptq"] > decibels["nearest"] + 2
    assert decibels["adaround"] > decibels["nearest"] + 2


@pytest.mark.parametrize("symmetric", [True, False])
def test_linear_layers_run_in_the_kernel_when_asked(symmetric: bool) -> None:
    example = mlp()
    done = apply(example.network, example.calibration, linear="int8", symmetric=symmetric)
    assert kinds(done.network).count("MatMulNBits") == 2
    assert example.accuracy(done.network) > example.accuracy(example.network) - 0.05
    assert done.network.opset == example.network.opset
    assert "linear1, linear2" in " ".join(done.notes)


def test_small_linear_layers_are_unpacked_and_large_ones_run_in_the_kernel() -> None:
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.normal(size=(512, 512)).astype(np.float32),
        "v": rng.normal(size=(512, 4)).astype(np.float32),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "large"),
        helper.make_node("MatMul", ["h", "v"], ["y"], "small"),
    ]
    made = apply(network(nodes, weights, {"x": ("n", 512)}, {"y": ("n", 4)}), None).network
    assert [n.name for n in made.nodes if n.op_type == "MatMulNBits"] == ["large"]
    onnx.checker.check_model(made.model, full_check=True)


def test_floats_with_8_bit_weights_in_the_kernel_are_cautioned_against() -> None:
    example = mlp()
    warned = apply(example.network, None, bits=8, linear="float").warnings
    assert "slower" in " ".join(warned)
    assert apply(example.network, None, bits=4, linear="float").warnings == ()


def test_without_samples_it_rounds_to_nearest_and_says_so(cnn: Example) -> None:
    gptq = apply(cnn.network, None)
    assert any("rounded to nearest" in note for note in gptq.notes)
    assert gptq.network.data == apply(cnn.network, None, rounding="nearest").network.data


def test_two_bits_that_lose_the_answers_are_warned_of(cnn: Example) -> None:
    done = apply(cnn.network, cnn.calibration, bits=2, block=256, rounding="nearest")
    assert "2-bit weights" in " ".join(done.warnings)


def test_an_old_operator_set_is_raised_where_4_bits_need_it() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "linear"),
        helper.make_node("Upsample", ["h", "s"], ["y"], "up"),
    ]
    weights = {"w": np.eye(16, dtype=np.float32), "s": np.array([1, 2], np.float32)}
    old = network(nodes, weights, {"x": (2, 16)}, {"y": (2, 32)}, opset=9)
    made = apply(old, None).network
    onnx.checker.check_model(made.model, full_check=True)
    assert made.opset == 21
    inputs = [np.arange(32, dtype=np.float32).reshape(2, 16)]
    assert np.abs(run(made, inputs)[0] - np.repeat(inputs[0], 2, axis=1)).max() < 1


def test_where_the_operator_set_cannot_be_raised_4_bits_say_so(
    monkeypatch: pytest.MonkeyPatch, cnn: Example
) -> None:
    def refuse(*_: object) -> None:
        raise version_converter.ConvertError("no way to 21")

    monkeypatch.setattr(version_converter, "convert_version", refuse)
    with pytest.raises(UserError, match="4 bits need 21"):
        apply(cnn.network, None)
    apply(cnn.network, None, bits=8)


def test_a_network_in_half_precision_keeps_its_ports() -> None:
    rng = np.random.default_rng(0)
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "linear")
    weights = {"w": rng.normal(size=(32, 32)).astype(np.float16)}
    half = network([node], weights, {"x": ("n", 32)}, {"y": ("n", 32)}, element=TensorProto.FLOAT16)
    made = apply(half, None, bits=8).network
    inputs = [rng.normal(size=(40, 32)).astype(np.float16)]
    assert agreement(run(half, inputs), run(made, inputs)).sqnr_db > 30
    assert run(made, inputs)[0].dtype == np.float16
