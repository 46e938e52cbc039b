"""The node cases that the `onnx` package generates, as far as every operator in them has a rule."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from tinystudio.core.data import Array
from tinystudio.graph.gradients.claims import unclaimed
from tinystudio.graph.gradients.element_types import as_array, as_tensor
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network


@dataclass(frozen=True)
class Case:
    """A small graph, one set of inputs, and what must come out."""

    name: str
    network: Network
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    rtol: float
    atol: float

    def result(self) -> list[Array]:
        """Run the graph in torch; outputs in the graph's own types."""
        module = GraphModule(self.network)
        made = module(*[as_tensor(array) for array in self.inputs])
        ports = self.network.outputs
        return [as_array(tensor, port.dtype) for tensor, port in zip(made, ports, strict=True)]


@functools.cache
def all_cases() -> tuple[Any, ...]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reference results divide by zero on purpose
        return tuple(collect_testcases(None))


@functools.cache
def claimed_cases() -> tuple[Case, ...]:
    return tuple(_claimed())


def _claimed() -> Iterator[Case]:
    for case in all_cases():
        network = Network.of(case.model)
        if unclaimed(network):
            continue
        names = [item.name for item in case.model.graph.input]
        for given, wanted in case.data_sets:
            fed = dict(zip(names, map(_array, given), strict=True))
            inputs = tuple(fed[port.name] for port in network.inputs)
            outputs = tuple(map(_array, wanted))
            yield Case(case.name, network, inputs, outputs, case.rtol, case.atol)


def _array(value: Any) -> Array:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def close(got: Array, wanted: Array, rtol: float, atol: float) -> None:
    """Compare as onnx's own runner does: bfloat16 within two of its steps."""
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    if got.dtype.name == "bfloat16":
        rtol = max(rtol, 2**-6)
    if got.dtype.kind not in "fiub":
        got, wanted = got.astype(np.float32), wanted.astype(np.float32)
    np.testing.assert_allclose(got, wanted, rtol=rtol, atol=atol)
