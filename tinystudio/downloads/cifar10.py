"""CIFAR-10: small photographs of things and animals."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array, Dataset
from tinystudio.core.image_form import ImageSettings
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, in_order, numbered
from tinystudio.downloads.pictures import pixel_dataset
from tinystudio.downloads.streams import tar_members, whole

CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
SIDE = 32
RECORD = 1 + 3 * SIDE * SIDE  # bytes: the label, then the red, green and blue planes


class Cifar10(Download):
    """60,000 colour photographs, 32 x 32, of ten things and animals.

    Splits as they are published: 50,000 to learn from, of which a fifth is kept for validation,
    and 10,000 for the test. The binary version is used: the usual one is a Python pickle, which
    could run code.
    """

    id = "cifar-10"
    title = "CIFAR-10"
    area = "Cameras"
    question = "Which thing or animal is in the picture?"
    licence = "No licence is stated, A. Krizhevsky, V. Nair and G. Hinton, University of Toronto"
    terms = (
        "The page asks to cite the report that introduced it (Krizhevsky 2009) and grants nothing "
        "in words. The photographs were collected from the web, and whose they are is not stated."
    )
    source = "https://www.cs.toronto.edu/~kriz/cifar.html"
    params = ImageSettings
    files = (
        # Size and checksum as TensorFlow Datasets publishes them.
        RemoteFile(
            "cifar-10-binary.tar.gz", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            170_052_171, "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the photographs as the network wants them."""
        batches: dict[str, Array] = {}
        for name, file in tar_members(self.path(request), request.reporter, "Reading CIFAR-10"):
            if name.endswith(".bin"):
                batches[name.rpartition("/")[2]] = _records(whole(file, name), name)
        train = [batches[name] for name in sorted(batches) if name.startswith("data_batch")]
        if not train or "test_batch.bin" not in batches:
            raise KeyError("data_batch_1.bin or test_batch.bin is not in it")
        counts = {"train": sum(map(len, train)), "test": len(batches["test_batch.bin"])}
        records = np.concatenate([*train, batches["test_batch.bin"]])
        pixels = records[:, 1:].reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
        listing = Listing(numbered(records[:, 0], CLASSES), in_order(counts), CLASSES)
        return pixel_dataset(self.title, request, listing, pixels)


def _records(data: bytes, name: str) -> Array:
    if not data or len(data) % RECORD:
        raise ValueError(f"{name} is not made of records of {RECORD} bytes")
    return np.frombuffer(data, np.uint8).reshape(-1, RECORD)
