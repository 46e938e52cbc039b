"""Which rule follows channels through which operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from onnx import NodeProto

from tinystudio.graph.channels.elementwise import elementwise
from tinystudio.graph.channels.layers import (
    convolution,
    embedding,
    gemm,
    matmul,
    per_channel,
)
from tinystudio.graph.channels.rearranging import concatenation, resizing, selection, transpose
from tinystudio.graph.channels.recurrence import recurrent
from tinystudio.graph.channels.reducing import normalization, pooling, reduction
from tinystudio.graph.channels.reshaping import reshaping
from tinystudio.graph.channels.sizes import follow_counts, shape_of
from tinystudio.graph.channels.trace import Trace
from tinystudio.graph.sorting import reads, subgraphs

Rule = Callable[[Trace, NodeProto], None]

_BY_RULE: dict[Rule, str] = {
    convolution: "Conv ConvTranspose",
    gemm: "Gemm",
    matmul: "MatMul",
    per_channel: "BatchNormalization InstanceNormalization",
    recurrent: "LSTM GRU RNN",
    elementwise: (
        "Identity Cast Dropout Relu LeakyRelu PRelu Elu Selu Celu Gelu Mish Swish ThresholdedRelu "
        "Clip Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign Shrink Erf Exp Log Sqrt "
        "Reciprocal Abs Neg Sign Floor Ceil Round Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh "
        "Atanh IsNaN IsInf Not BitwiseNot Add Sub Mul Div Pow Mod Min Max Mean Sum Where And Or "
        "Xor Equal Greater GreaterOrEqual Less LessOrEqual BitwiseAnd BitwiseOr BitwiseXor"
    ),
    transpose: "Transpose",
    pooling: "MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool",
    reduction: (
        "ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum "
        "ReduceLogSumExp ReduceSumSquare ArgMax ArgMin"
    ),
    normalization: "Softmax LogSoftmax Hardmax LayerNormalization",
    concatenation: "Concat",
    selection: "Slice Split Pad Gather",
    resizing: "Resize Upsample",
    reshaping: "Reshape Flatten Squeeze Unsqueeze",
    shape_of: "Shape",
}
RULES: Mapping[str, Rule] = {op: rule for rule, ops in _BY_RULE.items() for op in ops.split()}

QUANTIZED = "it is quantized already; prune first, then quantize"
UNKNOWN = "TinyStudio does not know how channels pass through this operator"
HOLDS_GRAPH = "it holds a graph of its own"


def walk(trace: Trace) -> None:
    """Follow the channels through every node, in order."""
    for node in trace.network.nodes:
        _rule(trace, node)(trace, node)
        follow_counts(trace, node)


def _rule(trace: Trace, node: NodeProto) -> Rule:
    if node.domain not in ("", "ai.onnx") or node.op_type not in RULES:
        return _wall
    if node.op_type == "Gather" and trace.is_weight(node.input[0]):
        return embedding
    return RULES[node.op_type]


def _wall(trace: Trace, node: NodeProto) -> None:
    quantized = "Quantize" in node.op_type or node.op_type.startswith("QLinear")
    because = QUANTIZED if quantized else UNKNOWN
    if any(True for _ in subgraphs(node)):
        because = HOLDS_GRAPH
    for name in reads(node):
        trace.stop_all(node, name, because)
