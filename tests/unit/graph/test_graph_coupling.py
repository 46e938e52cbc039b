"""Which channels go together, and the walls at which they stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from example_networks import network as network_of
from graph_building import GraphBuilder
from onnx import helper

from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.network import Network


def ids(network: Network) -> list[str]:
    return [group.id for group in couple(network).groups if group.removable]


def only_group(network: Network) -> ChannelGroup:
    (group,) = (group for group in couple(network).groups if group.removable)
    return group


def test_when_convolutions_follow_each_other_then_each_has_its_own_group() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 8), 2, 4, (3,), name="a")
    y = g.conv(g.node("Relu", y), 4, 5, (3,), name="b")
    network = g.network(g.conv(y, 5, 3, (1,), name="c"))
    assert ids(network) == ["a", "b"]
    first = couple(network).groups[0]
    assert [(s.node, s.axis) for s in first.producers] == [("a", 0)]
    assert [(s.node, s.weight) for s in first.passers] == [("a", network.node("a").input[2])]
    assert [(s.node, s.axis) for s in first.consumers] == [("b", 1)]


def test_when_a_sum_joins_two_layers_then_their_channels_go_together() -> None:
    g = GraphBuilder()
    x = g.input("batch", 2, 8)
    y = g.node("Add", g.conv(x, 2, 4, (1,), name="a"), g.conv(x, 2, 4, (1,), name="b"))
    group = only_group(g.network(g.conv(y, 4, 3, (1,), name="c")))
    assert group.id == "a+b"
    assert group.channels == 4
    assert group.layers == ("a", "b")


def test_when_branches_are_concatenated_then_the_reader_sees_each_at_its_offset() -> None:
    g = GraphBuilder()
    x = g.input("batch", 2, 8)
    parts = [g.conv(x, 2, 3, (1,), name="a"), g.conv(x, 2, 2, (1,), name="b")]
    network = g.network(g.conv(g.node("Concat", *parts, axis=1), 5, 3, (1,), name="c"))
    second = couple(network).group("b")
    assert ids(network) == ["a", "b"]
    assert second.consumers[0].unit_of.tolist() == [-1, -1, -1, 0, 1]
    assert second.consumers[0].positions(1).tolist() == [4]


def test_when_channels_are_flattened_then_a_unit_covers_its_span() -> None:
    g = GraphBuilder()
    y = g.node("Flatten", g.conv(g.input("batch", 1, 2, 3), 1, 2, (1, 1), name="a"))
    group = only_group(g.network(g.gemm(y, 12, 2, transB=1)))
    assert (group.consumers[0].axis, group.consumers[0].positions(1).tolist()) == (
        1,
        [6, 7, 8, 9, 10, 11],
    )


def test_when_channels_are_last_before_flattening_then_a_unit_covers_every_nth() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 1, 3), 1, 2, (1,), name="a")
    y = g.node("Flatten", g.node("Transpose", y, perm=[0, 2, 1]))
    group = only_group(g.network(g.gemm(y, 6, 2)))
    assert group.consumers[0].positions(1).tolist() == [1, 3, 5]


def test_when_a_convolution_is_grouped_then_a_unit_is_one_channel_of_every_group() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 6, (1,), name="a")
    network = g.network(g.conv(g.conv(y, 6, 4, (1,), group=2, name="b"), 4, 2, (1,)))
    first, second = couple(network).group("a"), couple(network).group("b")
    assert (first.channels, second.channels) == (3, 2)
    assert first.producers[0].positions(1).tolist() == [1, 4]
    assert second.producers[0].positions(0).tolist() == [0, 2]


def test_when_a_convolution_is_depthwise_then_its_channels_go_with_those_it_reads() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 3, (1,), name="a")
    y = g.conv(y, 3, 6, (3,), group=3, name="deep")
    group = only_group(g.network(g.conv(y, 6, 2, (1,), name="c")))
    assert group.id == "a"
    assert group.consumers[0].positions(1).tolist() == [2, 3]
    assert {"deep"} == {slot.node for slot in group.passers} - {"a"}


def test_when_channels_reach_the_outputs_then_they_stay_for_that_reason() -> None:
    g = GraphBuilder()
    network = g.network(g.node("Relu", g.conv(g.input("batch", 2, 4), 2, 3, (1,))))
    (group,) = couple(network).groups
    assert not group.removable
    assert "network's outputs" in group.reason


def test_when_channels_meet_the_input_then_they_stay() -> None:
    g = GraphBuilder()
    x = g.input("batch", 2, 4)
    y = g.node("Add", x, g.conv(x, 2, 2, (1,), name="a"), name="skip")
    coupling = couple(g.network(g.conv(y, 2, 3, (1,))))
    assert "'skip' (Add)" in coupling.group("a").reason
    assert [wall.node for wall in coupling.walls] == ["skip"]


def test_when_constants_are_broadcast_over_channels_then_nothing_has_to_be_cut() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 3, (1,), name="a")
    y = g.node("Mul", y, g.weight(1), name="scale")
    y = g.node("Add", y, g.weight(4), name="along space")
    group = only_group(g.network(g.conv(y, 3, 2, (1,))))
    assert {slot.node for slot in group.passers} == {"a"}


def test_when_a_constant_has_a_value_per_channel_then_it_is_cut_with_them() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 3, (1,), name="a")
    y = g.node("Mul", y, g.weight(3, 1), name="scale")
    group = only_group(g.network(g.conv(y, 3, 2, (1,))))
    assert [(s.node, s.axis) for s in group.passers] == [("a", 0), ("scale", 0)]


def test_when_one_weight_serves_two_layers_then_their_channels_go_together() -> None:
    g = GraphBuilder()
    x, weight = g.input("batch", 2, 4), g.weight(3, 2, 1)
    left, right = g.node("Conv", x, weight, name="a"), g.node("Conv", x, weight, name="b")
    network = g.network(g.conv(left, 3, 2, (1,)), g.conv(right, 3, 2, (1,)))
    assert ids(network) == ["a+b"]


def test_when_a_weight_is_also_used_whole_then_its_channels_stay() -> None:
    g = GraphBuilder()
    weight = g.weight(3, 2, 1)
    y = g.conv(g.node("Conv", g.input("batch", 2, 4), weight, name="a"), 3, 2, (1,))
    network = g.network(y, g.node("ReduceSum", weight))
    assert "used in several ways" in couple(network).group("a").reason


WALLS: dict[str, tuple[Callable[[GraphBuilder, str], str], str]] = {
    "an unknown operator": (
        lambda g, y: g.node("LRN", y, size=3, name="wall"),
        "does not know how channels pass",
    ),
    "a foreign operator": (
        lambda g, y: g.node("Gelu", y, domain="com.microsoft", name="wall"),
        "does not know how channels pass",
    ),
    "softmax over channels": (
        lambda g, y: g.node("Softmax", y, axis=1, name="wall"),
        "normalizes over them",
    ),
    "a mean over channels": (
        lambda g, y: g.node("ReduceMean", y, axes=[1], name="wall"),
        "reduces over them",
    ),
    "a slice of channels": (
        lambda g, y: g.node("Slice", y, g.ints(0), g.ints(2), g.ints(1), name="wall"),
        "takes some of them by number",
    ),
    "padded channels": (
        lambda g, y: g.node("Pad", y, g.ints(0, 1, 0, 0, 0, 0), name="wall"),
        "takes some of them by number",
    ),
    "quantization": (
        lambda g, y: g.node(
            "QuantizeLinear",
            y,
            g.constant(np.array(0.1, np.float32)),
            g.constant(np.array(0, np.uint8)),
            name="wall",
        ),
        "quantized already",
    ),
    "a product with an input": (
        lambda g, y: g.node(
            "MatMul",
            g.node("Transpose", y, perm=[0, 2, 1]),
            g.input("batch", 6, 3, name="z"),
            name="wall",
        ),
        "two computed tensors",
    ),
    "joining them with other samples": (
        lambda g, y: g.node(
            "Concat", *[g.node("Reshape", y, g.ints(-1, 4))] * 2, axis=0, name="wall"
        ),
        "joins samples",
    ),
    "a reshape that mixes": (
        lambda g, y: g.node("Reshape", y, g.ints(0, 8, 3), name="wall"),
        "mixes or splits them",
    ),
}


@pytest.mark.parametrize("case", WALLS)
def test_when_channels_cannot_pass_then_they_stay_and_the_wall_says_why(case: str) -> None:
    make, reason = WALLS[case]
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 6, (1,), name="a")
    coupling = couple(g.network(make(g, y)))
    assert [wall.node for wall in coupling.walls] == ["wall"]
    assert reason in coupling.walls[0].reason
    assert coupling.group("a").reason == coupling.walls[0].reason


def test_when_a_number_of_channels_scales_the_result_then_the_scale_is_settled() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 6, (1,), name="a")
    count = g.node("Cast", g.node("Gather", g.node("Shape", y), g.ints(1)), to=1, name="count")
    y = g.conv(g.node("Div", y, count), 6, 2, (1,))
    coupling = couple(g.network(y))
    assert coupling.group("a").removable
    assert [item.tolist() for item in coupling.settled.values()] == [[6.0]]


def test_when_a_number_of_channels_and_samples_has_an_effect_then_they_stay() -> None:
    g = GraphBuilder()
    y = g.conv(g.input("batch", 2, 4), 2, 6, (1,), name="a")
    count = g.node("Cast", g.node("Shape", y), to=1)
    count = g.node("ReduceProd", count, keepdims=0)
    y = g.conv(g.node("Div", y, count, name="scaled"), 6, 2, (1,))
    assert "number and that of samples" in couple(g.network(y)).group("a").reason


PASSES: dict[str, Callable[[GraphBuilder, str], str]] = {
    "pooling": lambda g, y: g.node("AveragePool", y, kernel_shape=[2]),
    "softmax over space": lambda g, y: g.node("Softmax", y, axis=2),
    "padding of space": lambda g, y: g.node("Pad", y, g.ints(0, 0, 1, 0, 0, 1)),
    "a slice of space": lambda g, y: g.node("Slice", y, g.ints(1), g.ints(3), g.ints(2)),
    "scaling of space": lambda g, y: g.node(
        "Resize", y, "", g.constant(np.array([1, 1, 2], np.float32))
    ),
    "space by sizes": lambda g, y: g.node("Resize", y, "", "", g.ints(1, 6, 8)),
    "clipping": lambda g, y: g.node("Clip", y, g.constant(np.float32(0)[None].reshape(())), ""),
    "dropout": lambda g, y: g.node("Dropout", y),
    "squeezing in and out": lambda g, y: g.node(
        "Squeeze", g.node("Unsqueeze", y, g.ints(2)), g.ints(2)
    ),
    "instance normalization": lambda g, y: g.node(
        "InstanceNormalization", y, g.weight(6), g.weight(6)
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_when_an_operator_leaves_channels_alone_then_they_pass(case: str) -> None:
    g = GraphBuilder()
    y = g.conv(g.input(1, 2, 4), 2, 6, (1,), name="a")
    network = g.network(g.conv(PASSES[case](g, y), 6, 2, (1,)))
    assert ids(network) == ["a"]
    assert couple(network).walls == ()


def test_when_the_same_network_is_asked_again_then_the_same_answer_is_given() -> None:
    g = GraphBuilder()
    network = g.network(g.conv(g.input("batch", 2, 4), 2, 3, (1,)))
    assert couple(network) is couple(network)


def test_a_weight_whose_uses_contradict_one_another_stays() -> None:
    random = np.random.default_rng(0)
    made = network_of(
        [
            helper.make_node("Gather", ["table", "x"], ["seen"], name="table"),
            helper.make_node(
                "GRU", ["seen", "shared", "r"], ["", "last"], name="gru", hidden_size=8
            ),
            helper.make_node("Squeeze", ["last", "axes"], ["flat"], name="squeeze"),
            helper.make_node("Gemm", ["flat", "shared"], ["y"], name="fc", transB=1),
        ],
        {
            "table": random.normal(size=(5, 4)).astype(np.float32),
            "shared": random.normal(size=(3, 8)).astype(np.float32),
            "r": random.normal(size=(1, 24, 8)).astype(np.float32),
            "axes": np.array([0]),
        },
        {"x": (6, "n")},
        {"y": ("n", 3)},
    )
    assert not any(group.removable for group in couple(made).groups if "gru" in group.title)
