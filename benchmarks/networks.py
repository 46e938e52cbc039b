"""The networks that benchmarks run on, each with its data: trained once, kept in a cache folder.

    python -m benchmarks.networks [--cache FOLDER] [--networks resnet8 dscnn ...]

The gallery's go by their names; `resnet8` and `dscnn` (MLPerf Tiny's shapes)
learn the gallery's fashion data, `transformer` and `recurrent` its watch windows. Same seed, same
weights.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from tinystudio.core import places
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.files import write_whole
from tinystudio.core.reporter import Silent
from tinystudio.gallery import find_task, gallery
from tinystudio.graph.network import Network
from tinystudio.graph.opening import open_network
from tinystudio.measure.running import outputs_of

GALLERY = tuple(gallery())
# Whose data each learns.
TRAINED = {
    "resnet8": "fashion", "dscnn": "fashion", "transformer": "watch", "recurrent": "watch",
}  # fmt: skip
EVERY = (*GALLERY, *TRAINED)
# Where nothing else is asked for.
NAMES = ("watch", "satellite", "fashion", "resnet8", "dscnn", "transformer")


@dataclass(frozen=True)
class Subject:
    """A network and its data as jobs name them, and whose data it is."""

    name: str
    reference: str
    data: str
    task: str

    @property
    def path(self) -> Path:
        """Return the network's file."""
        if self.name in GALLERY:
            return find_task(self.task).network_path
        return Path(self.reference)

    def network(self) -> Network:
        """Open the network."""
        return open_network(self.path)

    def dataset(self) -> Dataset:
        """Open the data."""
        return find_task(self.task).dataset()


def main() -> None:
    """Train what is missing, and print how good every network is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser)
    options = parser.parse_args()
    for name in options.networks:
        start = time.perf_counter()
        subject = find(name, options.cache)
        network, dataset = subject.network(), subject.dataset()
        print(
            f"{name:12} {len(network.data):8} bytes, "
            f"validation {accuracy(network, dataset.validation):.2%}, "
            f"test {accuracy(network, dataset.test):.2%} ({time.perf_counter() - start:.0f} s)",
            flush=True,
        )


def add_networks(parser: argparse.ArgumentParser, names: tuple[str, ...] = NAMES) -> None:
    """Add --networks and --cache."""
    parser.add_argument("--networks", nargs="+", default=list(names), choices=EVERY)
    parser.add_argument("--cache", type=Path, default=places.cache() / "benchmarks")


def find(name: str, cache: Path) -> Subject:
    """Return a network of that name, trained first where the cache does not have it."""
    if name in GALLERY:
        return Subject(name, f"gallery:{name}", f"gallery:{name}", name)
    path, task = cache / f"{name}.onnx", TRAINED[name]
    if not path.is_file():
        from benchmarks.trained import trained  # torch, which timing processes must not load

        cache.mkdir(parents=True, exist_ok=True)
        write_whole(path, trained(name, task))
    return Subject(name, str(path.absolute()), f"gallery:{task}", task)


def accuracy(network: Network, samples: Samples) -> float:
    """Return the share of samples that an ONNX file gets right in onnxruntime."""
    logits = outputs_of(network.data, samples, Silent())[0]
    return float((logits.argmax(axis=1) == samples.labels).mean())


if __name__ == "__main__":
    main()
