"""How pictures lie in an input is what the graph reads of it, not what its sizes look like."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import network
from onnx import helper

from tinystudio.graph.network import Network
from tinystudio.graph.picture_layout import picture_layout

Sizes = tuple[int | str, ...]


def convolution(sizes: Sizes, channels: int, perm: tuple[int, ...] = (), group: int = 1) -> Network:
    """Return a network that scales its input, turns it by `perm`, and convolves it."""
    nodes = [helper.make_node("Div", ["x", "scale"], ["a"], "scaled")]
    if perm:
        nodes.append(helper.make_node("Transpose", ["a"], ["b"], "turned", perm=perm))
    read = nodes[-1].output[0]
    nodes.append(helper.make_node("Conv", [read, "w"], ["y"], "conv", group=group))
    weights = {
        "scale": np.float32([255]), "w": np.ones((4, channels // group, 1, 1), np.float32)
    }  # fmt: skip
    return network(nodes, weights, {"x": sizes}, {"y": ("n", 4, "h", "w")})


@pytest.mark.parametrize(
    ("sizes", "channels", "perm", "layout"),
    [
        (("n", 4, 3, 3), 4, (), "NCHW"),  # four bands of 3 × 3
        (("n", 12, 64, 3), 12, (), "NCHW"),
        (("n", 8, 8, 4), 4, (0, 3, 1, 2), "NHWC"),
        (("n", 3, 3, 3), 3, (0, 3, 1, 2), "NHWC"),
        (("n", 3, 8, 8), 3, (0, 1, 3, 2), "NCHW"),  # turned pictures
        (("n", 5, 8, 3), 5, (1, 0, 2, 3), ""),  # the batch is read as channels
    ],
)
def test_the_first_convolution_says_what_channels_are(
    sizes: Sizes, channels: int, perm: tuple[int, ...], layout: str
) -> None:
    found = picture_layout(convolution(sizes, channels, perm), "x")
    assert found.endswith(layout)
    assert bool(found) == bool(layout)


def test_the_channels_of_all_groups_count() -> None:
    assert picture_layout(convolution(("n", 4, 3, 3), 4, group=4), "x").endswith("NCHW")


def test_layers_that_disagree_say_nothing() -> None:
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["y"], "conv"),
        helper.make_node("Transpose", ["x"], ["t"], "turned", perm=(0, 3, 1, 2)),
        helper.make_node("MaxPool", ["t"], ["z"], "pool", kernel_shape=(1, 1)),
    ]
    weights = {"w": np.ones((2, 3, 1, 1), np.float32)}
    outputs: dict[str, Sizes] = {"y": (1, 2, 8, 3), "z": (1, 3, 3, 8)}
    assert picture_layout(network(nodes, weights, {"x": (1, 3, 8, 3)}, outputs), "x") == ""


@pytest.mark.parametrize(
    ("sizes", "layout"),
    [((1, 3, 8, 8), "NCHW"), ((1, 8, 8, 3), "NHWC"), ((1, 8, 8, 8), ""), ((1, 4, 3, 3), "")],
)
def test_without_a_convolution_only_clear_sizes_tell(sizes: Sizes, layout: str) -> None:
    node = helper.make_node("Relu", ["x"], ["y"])
    found = picture_layout(network([node], {}, {"x": sizes}, {"y": sizes}), "x")
    assert found.endswith(layout)
    assert bool(found) == bool(layout)
