"""What a network is fed without data: sizes that it runs with, told where they are made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tinystudio.core.errors import UserError
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.measure.feeding import made_up_words, one_call

Sizes = tuple[int | str | None, ...]


def model(
    nodes: list[object],
    inputs: dict[str, tuple[int, Sizes]],
    weights: tuple[TensorProto, ...] = (),
    output: int = TensorProto.FLOAT,
) -> Network:
    ports = [helper.make_tensor_value_info(n, kind, s) for n, (kind, s) in inputs.items()]
    rank = len(next(iter(inputs.values()))[1])
    made = helper.make_tensor_value_info("y", output, [None] * rank)
    graph = helper.make_graph(nodes, "net", ports, [made], weights)
    imports = [helper.make_opsetid("", 17)]
    return Network.of(helper.make_model(graph, opset_imports=imports, ir_version=8))


def shapes(network: Network) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in one_call(network.data, None, 0).items()}


def test_an_open_batch_is_one_and_nothing_is_told_of_it() -> None:
    network = model(
        [helper.make_node("Relu", ["x"], ["y"])], {"x": (TensorProto.FLOAT, ("batch", 3))}
    )
    assert shapes(network) == {"x": (1, 3)}
    assert made_up_words(network.data, one_call(network.data, None, 0)) is None


def test_open_sizes_are_tried_until_the_network_runs() -> None:
    # A reflection of 100 numbers at both ends needs more than 100 of them.
    pads = numpy_helper.from_array(np.array([0, 100, 0, 100]), "pads")
    node = helper.make_node("Pad", ["x", "pads"], ["y"], mode="reflect")
    network = model([node], {"x": (TensorProto.FLOAT, ("n", "length"))}, (pads,))
    assert shapes(network) == {"x": (1, 128)}
    told = made_up_words(network.data, one_call(network.data, None, 0))
    assert told is not None and "x 1 x 128" in told


def test_an_open_axis_in_the_middle_of_a_state_may_be_a_batch_without_a_name() -> None:
    # As in models of speech: sound (batch, length), state (1, batch, 4), joined sample by sample.
    front = numpy_helper.from_array(np.array([0]), "front")
    nodes = [
        helper.make_node("Unsqueeze", ["x", "front"], ["sound"]),
        helper.make_node("Concat", ["state", "sound"], ["y"], axis=2),
    ]
    network = model(
        nodes,
        {"state": (TensorProto.FLOAT, (1, None, 4)), "x": (TensorProto.FLOAT, (None, None))},
        (front,),
    )
    assert shapes(network) == {"state": (1, 1, 4), "x": (1, 32)}


def test_masks_leave_everything_in_and_whole_numbers_are_indices_of_the_first() -> None:
    node = helper.make_node("Where", ["mask", "ids", "ids"], ["y"])
    network = model(
        [node],
        {"ids": (TensorProto.INT64, (1, 4)), "mask": (TensorProto.BOOL, (1, 4))},
        output=TensorProto.INT64,
    )
    fed = one_call(network.data, None, 0)
    assert fed["mask"].all() and not fed["ids"].any()


def test_where_no_size_will_do_data_is_asked_for() -> None:
    # No size that is tried is a multiple of 7, 11 and 13.
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["r"]),
        helper.make_node("Add", ["r", "seven"], ["y"]),
    ]
    shape = numpy_helper.from_array(np.array([-1, 7 * 11 * 13]), "shape")
    seven = numpy_helper.from_array(np.zeros(7 * 11 * 13, np.float32), "seven")
    network = model(nodes, {"x": (TensorProto.FLOAT, ("n", "length"))}, (shape, seven))
    with pytest.raises(UserError) as caught:
        one_call(network.data, None, 0)
    assert "--data" in caught.value.hint


def test_text_as_an_input_opens_and_is_refused_by_name_where_it_is_run(tmp_path: Path) -> None:
    node = helper.make_node("Identity", ["words"], ["y"])
    network = model([node], {"words": (TensorProto.STRING, (3,))}, output=TensorProto.STRING)
    path = tmp_path / "words.onnx"
    path.write_bytes(network.data)
    assert open_network(path).inputs[0].name == "words"
    with pytest.raises(UserError) as caught:
        one_call(network.data, None, 0)
    assert "input words is of type tensor(string)" in caught.value.detail
