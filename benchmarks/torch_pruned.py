"""Networks narrowed by Torch-Pruning, and their ONNX files."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
import torch_pruning
from torch import nn

from benchmarks.narrowing import written
from benchmarks.networks import Subject
from benchmarks.trained import module_of
from benchmarks.training import tensors
from tinystudio.core.data import Samples
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network
from tinystudio.graph.surgery import keep_channels

warnings.filterwarnings("ignore", module="torch_pruning")
KEPT = ("classify",)  # layers that stay: the answers
# Of a transformer only the feed-forward blocks: elsewhere reshapes fix the widths.
NARROWED = {"transformer": ("widen",)}


def importances(classes: int) -> dict[str, Any]:
    """Return Torch-Pruning's ways to say what a channel is worth, made anew.

    OBDC fails on 1-D convolutions and on biases; BNScale cuts nothing where nothing is normalized.
    """
    made = torch_pruning.importance
    return {
        "L1": made.MagnitudeImportance(p=1),
        "L2": made.MagnitudeImportance(p=2),
        "Taylor": made.TaylorImportance(),
        "BNScale": made.BNScaleImportance(),
        "OBDC": made.OBDCImportance(num_classes=classes),
    }


def pruned(
    subject: Subject, importance: Any, share: float, samples: Samples, *, everywhere: bool = False
) -> nn.Module:
    """Return the subject's module without `share` of its channels (`everywhere`: ranked together).

    Gradients come from `samples` where the importance needs them; then the statistics of batch
    normalization are read from them again.
    """
    module = module_of(subject.name, subject.network())
    inputs, _ = tensors(samples)
    pruner = torch_pruning.pruner.BasePruner(
        module,
        inputs[:2],
        importance=importance,
        global_pruning=everywhere,
        pruning_ratio=share,
        ignored_layers=_kept(subject, module),
    )
    _look(module, pruner, importance, samples)
    pruner.step()
    reestimate(module, inputs)
    return module.eval()


def reestimate(module: nn.Module, inputs: torch.Tensor) -> None:
    """Read the statistics of every batch normalization again, from all samples at once."""
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.reset_running_stats()
            layer.momentum = None  # plain average
            layer.train()
    with torch.no_grad():
        module(inputs)
    module.eval()


def narrowed(module: nn.Module, network: Network) -> Network:
    """Return `network` with the shapes and the weights of a module pruned from it."""
    shapes = {name: value.shape for name, value in module.state_dict().items()}
    kept = {}
    for group in couple(network).groups:
        slot = group.producers[0] if group.removable and group.producers else None
        if slot is None:
            continue
        name, axis = slot.weight, slot.axis
        if name not in shapes:  # transposed by the writer
            name, axis = name.removesuffix("out") + "weight", 1 - axis
        units = round(shapes[name][axis] / len(slot.positions(0)))
        if units < group.channels:
            kept[group.id] = np.arange(units)
    return written(module, keep_channels(network, kept) if kept else network)


def _kept(subject: Subject, module: nn.Module) -> list[nn.Module]:
    layers = [
        (name, layer)
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Linear | nn.modules.conv._ConvNd)
    ]
    only = NARROWED.get(subject.name)
    if only is None:
        return [layer for name, layer in layers if name in KEPT]
    return [layer for name, layer in layers if name.rpartition(".")[2] not in only]


def _look(module: nn.Module, pruner: Any, importance: Any, samples: Samples) -> None:
    """Let the importance see gradients, where it reads them."""
    made = torch_pruning.importance
    inputs, labels = tensors(samples)
    module.zero_grad()
    if isinstance(importance, made.OBDCImportance):
        roots = pruner._downstream_node_as_root_if_attention  # gives None where there is none
        pruner._downstream_node_as_root_if_attention = lambda group: roots(group) or group
        importance._prepare_model(module, pruner)
        for part in inputs.split(32):
            outputs = module(part)
            drawn = torch.multinomial(outputs.detach().softmax(dim=1), 1)[:, 0]
            module.zero_grad()
            nn.functional.cross_entropy(outputs, drawn).backward()
            importance.step()
        importance._rm_hooks(module)
    elif isinstance(importance, made.TaylorImportance):
        nn.functional.cross_entropy(module(inputs), labels).backward()
