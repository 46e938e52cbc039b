"""The names of classes are read from what programs write into a file's metadata."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import network
from onnx import helper

from tinystudio.engine.inspecting import look_at
from tinystudio.graph.class_names import class_names
from tinystudio.graph.network import Network


def named(**notes: str) -> Network:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    weight = {"w": np.ones((3, 2), np.float32)}
    return network([node], weight, {"x": ("n", 3)}, {"y": ("n", 2)}).with_metadata(notes)


@pytest.mark.parametrize(
    "notes",
    [
        {"classes": '["cat", "dog"]'},
        {"names": "{0: 'cat', 1: 'dog'}"},
        {"id2label": '{"1": "dog", "0": "cat"}'},
        {"labels": "cat, dog"},
        {"classes": "{broken", "names": "['cat', 'dog']"},
    ],
)
def test_names_are_read_in_the_order_of_the_outputs(notes: dict[str, str]) -> None:
    assert class_names(named(**notes)) == ("cat", "dog")


@pytest.mark.parametrize(
    "text", ["", "7", "[1, 2]", "{2: 'a', 1: 'b'}", "[" * 5000, "__import__('os')", "a, b, c"]
)
def test_what_is_no_list_of_names_is_none(text: str) -> None:
    assert class_names(named(names=text)) == ()


def test_the_inspection_tells_them_and_the_layout_of_pictures() -> None:
    assert look_at(named(labels="cat, dog"), "m").classes == ("cat", "dog")
    node = helper.make_node("Relu", ["x"], ["y"])
    found = look_at(network([node], {}, {"x": (1, 3, 8, 8)}, {"y": (1, 3, 8, 8)}), "m")
    assert found.inputs[0].layout == "channels first, NCHW"
