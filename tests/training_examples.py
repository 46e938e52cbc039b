"""Networks to be trained, and what a training takes, for tests of several packages."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from example_networks import Example, mlp
from onnx import ModelProto
from torch import Tensor

from tinystudio.core.data import Samples
from tinystudio.graph.network import Network


def tensors(samples: Samples) -> tuple[Tensor, ...]:
    """Return the inputs as a training takes them."""
    return tuple(torch.from_numpy(np.array(array)) for array in samples.inputs)


def labels_of(samples: Samples) -> Tensor:
    """Return the classes as a training takes them."""
    assert samples.labels is not None
    return torch.from_numpy(np.array(samples.labels))


def untaught() -> Example:
    """Return two linear layers that have learned nothing, and what they could learn."""
    example = mlp()
    draw = np.random.default_rng(5)
    fresh = draw.normal(0, 0.1, example.network.weights["w2"].shape).astype("f4")
    return Example(
        example.network.with_weights({"w2": fresh}), example.calibration, example.test
    )  # fmt: skip


def with_batch(network: Network, batch: int) -> Network:
    """Return a network whose graph fixes how many samples it takes at once."""
    model = ModelProto()
    model.CopyFrom(network.model)
    for port in (*model.graph.input, *model.graph.output):
        port.type.tensor_type.shape.dim[0].dim_value = batch
    return Network.of(model)


def operators(network: Network) -> Counter[str]:
    """Return how many nodes of each kind there are."""
    return Counter(node.op_type for node in network.nodes)
