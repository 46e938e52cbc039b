"""What no training can be done with is known beforehand, and why."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import Example, mlp, network
from onnx import helper

from tinystudio.core.cache import Cache
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.graph.gradients.names import CLAIMED
from tinystudio.graph.gradients.rules import RULES
from tinystudio.graph.network import Network
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context

DISTILLATION = find_technique("distillation")


def applied(technique: str, example: Example) -> Network:
    part = find_technique(technique)
    context = Context(
        example.network, example.calibration, "calibration", 0, Silent(), Cache()
    )  # fmt: skip
    return part.apply(example.network, part.params(), context).network


def of_type(kind: str, element: int) -> Network:
    node = helper.make_node("MatMul", ["x", "w"], ["y"], "only")
    weights = {"w": np.ones((3, 2), kind)}
    return network([node], weights, {"x": ("n", 3)}, {"y": ("n", 2)}, element=element)


def with_an_unknown() -> Network:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "first"),
        helper.make_node("NonZero", ["a"], ["b"], "places"),
        helper.make_node("Cast", ["b"], ["y"], "cast", to=1),
    ]
    return network(nodes, {"w": np.ones((3, 2), "f4")}, {"x": ("n", 3)}, {"y": ("m", "k")})


def without_weights() -> Network:
    return network(
        [helper.make_node("Relu", ["x"], ["y"], "relu")], {}, {"x": ("n", 3)}, {"y": ("n", 3)}
    )


def with_classes_first() -> Network:
    node = helper.make_node("MatMul", ["x", "w"], ["s"], "only")
    named = helper.make_node("ArgMax", ["s"], ["y"], "named", axis=1, keepdims=0)
    made = network([node, named], {"w": np.ones((3, 2), "f4")}, {"x": ("n", 3)}, {"y": ("n",)})
    model = made.annotated()
    model.graph.output[0].type.tensor_type.elem_type = 7
    return Network.of(model)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: applied("static-quantization", mlp()), "quantized already"),
        (lambda: applied("dynamic-quantization", mlp()), "quantized already"),
        (lambda: of_type("f2", 10), "32-bit"),
        (lambda: of_type("f8", 11), "32-bit"),
        (with_an_unknown, "places (NonZero)"),
        (without_weights, "no weights"),
        (with_classes_first, "output y is of whole numbers"),
    ],
    ids=["static", "dynamic", "half", "double", "operator", "weights", "classes"],
)
def test_what_cannot_be_trained_is_known_before(made, reason: str) -> None:
    tested = made()
    told = DISTILLATION.preflight(tested)
    assert told.status == "cannot"
    assert reason in told.reason
    with pytest.raises(UserError, match="not distilled") as caught:
        given = mlp().calibration
        context = Context(tested, given, "data", 0, Silent(), Cache(), given)
        DISTILLATION.apply(tested, DISTILLATION.params(), context)
    assert caught.value.detail == told.reason


def test_what_is_claimed_to_have_a_rule_has_one_and_nothing_else() -> None:
    assert set(RULES) == CLAIMED
