"""Quantization-aware training: what is trained is what is written, and better than rounding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from example_networks import Example, mlp, network, patterns, residual_cnn, run
from level_examples import CASES, case
from onnx import TensorProto, helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.graph.parameters import parameters
from tinystudio.jobs.recipe import Step
from tinystudio.measure.divergence import divergence
from tinystudio.techniques import find_technique, quantization_aware_training
from tinystudio.techniques.technique import Context, Outcome

QAT = find_technique("quantization-aware-training")


def applied(technique: str, example: Example, network: Network, **values: object) -> Network:
    part = find_technique(technique)
    context = Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), example.calibration
    )
    return part.apply(network, part.params(**values), context).network


def test_it_writes_the_form_and_the_bytes_of_static_quantization() -> None:
    example = residual_cnn()
    static = applied("static-quantization", example, example.network)
    trained = applied("quantization-aware-training", example, example.network, epochs=0.5)
    assert len(trained.data) == len(static.data)
    assert [node.op_type for node in trained.nodes] == [node.op_type for node in static.nodes]


def rough(example: Example) -> Network:
    """Return the network with a weight in each channel that makes the steps of the others rough."""
    rng, changes = np.random.default_rng(0), {}
    for node in example.network.nodes:
        if node.op_type == "Conv":
            weight = example.network.weights[node.input[1]].copy()
            flat = weight.reshape(len(weight), -1)
            flat[np.arange(len(flat)), rng.integers(flat.shape[1], size=len(flat))] *= 12
            changes[node.input[1]] = weight
    return example.network.with_weights(changes)


def test_what_rough_steps_cost_is_learned_back() -> None:
    example = residual_cnn()
    network = rough(example)
    static = example.accuracy(applied("static-quantization", example, network))
    trained = example.accuracy(
        applied("quantization-aware-training", example, network, epochs=12.0, rate=0.005)
    )
    assert trained > static + 0.05


def outcome(example: Example, **values: object) -> Outcome:
    context = Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), example.calibration
    )
    return QAT.apply(example.network, QAT.params(**{"epochs": 0.5, **values}), context)


def codes(network: Network) -> dict[str, int]:
    """Return the type of every weight that is stored in integers, by its name."""
    return {
        item.name: item.data_type
        for item in network.model.graph.initializer
        if len(item.dims) >= 2 and item.data_type != TensorProto.FLOAT
    }


PROCESSORS = ("this", "avx2", "arm", "cortex-m")
WAYS = [
    *({"bits": bits, "processor": name} for bits in ("8", "4") for name in PROCESSORS),
    *({"bits": bits, "activations": "float"} for bits in ("8", "4")),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "-".join(way.values()))
@pytest.mark.parametrize("make", [residual_cnn, mlp])
def test_the_file_answers_as_the_training_did(make, way, monkeypatch) -> None:
    """The training's graph in torch against onnxruntime on the written file."""
    example, seen = make(), []
    real = quantization_aware_training.trained

    def noting(*given: object) -> Outcome:
        seen.append(real(*given))
        return seen[-1]

    monkeypatch.setattr(quantization_aware_training, "trained", noting)
    written = outcome(example, rate=0.01, epochs=2.0, **way).network
    onnx.checker.check_model(written.model, full_check=True)
    with torch.no_grad():
        module = GraphModule(seen[0].network)
        mine = module(torch.from_numpy(example.test.inputs[0]))[0].numpy()
    theirs = run(written, example.test.inputs)[0]
    if way.get("activations") == "float":
        assert np.allclose(mine, theirs, atol=1e-4 * np.abs(theirs).max())
        return
    # An integer kernel adds up in another order: now and then a value on the edge of a step.
    off, largest = np.abs(mine - theirs), np.abs(theirs).max()
    assert (off > 1e-5 * largest).mean() < 0.01
    assert off.max() <= largest / 50


def test_for_processors_without_vnni_weights_are_trained_within_seven_bits() -> None:
    example = residual_cnn()
    for processor, largest in (("this", 128), ("avx2", 64), ("cortex-m", 128)):
        made = outcome(example, processor=processor, rate=0.01, epochs=2.0)
        weights = [made.network.weights[name] for name in codes(made.network)]
        found = max(int(np.abs(weight.astype(int)).max()) for weight in weights)
        assert found <= largest
        assert found > largest / 2
    seven = outcome(example, processor="avx2")
    assert any("7-bit" in note for note in seven.notes)


def test_arm_gets_unsigned_weights_and_cortex_m_signed_activations() -> None:
    example = residual_cnn()
    kinds = {}
    for processor in ("arm", "cortex-m"):
        made = outcome(example, processor=processor).network
        zeros = [
            made.weights[node.input[2]].dtype
            for node in made.nodes
            if node.op_type == "QuantizeLinear"
        ]
        kinds[processor] = set(codes(made).values()), {kind.name for kind in zeros}
    assert kinds["arm"] == ({TensorProto.UINT8}, {"uint8"})
    assert kinds["cortex-m"] == ({TensorProto.INT8}, {"int8"})


