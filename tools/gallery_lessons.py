"""What a gallery network is taught by: classes, photographs without noise, or a text."""

from __future__ import annotations

from typing import Protocol

import torch
from gallery_augmentation import Augmentation
from gallery_keyboard import KeyboardNetwork
from gallery_networks import outputs
from torch import Tensor, nn

from tinystudio.core.data import Dataset, Samples
from tinystudio.gallery.denoise import NOISE, WHITE


class Lesson(Protocol):
    """What is learned, and how well it was: `count` samples to learn from."""

    count: int

    def loss(self, network: nn.Module, chosen: Tensor, random: torch.Generator) -> Tensor:
        """Return what the training makes small, over the chosen samples."""

    def judge(self, network: nn.Module) -> tuple[float, str]:
        """Return a loss on validation, and the same in words."""


class Classes:
    """Cross-entropy; with `balance`, classes weigh alike, the rarest no more than 30 times."""

    def __init__(
        self, dataset: Dataset, vary: Augmentation, smoothing: float, balance: bool
    ) -> None:
        self._inputs, self._labels = _tensors(dataset.train)
        self._validation = dataset.validation
        self._vary, self._smoothing = vary, smoothing
        counts = torch.bincount(self._labels, minlength=len(dataset.classes)).float()
        weights = (counts.max() / counts).clamp(max=30) if balance else torch.ones_like(counts)
        self._weights = weights * len(self._labels) / (weights * counts).sum()
        self.count = len(self._inputs)

    def loss(self, network: nn.Module, chosen: Tensor, random: torch.Generator) -> Tensor:
        return nn.functional.cross_entropy(
            network(self._vary(self._inputs[chosen], random)),
            self._labels[chosen],
            self._weights,
            label_smoothing=self._smoothing,
        )

    def judge(self, network: nn.Module) -> tuple[float, str]:
        inputs, labels = _tensors(self._validation)
        logits = outputs(network, inputs)
        right = (logits.argmax(1) == labels).float().mean()
        loss = nn.functional.cross_entropy(logits, labels, self._weights)
        return float(loss), f"{float(right):.2%} right"


class Photographs:
    """Squared error against the clean patches, turned, in other colours, with other noise."""

    def __init__(self, dataset: Dataset) -> None:
        _, self._clean = _tensors(dataset.train)
        self._validation = dataset.validation
        self.count = len(self._clean)

    def loss(self, network: nn.Module, chosen: Tensor, random: torch.Generator) -> Tensor:
        turns = int(torch.randint(0, 4, (1,), generator=random))
        clean = torch.rot90(self._clean[chosen], turns, (2, 3))
        mirrored = torch.rand(len(clean), generator=random) < 0.5
        clean = torch.where(mirrored[:, None, None, None], clean.flip(3), clean)
        colours = torch.randperm(3, generator=random)  # few photographs have few colours
        brightness = 0.5 + 0.5 * torch.rand(len(clean), 1, 1, 1, generator=random)
        clean = clean[:, colours] * brightness
        noise = NOISE / WHITE * torch.randn(clean.shape, generator=random)
        return nn.functional.mse_loss(network(clean + noise), clean)

    def judge(self, network: nn.Module) -> tuple[float, str]:
        noisy, clean = _tensors(self._validation)
        errors = ((outputs(network, noisy) - clean) ** 2).mean(dim=(1, 2, 3))
        return float(errors.mean()), f"{float(-10 * errors.log10().mean()):.2f} dB"


class Text:
    """Cross-entropy of the next symbol, behind every symbol of windows that begin anywhere."""

    def __init__(self, dataset: Dataset, symbols: Tensor, seen: int) -> None:
        self._symbols, self._seen = symbols, seen
        self._validation = dataset.validation
        self.count = (len(symbols) - 1) // seen

    def loss(self, network: nn.Module, chosen: Tensor, random: torch.Generator) -> Tensor:
        if not isinstance(network, KeyboardNetwork):
            raise TypeError("a text is learned by the keyboard's network")
        shift = int(torch.randint(0, self._seen, (1,), generator=random))
        begins = (chosen * self._seen + shift).clamp(max=len(self._symbols) - self._seen - 1)
        windows = self._symbols[begins[:, None] + torch.arange(self._seen + 1)]
        scores = network.everywhere(windows[:, :-1])
        return nn.functional.cross_entropy(scores.flatten(0, 1), windows[:, 1:].T.reshape(-1))

    def judge(self, network: nn.Module) -> tuple[float, str]:
        inputs, labels = _tensors(self._validation)
        scores = outputs(network, inputs)
        among = (scores.topk(3).indices == labels[:, None]).any(1).float().mean()
        return float(nn.functional.cross_entropy(scores, labels)), f"{float(among):.2%} in top 3"


def _tensors(samples: Samples) -> tuple[Tensor, Tensor]:
    if samples.labels is None:
        raise ValueError("training needs labels")
    return torch.from_numpy(samples.inputs[0]), torch.from_numpy(samples.labels)
