"""Trains a gallery network: same seed, same weights; validation chooses, the test never does."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from gallery_augmentation import (
    Augmentation,
    movements,
    noise,
    patches,
    pictures,
    utterances,
)
from gallery_networks import NETWORKS, outputs
from torch import Tensor, nn

from tinystudio.core.data import Dataset, Samples

AVERAGING = 0.995  # of weights over steps: an average of about the last 200


@dataclass(frozen=True)
class Plan:
    """How long and how hard to train."""

    epochs: int
    rate: float
    batch: int = 64
    decay: float = 0.01
    smoothing: float = 0.1


PLANS = {
    "watch": Plan(epochs=20, rate=2e-3, decay=0.05),
    "satellite": Plan(epochs=80, rate=2e-3),
    "fashion": Plan(epochs=40, rate=4e-3, batch=128, decay=0.02),
    "vowels": Plan(epochs=150, rate=3e-3, batch=16, decay=0.02),
    "breast": Plan(epochs=80, rate=2e-3, batch=16, decay=0.05),
}


def train(task: str, dataset: Dataset, seed: int, epochs: int | None = None) -> nn.Module:
    """Return the trained network: the averaged weights of the epoch that validation liked best.

    Validation is judged by cross-entropy, which says more than counting right answers in a
    small split.
    """
    torch.set_num_threads(1)  # two threads may add in another order
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    plan = PLANS[task]
    network = NETWORKS[task]()
    inputs, labels = _tensors(dataset.train)
    steps = -(-len(inputs) // plan.batch)
    epochs = epochs or plan.epochs
    optimizer = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, epochs=epochs, steps_per_epoch=steps, pct_start=0.2
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=plan.smoothing)
    vary = _augmentation(task, dataset)
    average = copy.deepcopy(network)
    best, best_loss, seen = copy.deepcopy(network), float("inf"), 0
    for epoch in range(epochs):
        network.train()
        for chosen in torch.split(torch.randperm(len(inputs), generator=random), plan.batch):
            if len(chosen) < 2:  # batch normalization needs two
                continue
            loss = criterion(network(vary(inputs[chosen], random)), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            seen += 1
            _follow(average, network, min(AVERAGING, seen / (seen + 10)))
        judged, right = _judge(average, dataset.validation)
        print(f"{task}: epoch {epoch + 1}/{epochs}, validation {judged:.4f}, {right:.2%} right")
        if judged <= best_loss:
            best, best_loss = copy.deepcopy(average), judged
    return best.eval()


def _tensors(samples: Samples) -> tuple[Tensor, Tensor]:
    if samples.labels is None:
        raise ValueError("training needs labels")
    return torch.from_numpy(samples.inputs[0]), torch.from_numpy(samples.labels)


def _follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move the averaged weights and statistics a little towards the network's."""
    with torch.no_grad():
        new = network.state_dict()
        for name, held in average.state_dict().items():
            if held.is_floating_point():
                held.lerp_(new[name], 1 - keep)
            else:
                held.copy_(new[name])


def _judge(network: nn.Module, samples: Samples) -> tuple[float, float]:
    """Return cross-entropy and share of right answers."""
    inputs, labels = _tensors(samples)
    logits = outputs(network, inputs)
    right = (logits.argmax(1) == labels).float().mean()
    return float(nn.functional.cross_entropy(logits, labels)), float(right)


def _augmentation(task: str, dataset: Dataset) -> Augmentation:
    if task == "watch":
        known = dataset.preprocessing
        return movements(torch.tensor(known.mean), torch.tensor(known.scale))
    return {
        "satellite": patches,
        "fashion": pictures,
        "vowels": utterances,
        "breast": noise(0.1),
    }[task]
