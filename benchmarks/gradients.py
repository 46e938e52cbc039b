"""Training through the graph against the same network written in torch: time of one step.

    python -m benchmarks.gradients [--networks watch satellite fashion ...] [--rounds 40]

Networks: the gallery's, a transformer, an LSTM. A step is forward, loss and backward over 64
samples, on one thread. Both take steps in turn, so that a busy machine slows both; time is the
processor's own, which stands while other programs run. Read is the 20th percentile of either, and
their ratio; the interval is from a bootstrap over rounds.
Dropout, which the gallery's files do not hold, is off in the twins.

Aim: a ratio of at most 1.15.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.architectures import Transformer
from benchmarks.gallery_tools import gallery_tool
from benchmarks.narrowing import fitted
from tinystudio.gallery import find_task
from tinystudio.graph.gradients.module import GraphModule
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network

GALLERY = ("watch", "satellite", "fashion", "vowels", "breast")
BATCH = 64
OPSET = 17
WARM_UP = 5
PERCENTILE = 20  # low: what the machine does beside is only ever added

Times = NDArray[np.float64]


class LstmNetwork(nn.Module):
    """A bidirectional LSTM of 32 units over 50 steps, and a linear layer; 10,700 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.walk = nn.LSTM(6, 32, batch_first=True, bidirectional=True)
        self.classify = nn.Linear(64, 7)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.classify(self.walk(x.transpose(1, 2))[0][:, -1])
        return made


OWN: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "transformer": (Transformer, (6, 200)),
    "lstm": (LstmNetwork, (6, 50)),
}


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=[*GALLERY, *OWN])
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{'network':12}{'torch ms':>10}{'graph ms':>10}{'ratio':>8}{'90 % interval':>16}")
    for name in options.networks:
        twin, graph, x = _pair(name)
        of_twin, of_graph = _steps(twin, graph, x, options.rounds)
        low, high = _interval(of_twin, of_graph)
        ours, theirs = (float(np.percentile(t, PERCENTILE)) for t in (of_graph, of_twin))
        print(
            f"{name:12}{theirs * 1e3:10.2f}{ours * 1e3:10.2f}{ours / theirs:8.2f}"
            f"{low:9.2f} to {high:.2f}",
            flush=True,
        )


def _pair(name: str) -> tuple[nn.Module, GraphModule, Tensor]:
    """Return the network in torch, the same on its graph, and samples."""
    torch.manual_seed(0)
    if name in OWN:
        make, shape = OWN[name]
        x, twin = torch.randn(BATCH, *shape), make()
        network = _exported(twin, x)
    else:
        network = open_network(find_task(name).network_path)
        sizes = [size for size in network.inputs[0].shape[1:] if isinstance(size, int)]
        x = torch.randn(BATCH, *sizes)
        twin = fitted(gallery_tool("gallery_networks").NETWORKS[name](), network)
    twin.train()
    for module in twin.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
            module.eval()
    return twin, GraphModule(network).train(), x


def _exported(network: nn.Module, x: Tensor) -> Network:
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter says that it is the older one
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            network.eval(),
            (x,),
            path,
            dynamo=False,
            input_names=["input"],
            dynamic_axes={"input": {0: "batch"}},
            opset_version=OPSET,
        )
        return Network.of(onnx.load(path))


def _steps(twin: nn.Module, graph: GraphModule, x: Tensor, rounds: int) -> tuple[Times, Times]:
    """Return seconds per step of either, a round each in turn."""
    labels = torch.arange(BATCH) % 2
    times: list[list[float]] = [[], []]
    for _ in range(rounds + WARM_UP):
        for kept, module in zip(times, (twin, graph), strict=True):
            start = time.process_time()
            made = module(x)
            logits = made[0] if isinstance(made, tuple) else made
            functional.cross_entropy(logits, labels).backward()
            kept.append(time.process_time() - start)
            module.zero_grad()
    return np.array(times[0][WARM_UP:]), np.array(times[1][WARM_UP:])


def _interval(of_twin: Times, of_graph: Times) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(of_twin), (1000, len(of_twin)))
    ratios = np.percentile(of_graph[rows], PERCENTILE, axis=1) / np.percentile(
        of_twin[rows], PERCENTILE, axis=1
    )
    low, high = np.percentile(ratios, (5, 95))
    return float(low), float(high)


if __name__ == "__main__":
    main()
