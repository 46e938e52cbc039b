"""The benchmarks' own networks: how each is trained, and its module with a file's weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from benchmarks.architectures import DsCnn, Recurrent, ResNet8, Transformer
from benchmarks.gallery_tools import augmentation, gallery_tool
from benchmarks.narrowing import fitted
from benchmarks.networks import GALLERY
from benchmarks.training import Plan, train
from tinystudio.gallery import find_task
from tinystudio.graph.network import Network

SEED = 0


@dataclass(frozen=True)
class Recipe:
    """How one network is made."""

    make: Callable[[], nn.Module]
    plan: Plan


RECIPES = {
    "resnet8": Recipe(ResNet8, Plan(epochs=28, rate=6e-3, smoothing=0.05)),
    "dscnn": Recipe(DsCnn, Plan(epochs=40, rate=8e-3, smoothing=0.05)),
    "transformer": Recipe(Transformer, Plan(epochs=80, rate=2e-3, batch=64, decay=0.05)),
    "recurrent": Recipe(Recurrent, Plan(epochs=40, rate=4e-3, batch=64, decay=0.01)),
}


def trained(name: str, task: str) -> bytes:
    """Return the ONNX file of a network trained on a gallery task's data; same seed, same file."""
    known = find_task(task)
    dataset, recipe = known.dataset(), RECIPES[name]
    torch.manual_seed(SEED)
    module = recipe.make()
    train(module, dataset.train, augmentation(task, dataset), recipe.plan, SEED)
    data: bytes = gallery_tool("gallery_export").export(module, known, dataset)
    return data


def module_of(name: str, network: Network) -> nn.Module:
    """Return the torch module of a network, with the very weights and shapes of an ONNX file."""
    if name in GALLERY:
        module: nn.Module = gallery_tool("gallery_networks").NETWORKS[name]()
    else:
        module = RECIPES[name].make()
    return fitted(module, network)
