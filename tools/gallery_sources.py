"""Makes the gallery's data from ordinary packages, which are only unpacked, never installed.

Put these files into one folder:

    pip download --no-deps seglearn==1.2.5 aeon==1.6.0
    apt-get download dataset-fashion-mnist r-cran-mlbench     (Debian; or from packages.debian.org)

The breast data comes with scikit-learn. seglearn's data is a pickle: this script reads it, once,
from a package you chose to trust; the program itself never unpickles.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import r_data

from tinystudio.core.data import Array
from tinystudio.core.files import write_whole
from tinystudio.core.places import resources

FASHION_TRAIN = 12_000
FASHION_TEST = 2_000
LONGEST_UTTERANCE = 29
GREATEST = 32_767  # of int16

FASHION = "T-shirt,Trousers,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
# In the order of R's factor, and of the numbers 1, 2, 3, 4, 5, 7 in the original file.
GROUND = "Red soil,Cotton crop,Grey soil,Damp grey soil,Vegetation stubble,Very damp grey soil"
EXERCISES = (
    "Pendulum,Abduction,Forward elevation,Internal rotation,External rotation,"
    "Trapezius extension,Upright row"
)
SPEAKERS = ",".join(f"Speaker {number}" for number in range(1, 10))


def write(packages: Path, tasks: Sequence[str]) -> None:
    """Write resources/gallery/TASK/data.npz for each task."""
    for task in tasks:
        buffer = io.BytesIO()
        arrays: dict[str, Any] = SOURCES[task](packages)
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        write_whole(resources() / "gallery" / task / "data.npz", buffer.getvalue())


def fashion(packages: Path) -> dict[str, Array]:
    """Return the first pictures of Fashion-MNIST's training and test."""
    folder = "./usr/share/datasets/fashion-mnist"

    def read(name: str, header: int) -> Array:
        packed = _from_deb(packages, "dataset-fashion-mnist", f"{folder}/{name}-ubyte.gz")
        return np.frombuffer(gzip.decompress(packed), np.uint8, offset=header)

    return {
        "x_train": read("train-images-idx3", 16).reshape(-1, 1, 28, 28)[:FASHION_TRAIN],
        "y_train": read("train-labels-idx1", 8)[:FASHION_TRAIN],
        "x_test": read("t10k-images-idx3", 16).reshape(-1, 1, 28, 28)[:FASHION_TEST],
        "y_test": read("t10k-labels-idx1", 8)[:FASHION_TEST],
        "classes": _names(FASHION),
    }


def satellite(packages: Path) -> dict[str, Array]:
    """Return the rows of Statlog Landsat in their order: 4,435 for training, 2,000 for test."""
    path = "./usr/lib/R/site-library/mlbench/data/Satellite.rda"
    frame = r_data.read_frame(_from_deb(packages, "r-cran-mlbench", path), "Satellite")
    labels = frame.pop("classes")
    return {
        "x": np.stack(list(frame.values()), axis=1).astype(np.uint8),
        "y": labels.astype(np.uint8),
        "classes": _names(GROUND),
    }


def watch(packages: Path) -> dict[str, Array]:
    """Return the recordings one after another, as int16 times one scale per axis."""
    packed = _from_wheel(packages, "seglearn", "seglearn/data/watch_dataset.npy")
    found = np.load(io.BytesIO(packed), allow_pickle=True).item()
    recordings = list(found["X"])
    joined = np.concatenate(recordings)
    scale = (np.abs(joined).max(axis=0) / GREATEST).astype(np.float32)
    return {
        "x": np.round(joined / scale).astype(np.int16),
        "scale": scale,
        "lengths": np.array([len(recording) for recording in recordings]),
        "y": found["y"].astype(np.uint8),
        "subject": found["subject"].astype(np.uint8),
        "classes": _names(EXERCISES),
    }


def vowels(packages: Path) -> dict[str, Array]:
    """Return the utterances, padded with zeros to the longest."""
    arrays: dict[str, Array] = {}
    for split in ("train", "test"):
        path = f"aeon/datasets/data/JapaneseVowels/JapaneseVowels_{split.upper()}.ts"
        text = _from_wheel(packages, "aeon", path).decode()
        rows = text.partition("@data\n")[2].split()
        arrays[f"x_{split}"] = np.stack([_utterance(row) for row in rows])
        arrays[f"y_{split}"] = np.array([int(row.rpartition(":")[2]) - 1 for row in rows], np.uint8)
    return {**arrays, "classes": _names(SPEAKERS)}


def breast(_packages: Path) -> dict[str, Array]:
    """Return the measurements that come with scikit-learn."""
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    return {
        "x": found.data.astype(np.float32),
        "y": found.target.astype(np.uint8),
        "features": np.array([str(name) for name in found.feature_names]),
        "classes": np.array([str(name).capitalize() for name in found.target_names]),
    }


SOURCES: dict[str, Callable[[Path], dict[str, Array]]] = {
    "fashion": fashion,
    "satellite": satellite,
    "watch": watch,
    "vowels": vowels,
    "breast": breast,
}


def _utterance(row: str) -> Array:
    """Return one line of a .ts file, "1,2,3:4,5,6:label", as (12, 29)."""
    padded = np.zeros((12, LONGEST_UTTERANCE), np.float32)
    for channel, numbers in zip(padded, row.split(":")[:-1], strict=True):
        values = np.array(numbers.split(","), np.float32)
        channel[: len(values)] = values
    return padded


def _names(text: str) -> Array:
    return np.array(text.split(","))


def _from_wheel(packages: Path, package: str, path: str) -> bytes:
    with zipfile.ZipFile(_find(packages, f"{package}-*.whl")) as wheel:
        return wheel.read(path)


def _from_deb(packages: Path, package: str, path: str) -> bytes:
    """Return one file of a Debian package: an ar archive with the files in data.tar.*."""
    archive = io.BytesIO(_find(packages, f"{package}_*.deb").read_bytes())
    archive.seek(8)  # "!<arch>\n"
    while header := archive.read(60):
        size = int(header[48:58])
        content = archive.read(size + size % 2)[:size]
        if header.startswith(b"data.tar"):
            with tarfile.open(fileobj=io.BytesIO(content)) as files:
                found = files.extractfile(path)
                if found is not None:
                    return found.read()
    raise FileNotFoundError(f"{package} has no {path}")


def _find(packages: Path, pattern: str) -> Path:
    found = sorted(packages.glob(pattern))
    if not found:
        raise SystemExit(f"There is no {pattern} in {packages}.\n\n{__doc__}")
    return found[-1]
