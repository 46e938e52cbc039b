"""The gallery's recurrent network, and how it is written with ONNX's own GRU.

torch's exporter would take the gates apart and join them again by nodes of their own, with an
initial state made from the batch's size; written here, it is five nodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from tinystudio.core.data import Array

SYMBOLS, FEATURES, UNITS = 43, 32, 128


class KeyboardNetwork(nn.Module):
    """Symbols (n, time) -> a score for each of 43 that may come next; about 69,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.symbols = nn.Embedding(SYMBOLS, FEATURES)
        self.recurrent = nn.GRU(FEATURES, UNITS)
        self.suggest = nn.Linear(UNITS, SYMBOLS)

    def forward(self, x: Tensor) -> Tensor:
        return self.everywhere(x)[-1]

    def everywhere(self, x: Tensor) -> Tensor:
        """Return the scores behind every symbol, (time, n, 43): there is more to learn from."""
        states, _ = self.recurrent(self.symbols(x.T))
        made: Tensor = self.suggest(states)
        return made


def written(network: KeyboardNetwork, opset: int) -> onnx.ModelProto:
    """Return the network as ONNX; the gates r, z, n of torch stand as z, r, h there."""
    held: dict[str, Any] = {name: item.numpy() for name, item in network.state_dict().items()}
    weights = {
        "symbols.weight": held["symbols.weight"],
        "recurrent.W": _gates(held["recurrent.weight_ih_l0"])[None],
        "recurrent.R": _gates(held["recurrent.weight_hh_l0"])[None],
        "recurrent.B": np.concatenate(
            [_gates(held["recurrent.bias_ih_l0"]), _gates(held["recurrent.bias_hh_l0"])]
        )[None],
        "last.axes": np.array([0], np.int64),
        "suggest.weight": held["suggest.weight"],
        "suggest.bias": held["suggest.bias"],
    }
    gru = ["symbols.out", "recurrent.W", "recurrent.R", "recurrent.B"]
    nodes = [
        helper.make_node("Transpose", ["input"], ["transpose.out"], "transpose", perm=[1, 0]),
        helper.make_node(
            "Gather", ["symbols.weight", "transpose.out"], ["symbols.out"], "symbols"
        ),
        helper.make_node("GRU", gru, ["", "recurrent.out1"], "recurrent", hidden_size=UNITS,
                         linear_before_reset=1),
        helper.make_node("Squeeze", ["recurrent.out1", "last.axes"], ["last.out"], "last"),
        helper.make_node("Gemm", ["last.out", "suggest.weight", "suggest.bias"], ["logits"],
                         "suggest", transB=1),
    ]  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "keyboard",
        [helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "time"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", SYMBOLS])],
        [numpy_helper.from_array(np.ascontiguousarray(w), name) for name, w in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 8  # as torch writes for this operator set
    return onnx.shape_inference.infer_shapes(model, strict_mode=True)


def _gates(weights: Array) -> Array:
    reset, update, new = np.split(weights, 3)
    return np.concatenate([update, reset, new])
