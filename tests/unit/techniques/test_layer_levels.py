"""Layer levels: what is asked for is what is made, and what cannot be is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from example_networks import Example, mlp, network, residual_cnn, run
from example_reporters import Watching
from level_examples import CASES, case
from onnx import TensorProto, helper

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.coupling import couple
from tinystudio.graph.decoded_weights import decoded_weights
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step, recipe_from_json
from tinystudio.measure import int8_form
from tinystudio.techniques import find_technique
from tinystudio.techniques.layer_levels import LayerLevelsParams
from tinystudio.techniques.technique import Context, Outcome

LEVELS = find_technique("layer-levels")


def context(tested: Network, samples: Samples | None, reporter: Silent | None = None) -> Context:
    return Context(tested, samples, "calibration", 0, reporter or Silent(), Cache())


def apply(tested: Network, samples: Samples | None, **rows: dict[str, object]) -> Outcome:
    params = LayerLevelsParams.model_validate({"levels": rows})
    return LEVELS.apply(tested, params, context(tested, samples))


def on(example: Example, **rows: dict[str, object]) -> Outcome:
    return apply(example.network, example.calibration, **rows)


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.fixture(scope="module")
def dense() -> Example:
    return mlp()


CNN_LAYERS = ("conv1", "conv2", "conv3", "fc")


@pytest.mark.parametrize(
    ("precision", "loss"), [("w8", 0.02), ("w4", 0.1), ("w3", 0.3), ("w8a8", 0.05)]
)
def test_few_bits_everywhere_cost_little(cnn: Example, precision: str, loss: float) -> None:
    made = on(cnn, **{layer: {"bits": precision} for layer in CNN_LAYERS})
    onnx.checker.check_model(made.network.model, full_check=True)
    assert cnn.accuracy(made.network) >= cnn.accuracy(cnn.network) - loss
    assert len(made.network.data) < len(cnn.network.data)
    assert made.warnings == ()


def test_a_group_keeps_as_many_channels_as_are_asked_for(cnn: Example) -> None:
    groups = {g.id: g.channels for g in couple(cnn.network).groups if g.removable}
    made = on(cnn, **{name: {"keep": count - 3} for name, count in groups.items()}).network
    after = {g.id: g.channels for g in couple(made).groups if g.removable}
    assert after == {name: count - 3 for name, count in groups.items()}


def test_a_row_can_name_a_group_and_a_layer_of_the_same_name(dense: Example) -> None:
    made = on(dense, linear1={"keep": 20, "bits": "w4"})
    (few,) = decoded_weights(made.network)
    assert few.weight == "w1"
    assert made.network.weights[few.codes].shape == (24, 20)
    assert made.notes == ("linear1 keeps 20 of 32", "linear1: 4-bit weights")


def test_what_is_not_named_stays(dense: Example) -> None:
    made = on(dense, linear2={"bits": "w8"}).network
    assert np.array_equal(made.weights["w1"], dense.network.weights["w1"])
    assert [item.weight for item in decoded_weights(made)] == ["w2"]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        ({"nowhere": {"keep": 4}}, "nowhere"),
        ({"nowhere": {"bits": "w8"}}, "nowhere"),
        ({"conv1+conv2": {"keep": 99}}, "99"),
        ({"relu1": {"bits": "w8"}}, "relu1"),
        ({"fc": {"keep": 2}}, "fc"),
    ],
)
def test_what_there_is_not_is_named_with_what_there_is(
    cnn: Example, rows: dict[str, dict[str, object]], named: str
) -> None:
    with pytest.raises(UserError, match=named) as raised:
        on(cnn, **rows)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("name", "layer"),
    [("lstm", "lstm1"), ("feed_forward", "gather0"), ("transposed", "convtranspose2")],
)
def test_int8_is_refused_for_layers_that_cannot_compute_in_it(name: str, layer: str) -> None:
    with pytest.raises(UserError, match=layer):
        apply(case(name).network, case(name).samples, **{layer: {"bits": "w8a8"}})


@pytest.mark.parametrize(
    "levels",
    [
        {"fc": {"bits": "w5"}}, {"fc": {"keep": 0}}, {"fc": {"keep": -1}}, {"fc": {"kept": 3}},
        {"fc": 3}, "{not json", "words", {"fc": {"keep": 2.5}}, [1],
    ],
)  # fmt: skip
def test_what_no_level_can_be_is_refused_in_words(levels: object) -> None:
    with pytest.raises(UserError) as raised:
        Step.of("layer-levels", levels=levels)
    assert "levels" in raised.value.detail.lower() + raised.value.title.lower()


def test_all_levels_full_is_the_network_itself(cnn: Example) -> None:
    made = LEVELS.apply(cnn.network, LayerLevelsParams(), context(cnn.network, cnn.calibration))
    assert made.network is cnn.network
    assert LEVELS.describe(LayerLevelsParams()) == "all levels full"


def test_a_recipe_goes_to_json_and_back_without_blanks() -> None:
    step = Step.of("layer-levels", levels={"a": {"keep": 3}, "b": {"bits": "w4"}})
    recipe = Recipe(steps=(step,))
    text = recipe.model_dump_json()
    assert json.loads(text)["steps"][0]["levels"] == {"a": {"keep": 3}, "b": {"bits": "w4"}}
    assert recipe_from_json(text, "test") == recipe
    assert recipe_from_json(text, "test").fingerprint == recipe.fingerprint


def test_levels_can_be_given_as_text() -> None:
    text = '{"a": {"keep": 3, "bits": "w8"}}'
    known = {"a": {"keep": 3, "bits": "w8"}}
    assert Step.of("layer-levels", levels=text) == Step.of("layer-levels", levels=known)


def test_the_command_line_takes_levels(dense: Example, tmp_path: Path) -> None:
    assert dense.test.labels is not None
    (tmp_path / "net.onnx").write_bytes(dense.network.data)
    np.savez(tmp_path / "data.npz", x=dense.test.inputs[0], y=dense.test.labels)
    words = ["compress", "net.onnx", "--data", "data.npz", "--step", "layer-levels"]
    levels = 'levels={"linear1": {"keep": 16, "bits": "w4"}}'
    command = [sys.executable, "-m", "tinystudio", *words, levels, "--output", "o.onnx", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["recipe"]["steps"][0]["levels"] == {"linear1": {"keep": 16, "bits": "w4"}}
    assert onnx.load(str(tmp_path / "o.onnx")).graph.initializer


@pytest.mark.parametrize("precision", ["w4", "w3"])
def test_where_the_operator_set_cannot_be_raised_four_bits_say_so(
    monkeypatch: pytest.MonkeyPatch, cnn: Example, precision: str
) -> None:
    from onnx import version_converter

    def refuse(*_: object) -> None:
        raise version_converter.ConvertError("no way to 21")

    monkeypatch.setattr(version_converter, "convert_version", refuse)
    with pytest.raises(UserError, match="operator set 17") as raised:
        on(cnn, conv2={"bits": precision})
    assert "4 bits need 21" in raised.value.detail
    on(cnn, conv2={"bits": "w8"})


@pytest.mark.parametrize("opset", [9, 11, 13, 21])
@pytest.mark.parametrize("precision", ["w8", "w4", "w8a8"])
def test_older_and_newer_operator_sets_are_taken(opset: int, precision: str) -> None:
    example = residual_cnn(opset=opset)
    made = on(example, conv2={"bits": precision}).network
    onnx.checker.check_model(made.model, full_check=True)
    assert example.accuracy(made) > example.accuracy(example.network) - 0.1


def test_without_samples_levels_are_made_and_the_user_is_told(cnn: Example) -> None:
    made = apply(cnn.network, None, **{"conv2": {"bits": "w4"}, "conv1+conv2": {"keep": 12}})
    onnx.checker.check_model(made.network.model, full_check=True)
    assert "calibration" in made.warnings[0]
    with pytest.raises(UserError, match="samples"):
        apply(cnn.network, None, conv2={"bits": "w8a8"})


@pytest.mark.parametrize("precision", ["w8", "w4", "w8a8"])
def test_a_network_in_sixteen_bit_floats_is_taken(precision: str) -> None:
    rng = np.random.default_rng(0)
    shapes = {"w": (12, 10), "v": (10, 9)}
    weights = {name: rng.normal(0, 0.3, shape).astype("f2") for name, shape in shapes.items()}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "one"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "v"], ["y"], "two"),
    ]
    shapes = {"x": ("n", 12)}, {"y": ("n", 9)}
    tested = network(nodes, weights, *shapes, element=TensorProto.FLOAT16)
    inputs = rng.normal(size=(64, 12)).astype("f2")
    made = apply(
        tested, Samples((inputs,), None, np.arange(64)), one={"keep": 8, "bits": precision}
    )
    onnx.checker.check_model(made.network.model, full_check=True)
    before, after = run(tested, (inputs,))[0], run(made.network, (inputs,))[0]
    assert after.dtype == before.dtype
    assert np.corrcoef(before.astype(float).ravel(), after.astype(float).ravel())[0, 1] > 0.8


@pytest.mark.parametrize("name", CASES)
def test_the_example_is_carried_out_on_every_kind_of_network(name: str) -> None:
    tested = case(name).network
    params = LEVELS.example(tested)
    made = LEVELS.apply(tested, params, context(tested, case(name).samples)).network
    onnx.checker.check_model(made.model, full_check=True)
    assert len(made.data) < len(tested.data)


def test_a_network_without_anything_to_choose_cannot() -> None:
    nodes = [helper.make_node("Relu", ["x"], ["y"], "relu")]
    tested = network(nodes, {}, {"x": ("n", 3)}, {"y": ("n", 3)})
    assert LEVELS.preflight(tested).status == "cannot"
    with pytest.raises(UserError):
        apply(tested, None, relu={"bits": "w8"})


def test_it_stops_when_asked(cnn: Example) -> None:
    watching = Watching(cancel_at=3)
    params = LayerLevelsParams.model_validate({"levels": {"conv1+conv2": {"keep": 8}}})
    with pytest.raises(Cancelled):
        LEVELS.apply(cnn.network, params, context(cnn.network, cnn.calibration, watching))


def test_other_samples_give_other_weights_and_the_same_give_the_same(cnn: Example) -> None:
    rows = {"conv2": {"bits": "w4"}, "conv1+conv2": {"keep": 10}}
    first = apply(cnn.network, cnn.calibration, **rows).network
    again = apply(cnn.network, cnn.calibration, **rows).network
    other = apply(cnn.network, cnn.calibration.first(100), **rows).network
    assert first.data == again.data
    assert first.data != other.data


def test_int8_takes_7_bits_on_a_processor_that_8_could_overflow(
    monkeypatch: pytest.MonkeyPatch, cnn: Example
) -> None:
    largest = []
    for direct in (True, False):
        monkeypatch.setattr(int8_form, "instruction_sets", lambda: ("AVX2", "AVX-VNNI"))
        monkeypatch.setattr(int8_form, "multiplies_int8_directly", lambda found=direct: found)
        outcome = on(cnn, conv2={"bits": "w8a8"})
        weights = outcome.network.weights.values()
        codes = [w for w in weights if w.dtype == np.int8 and w.ndim == 4]
        largest.append(int(np.abs(codes[0].astype(int)).max()))
        assert ("7-bit" in outcome.notes[-1]) == (not direct)
    assert largest[0] > 100
    assert largest[1] <= 64
