"""Small networks that put out images or sequences, and data that they answer well."""

from __future__ import annotations

from functools import cache

import numpy as np
from example_networks import network, run
from onnx import helper

from tinystudio.core.assembling import assemble
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.graph.network import Network

STEPS, WORDS = 5, 6


@cache
def denoiser() -> Network:
    """Return three convolutions over (n, 1, 16, 16) that take about the mean of neighbours."""
    rng = np.random.default_rng(0)
    mean = np.full((16, 1, 3, 3), 1 / 9) + rng.normal(0, 0.05, (16, 1, 3, 3))
    keep = rng.normal(0, 0.05, (16, 16, 3, 3))
    keep[np.arange(16), np.arange(16), 1, 1] += 1
    weights = {
        "w1": mean.astype("f4"), "w2": keep.astype("f4"),
        "w3": (rng.uniform(0.5, 1.5, (1, 16, 1, 1)) / 16).astype("f4"),
    }  # fmt: skip
    nodes = [
        helper.make_node("Conv", ["x", "w1"], ["a"], "first", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["a"], ["b"], "relu1"),
        helper.make_node("Conv", ["b", "w2"], ["c"], "second", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["d"], "relu2"),
        helper.make_node("Conv", ["d", "w3"], ["y"], "last"),
    ]
    return network(nodes, weights, {"x": ("n", 1, 16, 16)}, {"y": ("n", 1, 16, 16)})


@cache
def next_word() -> Network:
    """Return two linear layers over every step of (n, STEPS, 12), with scores of WORDS words."""
    rng = np.random.default_rng(0)
    weights = {
        "w1": rng.normal(0, 0.4, (12, 32)).astype("f4"),
        "w2": rng.normal(0, 0.6, (32, WORDS)).astype("f4"),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "w2"], ["y"], "last"),
    ]
    return network(nodes, weights, {"x": ("n", STEPS, 12)}, {"y": ("n", STEPS, WORDS)})


def images(count: int = 96, seed: int = 1) -> Samples:
    """Return noisy images and, as labels, about what the denoiser makes of them."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(size=(count, 1, 16, 16)).astype("f4")
    y = run(denoiser(), (x,))[0]
    return Samples((x,), y + rng.normal(0, 0.02, y.shape).astype("f4"), np.arange(count))


def sequences(count: int = 200, seed: int = 1) -> Samples:
    """Return sequences with the word that comes next at every step, four in five as answered."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, STEPS, 12)).astype("f4")
    y = run(next_word(), (x,))[0].argmax(axis=-1)
    other = rng.integers(0, WORDS, y.shape)
    return Samples((x,), np.where(rng.random(y.shape) < 0.2, other, y), np.arange(count))


def dataset(samples: Samples, metric: str, labels: bool = True) -> Dataset:
    """Return the samples as a data set: half to learn from, a quarter each to ask."""
    if not labels:
        samples = Samples(samples.inputs, None, samples.ids)
    half, quarter = len(samples) // 2, len(samples) // 4
    train, validation, test = samples.cut((half, quarter, len(samples) - half - quarter))
    return assemble("shaped", train=train, validation=validation, test=test, seed=0, metric=metric)


def noisy(tested: Network, scale: float, seed: int = 5) -> Network:
    """Return the network with noise on its weights, as a compression would leave it."""
    rng = np.random.default_rng(seed)
    changed: dict[str, Array] = {
        name: array + (scale * array.std() * rng.normal(size=array.shape)).astype("f4")
        for name, array in tested.weights.items()
    }
    return tested.with_weights(changed)