@pytest.mark.parametrize("processor", PROCESSORS)
def test_four_bit_weights_are_stored_in_four_and_computed_in_integers(
    processor: str, tmp_path: Path
) -> None:
    example = residual_cnn()
    four = outcome(example, bits="4", processor=processor)
    kind = TensorProto.UINT4 if processor == "arm" else TensorProto.INT4
    assert set(codes(four.network).values()) == {kind}
    assert "compute in 8" in four.notes[0]
    eight = outcome(example, processor=processor).network
    done = optimized(four.network, tmp_path)
    assert "QLinearConv" in done
    assert done == optimized(eight, tmp_path)
    assert len(parameters(four.network)) == len(parameters(eight))


def optimized(network: Network, folder: Path) -> list[str]:
    """Return the operators that onnxruntime makes of a network when it loads it."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    options.log_severity_level = 4
    onnxruntime.InferenceSession(network.data, options, ["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node]


@pytest.mark.parametrize("activations", ["int8", "float"])
def test_four_bits_take_half_the_bytes_of_eight(activations: str) -> None:
    example = residual_cnn()
    weights = []
    for bits in ("8", "4"):
        made = outcome(example, bits=bits, activations=activations).network
        stored = {item.name: item for item in made.model.graph.initializer}
        weights.append(sum(len(stored[name].raw_data) for name in codes(made)))
    assert weights[1] == pytest.approx(weights[0] / 2, abs=4)


def test_float_activations_are_said_to_save_size_only() -> None:
    made = outcome(residual_cnn(), bits="4", activations="float")
    assert "size only" in made.notes[0]
    assert not any(node.op_type == "QuantizeLinear" for node in made.network.nodes)


def test_a_training_of_next_to_nothing_begins_where_gptq_ends() -> None:
    example = residual_cnn()
    gptq = applied("mixed-precision", example, example.network, bits=4.0)
    made = outcome(example, bits="4", activations="float", rate=1e-9, epochs=0.05).network
    assert len(made.data) == len(gptq.data)
    before, after = (run(item, example.test.inputs)[0] for item in (gptq, made))
    assert np.allclose(before, after, atol=1e-3 * np.abs(before).max())


def test_four_bits_that_were_trained_answer_nearer_to_the_original_than_gptq() -> None:
    example = residual_cnn()
    context = Context(
        example.network, example.calibration, "data", 0, Silent(), Cache(), patterns(2048, 9)
    )
    values = {"bits": "4", "activations": "float", "labels": 0.0}
    trained = QAT.apply(example.network, QAT.params(**values), context).network
    gptq = applied("mixed-precision", example, example.network, bits=4.0)
    before, *after = (
        run(item, example.test.inputs)[0] for item in (example.network, gptq, trained)
    )
    rounded, learned = (divergence(before, item, classifies=True) for item in after)
    assert learned < 0.85 * rounded


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("activations", ["int8", "float"])
def test_every_kind_of_network_is_trained_or_refused_in_words(name: str, activations: str) -> None:
    tested = case(name)
    values = {"bits": "4", "activations": activations, "epochs": 0.1, "labels": 0.0}
    context = Context(
        tested.network, tested.samples, "data", 0, Silent(), Cache(), tested.samples,
        metric="mean-absolute-error",
    )  # fmt: skip
    try:
        made = QAT.apply(tested.network, QAT.params(**values), context).network
    except UserError as error:
        assert error.hint
        return
    onnx.checker.check_model(made.model, full_check=True)
    assert TensorProto.INT4 in codes(made).values()


def test_where_nothing_computes_in_integers_float_activations_are_advised() -> None:
    rng = np.random.default_rng(0)
    weights = {"w": rng.normal(size=(1, 32, 6)), "r": rng.normal(size=(1, 32, 8))}
    nodes = [
        helper.make_node("LSTM", ["x", "w", "r"], ["", "h"], "lstm", hidden_size=8),
        helper.make_node("Squeeze", ["h", "first"], ["y"], "squeeze"),
    ]
    arrays = {name: array.astype(np.float32) for name, array in weights.items()}
    arrays["first"] = np.array([0], np.int64)
    tested = network(nodes, arrays, {"x": (5, 16, 6)}, {"y": (16, 8)})
    assert QAT.preflight(tested).status == "partly"
    samples = Samples((rng.normal(size=(64, 5, 6)).astype(np.float32),), None, np.arange(64))
    context = Context(tested, samples, "data", 0, Silent(), Cache(), samples)
    with pytest.raises(UserError, match="float activations"):
        QAT.apply(tested, QAT.params(), context)


def test_recipes_from_before_keep_their_fingerprint() -> None:
    written = Step.of("quantization-aware-training").model_dump()
    assert not {"bits", "activations", "processor"} & set(written)


def test_bits_may_be_written_as_a_number() -> None:
    assert Step.of(QAT.id, bits=4) == Step.of(QAT.id, bits="4")
    for wrong in (5, "five", True):
        with pytest.raises(UserError, match="bits"):
            Step.of(QAT.id, bits=wrong)


def test_it_is_told_in_few_words() -> None:
    told = {
        ("8", "int8"): "INT8 trained 4 epochs",
        ("4", "int8"): "4-bit INT8 trained 4 epochs",
        ("4", "float"): "4-bit weights trained 4 epochs",
    }
    for (bits, activations), words in told.items():
        assert QAT.describe(QAT.params(bits=bits, activations=activations)) == words
