"""The gallery's torch modules, augmentations and ONNX writer: tools/ is no package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tinystudio.core.data import Dataset

TOOLS = Path(__file__).resolve().parents[1] / "tools"
Vary = Callable[[Tensor, torch.Generator], Tensor]


def gallery_tool(name: str) -> Any:
    """Return a module of tools/, such as `gallery_networks`."""
    if str(TOOLS) not in sys.path:
        sys.path.insert(0, str(TOOLS))
    return importlib.import_module(name)


def augmentation(task: str, dataset: Dataset) -> Vary:
    """Return how the gallery varies the training samples of a task."""
    known = gallery_tool("gallery_augmentation")
    if task == "watch":
        given = dataset.preprocessing
        found: Vary = known.movements(torch.tensor(given.mean), torch.tensor(given.scale))
        return found
    kinds: dict[str, Vary] = {"satellite": known.patches, "fashion": known.pictures}
    return kinds[task]
