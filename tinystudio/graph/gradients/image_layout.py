"""Tensors of images lie in memory with their channels last: convolutions of them learn faster.

The order of axes is as before, only where numbers lie is another. An epoch takes 0.73 (depthwise)
to 0.88 of what it takes in torch's own layout, as long with images of 3 x 3 pixels (benchmarks,
`epoch`); what follows a convolution takes over its layout by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from onnx import NodeProto
from torch import Tensor

from tinystudio.graph.gradients.convolutions import RULES
from tinystudio.graph.network import Network

RANK = 4  # of a batch of images, and of the kernels that pass over them


def image_kernels(network: Network, nodes: Sequence[NodeProto]) -> frozenset[str]:
    """Return the names of all that these nodes pass over images, weights or not.

    What is computed has no shape here: a kernel that is not in the file counts as one of images.
    """
    names = (node.input[1] for node in nodes if node.op_type in RULES)
    known = network.weights
    return frozenset(n for n in names if n not in known or known[n].ndim == RANK)


def channels_last(tensor: Tensor) -> Tensor:
    """Return images with their channels last in memory; anything else as it is."""
    return tensor.to(memory_format=torch.channels_last) if tensor.dim() == RANK else tensor
