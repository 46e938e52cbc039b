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
    shifted,
    unchanged,
    utterances,
)
from gallery_lessons import Classes, Lesson, Photographs, Text
from gallery_networks import NETWORKS
from torch import nn

from tinystudio.core.archives import read_arrays
from tinystudio.core.data import Dataset
from tinystudio.gallery import find_task
from tinystudio.gallery.keyboard import SEEN

AVERAGING = 0.995  # of weights over steps: an average of about the last 200


@dataclass(frozen=True)
class Plan:
    """How long and how hard to train."""

    epochs: int
    rate: float
    batch: int = 64
    decay: float = 0.01
    smoothing: float = 0.1
    balance: bool = False  # whether rare classes weigh as much as common ones


PLANS = {
    "watch": Plan(epochs=20, rate=2e-3, decay=0.05),
    "satellite": Plan(epochs=80, rate=2e-3),
    "fashion": Plan(epochs=40, rate=4e-3, batch=128, decay=0.02),
    "vowels": Plan(epochs=150, rate=3e-3, batch=16, decay=0.02),
    "breast": Plan(epochs=80, rate=2e-3, batch=16, decay=0.05),
    "scenes": Plan(epochs=120, rate=3e-3, batch=32, smoothing=0.05),
    "shuttle": Plan(epochs=150, rate=5e-3, batch=64, decay=0.0, smoothing=0.0, balance=True),
    "letters": Plan(epochs=80, rate=4e-3, batch=64, smoothing=0.05),
    "digits": Plan(epochs=80, rate=4e-3, batch=32),
    "scratches": Plan(epochs=60, rate=4e-3, batch=64, smoothing=0.05),
    "denoise": Plan(epochs=250, rate=3e-3, batch=16, decay=0.0),
    "keyboard": Plan(epochs=24, rate=6e-3, batch=64),
}


def train(task: str, dataset: Dataset, seed: int, epochs: int | None = None) -> nn.Module:
    """Return the trained network: the averaged weights of the epoch that validation liked best.

    Validation is judged by the loss, which says more than counting right answers in a small
    split.
    """
    torch.set_num_threads(1)  # two threads may add in another order
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    plan = PLANS[task]
    network = NETWORKS[task]()
    lesson = _lesson(task, dataset, plan)
    steps = -(-lesson.count // plan.batch)
    epochs = epochs or plan.epochs
    optimizer = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, plan.rate, epochs=epochs, steps_per_epoch=steps, pct_start=0.2
    )
    average = copy.deepcopy(network)
    best, best_loss, seen = copy.deepcopy(network), float("inf"), 0
    for epoch in range(epochs):
        network.train()
        for chosen in torch.split(torch.randperm(lesson.count, generator=random), plan.batch):
            if len(chosen) < 2:  # batch normalization needs two
                continue
            loss = lesson.loss(network, chosen, random)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            seen += 1
            _follow(average, network, min(AVERAGING, seen / (seen + 10)))
        judged, words = lesson.judge(average)
        print(f"{task}: epoch {epoch + 1}/{epochs}, validation {judged:.4f}, {words}", flush=True)
        if judged <= best_loss:
            best, best_loss = copy.deepcopy(average), judged
    return best.eval()


def _lesson(task: str, dataset: Dataset, plan: Plan) -> Lesson:
    if task == "denoise":
        return Photographs(dataset)
    if task == "keyboard":
        text = read_arrays(find_task(task).folder / "data.npz")["text"]
        last = int(dataset.train.ids.max()) + SEEN + 1
        return Text(dataset, torch.from_numpy(text[:last].astype("int64")), SEEN)
    return Classes(dataset, _augmentation(task, dataset), plan.smoothing, plan.balance)


def _follow(average: nn.Module, network: nn.Module, keep: float) -> None:
    """Move the averaged weights and statistics a little towards the network's."""
    with torch.no_grad():
        new = network.state_dict()
        for name, held in average.state_dict().items():
            if held.is_floating_point():
                held.lerp_(new[name], 1 - keep)
            else:
                held.copy_(new[name])


def _augmentation(task: str, dataset: Dataset) -> Augmentation:
    if task == "watch":
        known = dataset.preprocessing
        return movements(torch.tensor(known.mean), torch.tensor(known.scale))
    return {
        "satellite": patches,
        "fashion": pictures,
        "vowels": utterances,
        "breast": noise(0.1),
        "scenes": noise(0.02),
        "shuttle": unchanged,
        "letters": noise(0.05),
        "digits": shifted,
        "scratches": patches,
    }[task]
