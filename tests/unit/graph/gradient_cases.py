"""The node cases that the `onnx` package generates, as far as every operator in them has a rule."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from tinystudio.core.data import Array
from tinystudio.graph.gradients.claims import unclaimed
from tinystudio.graph.gradients.element_types import as_array, as_tensor
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"


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


@functools.cache
def stored_cases() -> tuple[Case, ...]:
    """Return the cases that the package keeps as files: layers as torch exported them in 2018."""
    return tuple(
        case for path in sorted(DATA.glob("*/*/model.onnx")) for case in _stored(path.parent)
    )


def _stored(folder: Path) -> Iterator[Case]:
    network = Network.of(onnx.load(folder / "model.onnx"))
    if unclaimed(network):
        return
    for data in sorted(folder.glob("test_data_set_*")):
        given = [_loaded(data / f"input_{i}.pb") for i in range(len(network.inputs))]
        wanted = [_loaded(data / f"output_{i}.pb") for i in range(len(network.outputs))]
        yield Case(folder.name, network, tuple(given), tuple(wanted), 1e-3, 1e-7)


def _loaded(path: Path) -> Array:
    return numpy_helper.to_array(TensorProto.FromString(path.read_bytes()))


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
