"""Linear layers as onnxruntime's product with few-bit weights, MatMulNBits.

Its kernels read the packed weights as they are, so a large matrix takes less of the memory's
bandwidth: faster where that is the limit. Weights are stored by output: (N, blocks, bytes), with
a scale and where wanted a zero for each block. Only onnxruntime runs it (domain com.microsoft).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from onnx import NodeProto, helper

from tinystudio.core.data import Array
from tinystudio.graph.network import Network, attribute
from tinystudio.solvers.block_rounding import BlockCodes
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.stored_halves import free_name, names_in

# accuracy_level: activations are taken as 32-bit floats, or quantized to 8 bits per block.
LEVELS = {"float": 1, "int8": 4}
Activations = Literal["float", "int8"]
DOMAIN = "com.microsoft"


@dataclass(frozen=True)
class FewBitProduct:
    """One such layer: `codes` of its matrix (1, N, K) in blocks of `length`, a power of two."""

    layer: Layer
    codes: BlockCodes
    bits: int
    length: int
    activations: Activations


def can_be_product(network: Network, layer: Layer) -> bool:
    """Say whether a layer is a plain product: what is added to it is stored, one per output."""
    node = network.node(layer.node)
    if layer.op == "MatMul":
        return True
    if layer.op != "Gemm" or len(network.shape(layer.input) or (0, 0)) != 2:
        return False
    addend = node.input[2] if len(node.input) > 2 else ""
    return not addend or (
        addend in network.weights and network.weights[addend].size in (1, layer.out_channels)
    )


def with_products(network: Network, products: dict[str, FewBitProduct]) -> Network:
    """Return `network` with these layers, by node name, computed by MatMulNBits."""
    if not products:
        return network
    weights, taken = dict(network.weights), names_in(network)
    nodes = []
    for node in network.nodes:
        product = products.get(node.name)
        nodes.append(node if product is None else _product(network, node, product, weights, taken))
    return network.with_nodes(nodes, weights)


def _product(
    network: Network,
    node: NodeProto,
    product: FewBitProduct,
    weights: dict[str, Array],
    taken: set[str],
) -> NodeProto:
    rows, columns = product.codes.values.shape[1:]
    codes, scales, zeros = _packed(product)
    is_gemm = product.layer.op == "Gemm"
    alpha = float(attribute(node, "alpha", 1.0)) if is_gemm else 1.0
    inputs = [node.input[0]]
    addend = _addend(network, node, rows) if is_gemm else None
    constants = (codes, (scales * alpha).astype(np.float32), zeros, None, addend)
    for part, constant in zip("qszgb", constants, strict=True):
        inputs.append("" if constant is None else free_name(f"~{part}_{node.name}", taken))
        if constant is not None:
            weights[inputs[-1]] = constant
    while not inputs[-1]:
        inputs.pop()
    return helper.make_node(
        "MatMulNBits", inputs, list(node.output), node.name, domain=DOMAIN,
        K=columns, N=rows, bits=product.bits, block_size=product.length,
        accuracy_level=LEVELS[product.activations],
    )  # fmt: skip


def _addend(network: Network, node: NodeProto, rows: int) -> Array | None:
    if len(node.input) < 3 or not node.input[2]:
        return None
    values = network.weights[node.input[2]].ravel() * float(attribute(node, "beta", 1.0))
    return np.ascontiguousarray(np.broadcast_to(values, (rows,)), np.float32)


def _packed(product: FewBitProduct) -> tuple[Array, Array, Array | None]:
    """Return codes (N, blocks, bytes), scales (N, blocks) and zeros, which are not there when
    the grid is symmetric: the kernel then takes the middle code for zero."""
    codes, length = product.codes, product.length
    rows, columns = codes.values.shape[1:]
    blocks = -(-columns // length)
    starts = np.arange(blocks) * length
    shift = 2 ** (product.bits - 1) if codes.is_symmetric else 0
    zeros = codes.zeros[0][:, starts].astype(np.int64)
    padded = np.empty((rows, blocks * length), np.uint8)
    padded[:, :columns] = codes.values[0] + shift
    # What is beyond the last column stands for 0.
    padded[:, columns:] = zeros[:, -1:] + shift
    packed = _together(padded.reshape(rows, blocks, length), product.bits)
    packed_zeros = None if codes.is_symmetric else _together(zeros.astype(np.uint8), product.bits)
    return packed, codes.scales[0][:, starts], packed_zeros


def _together(codes: Array, bits: int) -> Array:
    """Return 4-bit codes two to a byte along the last axis, the first in the lower half."""
    if bits == 8:
        return codes
    if codes.shape[-1] % 2:
        codes = np.concatenate([codes, np.zeros((*codes.shape[:-1], 1), np.uint8)], axis=-1)
    return np.asarray(codes[..., 0::2] | (codes[..., 1::2] << 4))
