"""Several nodes that exporters write for one layer, run as the one torch function they are.

A linear layer over tokens comes as MatMul and Add, GELU as five nodes: run one by one they keep
more in memory for the gradient and take up to three times as long.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from onnx import NodeProto
from torch import Tensor
from torch.nn import functional

from tinystudio.core.data import Array
from tinystudio.graph.gradients.node import Run
from tinystudio.graph.network import Network

Compiled = tuple[NodeProto, Run]

TOLERANCE = 1e-6  # relative: constants are stored as float32


def fused(
    steps: Sequence[Compiled],
    network: Network,
    constants: Mapping[str, Array],
    outputs: Collection[str],
) -> list[Compiled]:
    """Return the steps with such nodes run as one, where nothing else reads what lies between."""
    chain = _Chain([node for node, _ in steps], constants, outputs)
    made: dict[str, Compiled] = {}  # by the output of the last node, in whose place it runs
    gone: set[str] = set()
    for node, _ in steps:
        found = _gelu(node, chain) or _linear(node, chain, network)
        if found is not None:
            parts, step = found
            made[parts[-1].output[0]] = step
            gone |= {part.output[0] for part in parts[:-1]}
    return [
        made.get(node.output[0], (node, run)) for node, run in steps if node.output[0] not in gone
    ]


class _Chain:
    """Who makes and who reads each tensor."""

    def __init__(
        self, nodes: Sequence[NodeProto], constants: Mapping[str, Array], outputs: Collection[str]
    ) -> None:
        self._makers = {name: node for node in nodes for name in node.output}
        self._readers: dict[str, list[NodeProto]] = {}
        for node in nodes:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)
        self._constants, self._outputs = constants, outputs

    def maker(self, tensor: str) -> NodeProto | None:
        return self._makers.get(tensor)

    def only_reader(self, node: NodeProto, operator: str) -> NodeProto | None:
        """Return what reads the node's result, if that is one such operator and nothing else."""
        readers = self._readers.get(node.output[0], [])
        if len(readers) != 1 or node.output[0] in self._outputs:
            return None
        return readers[0] if readers[0].op_type == operator else None

    def other(self, node: NodeProto | None, operator: str, constant: float) -> str | None:
        """Return what the operator combines with that constant."""
        if node is None or node.op_type != operator:
            return None
        for place, name in enumerate(node.input):
            known = self._constants.get(name)
            if known is not None and known.size == 1 and (place == 1 or operator != "Div"):
                close = math.isclose(float(known.reshape(())), constant, rel_tol=TOLERANCE)
                return node.input[1 - place] if close else None
        return None


def _gelu(erf: NodeProto, chain: _Chain) -> tuple[list[NodeProto], Compiled] | None:
    """Find x / 2 * (1 + erf(x / sqrt(2))) around an Erf (Hendrycks and Gimpel 2016)."""
    inner = chain.maker(erf.input[0]) if erf.op_type == "Erf" else None
    x = chain.other(inner, "Div", math.sqrt(2)) or chain.other(inner, "Mul", math.sqrt(0.5))
    shifted = chain.only_reader(erf, "Add")
    if inner is None or x is None or chain.other(shifted, "Add", 1.0) is None or shifted is None:
        return None
    product = chain.only_reader(shifted, "Mul")
    if product is None or chain.only_reader(inner, "Erf") is None:
        return None
    others = [name for name in product.input if name != shifted.output[0]]
    if others == [x]:
        last = chain.only_reader(product, "Mul")
        if last is None or chain.other(last, "Mul", 0.5) != product.output[0]:
            return None
        parts = [inner, erf, shifted, product, last]
    else:
        half = chain.maker(others[0]) if others else None
        if half is None or chain.other(half, "Mul", 0.5) != x:
            return None
        if chain.only_reader(half, "Mul") is None:
            return None
        parts = [inner, erf, shifted, half, product]
    return parts, (_one(parts[-1], [x]), functional.gelu)


def _linear(
    matmul: NodeProto, chain: _Chain, network: Network
) -> tuple[list[NodeProto], Compiled] | None:
    """Find a MatMul with a matrix and the Add of a number per column after it."""
    add = chain.only_reader(matmul, "Add") if matmul.op_type == "MatMul" else None
    if add is None or add.attribute:
        return None
    biases = [name for name in add.input if name != matmul.output[0]]
    rows, matrix = (network.shape(name) for name in matmul.input)
    dtype = network.dtype(matmul.input[1])
    if len(biases) != 1 or rows is None or len(rows) < 2 or dtype is None or dtype.kind != "f":
        return None
    if matrix is None or len(matrix) != 2 or network.shape(biases[0]) != (matrix[1],):
        return None

    def run(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return functional.linear(x, weight.t(), bias)

    return [matmul, add], (_one(add, [*matmul.input, biases[0]]), run)


def _one(last: NodeProto, inputs: Sequence[str]) -> NodeProto:
    """Return a node in the place of `last`; what it is called matters to nobody."""
    return NodeProto(name=last.name, input=inputs, output=last.output)
