"""Gradients of every claimed operator against finite differences, on the onnx package's cases."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import onnx
import pytest
import torch
from gradient_cases import Case, claimed_cases
from onnx import ModelProto, TensorProto, helper, numpy_helper
from torch import Tensor

from tinystudio.core.data import Array
from tinystudio.graph.gradients.element_types import as_tensor
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.gradients.rules import RULES, WITHOUT_GRADIENT
from tinystudio.graph.gradients.trainable import is_floating
from tinystudio.graph.gradients.written_out import WRITTEN_OUT
from tinystudio.graph.network import Network

STEP = 1e-6
DIRECTIONS = 2
# Operators whose gradient is tested elsewhere, and why differences say nothing.
OTHERWISE = {
    "QuantizeLinear": "its gradient is straight-through: not that of the steps",
    "Cast": "changes the precision in which differences are taken",
    "CastLike": "changes the precision in which differences are taken",
}
# A case that asks for its softmax in float32: too coarse for differences.
IN_SINGLE = {"test_attention_24_qk_matmul_output_mode3_softmax_precision"}
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16)


def test_every_operator_with_a_gradient_is_checked_or_named() -> None:
    checked = set(of_operator())
    assert checked >= {*RULES, *WRITTEN_OUT} - WITHOUT_GRADIENT - {*OTHERWISE}


@functools.cache
def of_operator() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in (*claimed_cases(), *own_cases()):
        nodes = case.network.nodes
        if len(nodes) == 1 and differentiable(case) and case.name not in IN_SINGLE:
            found.setdefault(nodes[0].op_type, []).append(case)
    return found


def own_cases() -> list[Case]:
    """Return cases for operators that the onnx package has none in floating-point numbers for."""
    rng = np.random.default_rng(0)
    x, places = rng.normal(size=(2, 3, 4)), np.array([[[1, 0, 2, 1]]])
    return [
        _own("Trilu", [x, np.array(1)], 14),
        _own("OneHot", [np.array([0, 2]), np.array(3), rng.normal(size=2)], 11),
        _own("GlobalLpPool", [x], 2, p=3),
        _own("Scatter", [x, places, rng.normal(size=(1, 1, 4))], 10, axis=1),
    ]


def _own(operator: str, inputs: Sequence[Array], opset: int, **attributes: object) -> Case:
    names = [f"x{index}" for index in range(len(inputs))]
    node = helper.make_node(operator, names, ["y"], **attributes)
    ports = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
        for n, a in zip(names, inputs, strict=True)
    ]
    made = helper.make_tensor_value_info("y", TensorProto.DOUBLE, None)
    graph = helper.make_graph([node], "own", ports, [made])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return Case(f"own {operator}", Network.of(model), tuple(inputs), (), 0, 0)


def differentiable(case: Case) -> list[int]:
    """Return the inputs that are floats, not empty, and differentiable as their schema says."""
    (node,) = case.network.nodes
    schema = onnx.defs.get_schema(node.op_type, case.network.opset)
    non = onnx.defs.OpSchema.DifferentiationCategory.NonDifferentiable
    places = {name: min(i, len(schema.inputs) - 1) for i, name in enumerate(node.input)}
    if node.op_type != "OneHot" and schema.outputs[0].differentiation_category == non:
        return []
    return [
        index
        for index, (port, array) in enumerate(zip(case.network.inputs, case.inputs, strict=True))
        if is_floating(array)
        and array.size
        and np.isfinite(array.astype(np.float64)).all()
        and (
            schema.inputs[places[port.name]].differentiation_category != non
            or (node.op_type, places[port.name]) == ("OneHot", 2)
        )
    ]


def in_double(network: Network) -> Network:
    """Return the network on float64 inputs: differences need the digits."""
    model = ModelProto()
    model.CopyFrom(network.model)
    for port in (*model.graph.input, *model.graph.output):
        if port.type.tensor_type.elem_type in FLOATS:
            port.type.tensor_type.elem_type = TensorProto.DOUBLE
    for item in model.graph.initializer:
        if item.data_type in FLOATS:
            array = numpy_helper.to_array(item).astype(np.float64)
            item.CopyFrom(numpy_helper.from_array(array, item.name))
    return Network(model)


def loss(module: GraphModule, inputs: Sequence[Tensor]) -> Tensor:
    """Weigh all numbers of all floating-point outputs at random, always alike."""
    torch.manual_seed(1)
    made = [out for out in module(*inputs) if out.is_floating_point()]
    parts = [(out * torch.rand(out.shape, dtype=out.dtype)).sum() for out in made]
    return torch.stack(parts).sum() if parts else torch.zeros((), dtype=torch.float64)


def check(case: Case) -> None:
    module = GraphModule(in_double(case.network))
    torch.manual_seed(0)
    chosen = differentiable(case)
    inputs = [as_tensor(array) for array in case.inputs]
    inputs = [x.double() if x.is_floating_point() else x for x in inputs]
    for index in chosen:  # away from kinks, which examples with round numbers like to hit
        inputs[index] = inputs[index] + 1e-3 * (1 + torch.rand_like(inputs[index]))
        inputs[index].requires_grad_()
    made = loss(module, inputs)
    if not torch.isfinite(made):
        return  # a difference of infinities says nothing
    if not made.requires_grad:
        assert not any(out.is_floating_point() for out in module(*inputs))
        return
    told = torch.autograd.grad(made, [inputs[i] for i in chosen], allow_unused=True)
    for _ in range(DIRECTIONS):
        ways = {i: torch.randn_like(inputs[i]) for i in chosen}
        slope = [(g * ways[i]).sum() for i, g in zip(chosen, told, strict=True) if g is not None]
        measured = difference(module, inputs, ways)
        torch.testing.assert_close(torch.stack(slope).sum(), measured, rtol=1e-4, atol=1e-5)


def difference(module: GraphModule, inputs: Sequence[Tensor], ways: dict[int, Tensor]) -> Tensor:
    """Return the loss's slope along `ways`, by a step forwards and one backwards."""
    with torch.no_grad():
        ahead, behind = (
            loss(module, [x + step * ways[i] if i in ways else x for i, x in enumerate(inputs)])
            for step in (STEP, -STEP)
        )
    return (ahead - behind) / (2 * STEP)


@pytest.mark.parametrize(
    "operator", sorted(({*RULES, *WRITTEN_OUT}) - WITHOUT_GRADIENT - {*OTHERWISE})
)
def test_gradients_are_those_of_finite_differences(operator: str) -> None:
    wrong = {}
    for case in of_operator().get(operator, []):
        try:
            check(case)
        except (AssertionError, RuntimeError, TypeError) as error:
            wrong[case.name] = f"{type(error).__name__}: {error}"
    assert wrong == {}
