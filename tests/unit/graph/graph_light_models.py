"""The small copies of well-known networks in the `onnx` package, with real weights put in.

They come with `ConstantOfShape` nodes in place of weights; here random ones take their place.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto, numpy_helper

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def light_model(name: str, seed: int = 0) -> ModelProto:
    """Return light_<name>.onnx with weights drawn so that activations keep their size."""
    model = onnx.load(LIGHT / f"light_{name}.onnx")
    shapes = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    rng = np.random.default_rng(seed)
    kept = []
    for node in model.graph.node:
        if node.op_type == "Constant":
            shapes[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape = shapes[node.input[0]].tolist()
        fan = int(np.prod(shape[1:])) if len(shape) > 1 else 0
        if fan:
            array = rng.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / fan))
        else:
            array = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(array, node.output[0]))
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model
