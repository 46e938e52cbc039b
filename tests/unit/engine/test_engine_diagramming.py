"""A network laid out as a diagram: boxes, lines, and what stands together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx.backend.test.data.light as light
import pytest
from example_networks import network
from onnx import helper

from tinystudio.engine.diagramming import diagram
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.jobs.inspection import OUTSIDE, Box, Diagram


def residual() -> Network:
    """Return two convolutions, the second with a way around it."""
    weight = np.ones((4, 4, 1, 1), np.float32)
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], name="conv1"),
        helper.make_node("Relu", ["a"], ["b"], name="relu1"),
        helper.make_node("Conv", ["b", "w"], ["c"], name="conv2"),
        helper.make_node("Relu", ["c"], ["d"], name="relu2"),
        helper.make_node("Conv", ["d", "w"], ["e"], name="conv3"),
        helper.make_node("Add", ["e", "b"], ["f"], name="add"),
        helper.make_node("Relu", ["f"], ["y"], name="relu3"),
    ]
    shape = (1, 4, 3, 3)
    return network(nodes, {"w": weight}, {"x": shape}, {"y": shape})


def drawn(tested: Network) -> Diagram:
    found = diagram(tested)
    assert found is not None
    return found


def names(found: Diagram) -> list[str]:
    return [box.port or "+".join(box.layers) for box in found.boxes]


def test_what_follows_a_layer_one_by_one_stands_in_its_box() -> None:
    assert names(drawn(residual())) == [
        "x",
        "y",
        "conv1+relu1",
        "conv2+relu2",
        "conv3",
        "add+relu3",
    ]


def test_a_way_around_bends_past_the_boxes_beside_it() -> None:
    found = drawn(residual())
    ends = {(names(found)[x.start], names(found)[x.end]): x for x in found.lines}
    around = ends["conv1+relu1", "add+relu3"]
    assert len(around.bends) == 2
    assert not ends["conv2+relu2", "conv3"].bends
    taken = {(box.x, box.y) for box in found.boxes}
    assert not taken & set(around.bends)


def test_lines_lead_down_and_no_two_boxes_share_a_place() -> None:
    found = drawn(residual())
    assert all(found.boxes[x.start].y < found.boxes[x.end].y for x in found.lines)
    assert len({(box.x, box.y) for box in found.boxes}) == len(found.boxes)


def test_nodes_that_decode_weights_stand_with_the_layer_that_uses_them() -> None:
    weights = {
        "q": np.ones((4, 4, 1, 1), np.int8), "s": np.array(0.1, np.float32),
        "z": np.array(0, np.int8),
    }  # fmt: skip
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["w"], name="decode"),
        helper.make_node("Conv", ["x", "w"], ["y"], name="conv"),
    ]
    found = drawn(network(nodes, weights, {"x": (1, 4, 3, 3)}, {"y": (1, 4, 3, 3)}))
    assert names(found) == ["x", "y", "decode+conv"]


@pytest.mark.parametrize("name", ["resnet50", "squeezenet", "shufflenet"])
def test_every_node_of_a_real_network_is_in_one_box(name: str) -> None:
    tested = open_network(Path(light.__path__[0]) / f"light_{name}.onnx")
    found = drawn(tested)
    inside = [layer for box in found.boxes for layer in box.layers]
    assert sorted(inside) == sorted(node.name for node in tested.nodes)
    assert drawn(tested) == found  # the same picture every time


def folds(found: Diagram) -> Iterator[Box]:
    for box in found.boxes:
        if box.inside is not None:
            yield box
            yield from folds(box.inside)


def test_a_small_network_has_its_chains_folded_alone() -> None:
    found = drawn(residual())
    assert [box.fold for box in folds(found)] == ["chain"] * 3
    chain = found.boxes[2].inside
    assert chain is not None
    assert names(chain) == ["conv1", "relu1"]
    assert [(x.start, x.end) for x in chain.lines] == [(0, 1)]


@pytest.mark.parametrize(
    ("name", "times"),
    [("resnet50", [3, 5]), ("shufflenet", [3, 7, 3]), ("densenet121", [4, 11, 23, 15])],
)
def test_what_repeats_in_a_large_network_is_one_box(name: str, times: list[int]) -> None:
    found = drawn(open_network(Path(light.__path__[0]) / f"light_{name}.onnx"))
    repeats = [box for box in folds(found) if box.fold == "repeat"]
    assert [box.times for box in repeats] == times
    for box in repeats:
        assert box.inside is not None
        assert len(box.inside.boxes) == box.times
    assert len(found.boxes) < 25
    assert len({box.key for box in folds(found)}) == len(list(folds(found)))


def test_the_way_around_a_block_leads_past_what_is_in_it() -> None:
    found = drawn(open_network(Path(light.__path__[0]) / "light_resnet50.onnx"))
    block = next(box for box in folds(found) if box.fold == "repeat").inside
    assert block is not None
    inner = block.boxes[1].inside
    assert inner is not None
    entering = [x for x in inner.lines if x.start == OUTSIDE]
    assert [bool(line.bends) for line in entering] == [False, True]


def masked(count: int) -> Network:
    """Return blocks in a row that all read one thing worked out beside them."""
    nodes = [
        helper.make_node("Neg", ["m"], ["mask0"]),
        helper.make_node("MatMul", ["mask0", "w"], ["mask"]),
    ]
    last = "x"
    for at in range(count):
        nodes += [
            helper.make_node("MatMul", [last, "w"], [f"a{at}"], name=f"mm{at}"),
            helper.make_node("Add", [f"a{at}", "mask"], [f"b{at}"], name=f"masked{at}"),
            helper.make_node("MatMul", [f"b{at}", "w"], [f"c{at}"], name=f"out{at}"),
            helper.make_node("Add", [f"c{at}", last], [f"d{at}"], name=f"join{at}"),
        ]
        last = f"d{at}"
    nodes.append(helper.make_node("Relu", [last], ["y"], name="end"))
    named = [
        helper.make_node(n.op_type, n.input, n.output, name=n.name or n.output[0]) for n in nodes
    ]
    return network(
        named, {"w": np.ones((4, 4), np.float32)}, {"x": (4, 4), "m": (4, 4)}, {"y": (4, 4)}
    )


def test_what_is_handed_along_to_every_block_does_not_hide_them() -> None:
    found = drawn(masked(20))
    (repeat,) = (box for box in found.boxes if box.fold == "repeat")
    assert repeat.times >= 18
