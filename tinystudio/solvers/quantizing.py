"""Writes 8 bits into a network, with onnxruntime's quantizers, in memory and in silence."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from onnx import ModelProto, NodeProto, helper

from tinystudio.graph.network import Network
from tinystudio.solvers.ranges import Range

# Those for which onnxruntime has an 8-bit kernel on the CPU, or that pass 8-bit values through.
# Normalizations are left out: they would be computed in float between two conversions.
INT8_OPERATORS = (
    "Add", "AveragePool", "Clip", "Concat", "Conv", "ConvTranspose", "Flatten", "Gather", "Gemm",
    "GlobalAveragePool", "LeakyRelu", "MatMul", "MaxPool", "Mul", "Pad", "Relu", "Reshape",
    "Resize", "Sigmoid", "Slice", "Softmax", "Split", "Squeeze", "Transpose", "Unsqueeze", "Where",
)  # fmt: skip
HEAVY_OPERATORS = ("Conv", "ConvTranspose", "Gemm", "MatMul")

NumberType = Literal["uint8", "int8"]


@dataclass(frozen=True)
class Int8Form:
    """Of which type 8-bit activations and weights are, and whether weights use 7 of the bits.

    Activations have a zero point. Weights are symmetric: around 0, or where unsigned around 128.
    """

    activations: NumberType = "uint8"
    weights: NumberType = "int8"
    seven_bits: bool = False

    @property
    def has_float_ends(self) -> bool:
        """Say whether linear layers may give floats to whom wants floats.

        What takes signed activations (CMSIS-NN, TFLite Micro) wants integers throughout.
        """
        return self.activations == "uint8"


FASTEST = Int8Form()  # in onnxruntime on processors that multiply 8-bit numbers directly

# Tells the quantizers that shapes are there already; else they write the model to disk and back.
_INFERRED = {"onnx.infer": "onnxruntime.quant"}


def activations(network: Network, operators: Collection[str]) -> tuple[str, ...]:
    """Return the float tensors whose ranges `quantized` needs: all that those nodes touch."""
    nodes = (node for node in network.nodes if node.op_type in operators)
    return tuple(dict.fromkeys(name for node in nodes for name in touched(network, node)))


def touched(network: Network, node: NodeProto) -> list[str]:
    """Return the float tensors that a node reads or makes, its weights apart."""
    return [
        name
        for name in (*node.input, *node.output)
        if name and name not in network.weights and network.dtype(name) == np.float32
    ]


def quantized(
    network: Network,
    ranges: Mapping[str, Range],
    operators: Collection[str],
    *,
    per_channel: bool,
    form: Int8Form = FASTEST,
    left_out: Collection[str] = (),
) -> Network:
    """Return `network` with a quantize/dequantize pair on every tensor of these operators.

    Activations and weights become 8 bits of this `form` (weights with one scale per output
    channel with `per_channel`), biases int32. `ranges` gives low and high of every tensor that
    `activations` names; `left_out` names nodes to leave alone.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantType
    from onnxruntime.quantization.calibrate import TensorsData
    from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

    limits = {name: (np.float32(low), np.float32(high)) for name, (low, high) in ranges.items()}
    with _in_silence():
        quantizer = QDQQuantizer(
            _annotated(network),
            per_channel,
            form.seven_bits,
            QuantType.QInt8 if form.weights == "int8" else QuantType.QUInt8,
            QuantType.QInt8 if form.activations == "int8" else QuantType.QUInt8,
            TensorsData(CalibrationMethod.MinMax, limits),
            [],
            list(left_out),
            list(operators),
            {"WeightSymmetric": True},
        )
        return _finished(quantizer, network)


def dynamically_quantized(
    network: Network,
    operators: Collection[str],
    *,
    unsigned: bool,
    per_channel: bool,
    seven_bits: bool,
) -> Network:
    """Return `network` with 8-bit weights, and activations quantized anew at every call.

    Weights become uint8 with a zero point, or int8 around zero; only layers whose weights are
    stored are changed.
    """
    from onnxruntime.quantization import QuantType
    from onnxruntime.quantization.onnx_quantizer import ONNXQuantizer
    from onnxruntime.quantization.quant_utils import QuantizationMode

    with _in_silence():
        quantizer = ONNXQuantizer(
            _annotated(network),
            per_channel,
            seven_bits,
            QuantizationMode.IntegerOps,
            False,
            QuantType.QUInt8 if unsigned else QuantType.QInt8,
            QuantType.QUInt8,
            None,
            [],
            [],
            list(operators),
            {"MatMulConstBOnly": True},
        )
        return _finished(quantizer, network)


def _annotated(network: Network) -> ModelProto:
    model = network.annotated()
    del model.metadata_props[:]
    helper.set_model_props(model, _INFERRED)
    return model


def _finished(quantizer: Any, network: Network) -> Network:
    quantizer.quantize_model()
    quantizer.model.topological_sort()
    return Network.of(quantizer.model.model).with_metadata(network.metadata)


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep the quantizers' advice off the log: they write it to the root logger.

    A root logger without handlers would also be given one that prints, for good.
    """
    root = logging.getLogger()
    placeholder = None if root.handlers else logging.NullHandler()
    if placeholder is not None:
        root.addHandler(placeholder)
    root.addFilter(_is_ours)
    try:
        yield
    finally:
        root.removeFilter(_is_ours)
        if placeholder is not None:
            root.removeHandler(placeholder)


def _is_ours(record: logging.LogRecord) -> bool:
    return "quantization" not in record.pathname or "onnxruntime" not in record.pathname
