"""Shapes that a graph computes for itself (Shape, Gather, Div, Concat ...), worked out ahead."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from onnx import GraphProto, NodeProto, numpy_helper

from tinystudio.core.data import Array

LARGEST = 128  # elements; a shape, an index or a list of axes is not longer
_ARITHMETIC = (
    "Gather Slice Concat Cast Squeeze Unsqueeze Identity Add Sub Mul Div Mod Floor Ceil Sqrt Neg "
    "Abs Min Max Equal Less Greater And Or Not Where Reshape ReduceProd ReduceSum Range "
    "ConstantOfShape Expand Transpose Split"
)
ARITHMETIC = frozenset(_ARITHMETIC.split())


def fold_shapes(
    graph: GraphProto, shapes: Mapping[str, tuple[int | None, ...] | None], opset: int
) -> bool:
    """Replace what can be computed from known `shapes` by its value; say whether anything was.

    `graph` is changed: folded nodes leave, their results become initializers. Only small
    tensors are computed, so that no weight is.
    """
    values = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    outputs = {item.name for item in graph.output}
    kept, before = [], len(graph.node)
    for node in graph.node:
        found = None if outputs & set(node.output) else results(node, values, shapes, opset)
        if found is None:
            kept.append(node)
            continue
        for name, value in zip(node.output, found, strict=True):
            values[name] = value
            graph.initializer.append(numpy_helper.from_array(value, name))
    if len(kept) < before:
        copies = [NodeProto.FromString(node.SerializeToString()) for node in kept]
        del graph.node[:]
        graph.node.extend(copies)
    return len(kept) < before


def results(
    node: NodeProto,
    values: Mapping[str, Array],
    shapes: Mapping[str, tuple[int | None, ...] | None],
    opset: int,
) -> list[Array] | None:
    """Return what `node` computes from small `values` and known `shapes`; None: from more."""
    if node.domain not in ("", "ai.onnx"):
        return None
    if node.op_type == "Shape":
        known = shapes.get(node.input[0])
        if known is None or None in known:
            return None
        ends = {item.name: item.i for item in node.attribute}
        size = np.array(known, np.int64)
        return [size[ends.get("start", 0) : ends.get("end", len(size))]]
    inputs = {name: values[name] for name in node.input if name in values}
    if node.op_type not in ARITHMETIC or any(name and name not in inputs for name in node.input):
        return None
    if not _is_small(node, inputs, shapes):
        return None
    return _evaluate(node, inputs, opset)


def _is_small(
    node: NodeProto,
    inputs: Mapping[str, Array],
    shapes: Mapping[str, tuple[int | None, ...] | None],
) -> bool:
    """Say whether results are known to be small before they are computed."""
    if node.op_type in ("Range", "ConstantOfShape", "Expand"):
        sizes = [shapes.get(name) for name in node.output]
        known = [size for size in sizes if size is not None and None not in size]
        made = [math.prod(s for s in size if s is not None) for size in known]
        return len(known) == len(sizes) and max(made, default=0) <= LARGEST
    return all(array.size <= LARGEST for array in inputs.values())


def _evaluate(node: NodeProto, inputs: Mapping[str, Array], opset: int) -> list[Array] | None:
    # onnx's own reference implementation in numpy; imported here since few graphs need it.
    from onnx.reference import ReferenceEvaluator

    try:
        found = ReferenceEvaluator(node, opsets={"": opset}).run(None, dict(inputs))
    except (ValueError, TypeError, IndexError, KeyError, RuntimeError, ArithmeticError):
        return None  # a broken calculation: the shape stays unknown
    arrays = [np.asarray(item) for item in found]
    return arrays if all(array.size <= LARGEST for array in arrays) else None
