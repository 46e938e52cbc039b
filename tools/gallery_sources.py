"""Makes the gallery's data from ordinary packages, which are only unpacked, never installed.

Put these files into one folder:

    pip download --no-deps seglearn==1.2.5 aeon==1.6.0 river==0.26.1 scikit-image==0.26.0 \\
        scikit-learn==1.9.1
    apt-get download dataset-fashion-mnist r-cran-mlbench jargon-text
                                                       (Debian; or from packages.debian.org)

The breast data is read by scikit-learn itself, which has to be installed. seglearn's data is a
pickle: this script reads it, once, from a package you chose to trust; the program itself never
unpickles.
"""

from __future__ import annotations

import gzip
import io
import string
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gallery_photographs
import gallery_text
import numpy as np
import r_data
from gallery_packages import from_deb, from_wheel

from tinystudio.core.data import Array
from tinystudio.core.files import write_whole
from tinystudio.core.places import resources

FASHION_TRAIN = 12_000
FASHION_TEST = 2_000
LONGEST_UTTERANCE = 29
GREATEST = 32_767  # of int16
SEED = 0
SHUTTLE_TRAIN = 43_500  # the original split: the first rows are for training
SHUTTLE_MOST_OF_A_STATE = 6_000  # rows; of two states there are 34,108 and 6,748
LETTERS_TRAIN = 16_000  # the original split

FASHION = "T-shirt,Trousers,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
# In the order of R's factor, and of the numbers 1, 2, 3, 4, 5, 7 in the original file.
GROUND = "Red soil,Cotton crop,Grey soil,Damp grey soil,Vegetation stubble,Very damp grey soil"
EXERCISES = (
    "Pendulum,Abduction,Forward elevation,Internal rotation,External rotation,"
    "Trapezius extension,Upright row"
)
STATES = "Radiator flow,Fpv close,Fpv open,High,Bypass,Bpv close,Bpv open"
SCENES = {
    "brickface": "Brick wall",
    "cement": "Cement",
    "foliage": "Foliage",
    "grass": "Grass",
    "path": "Path",
    "sky": "Sky",
    "window": "Window",
}
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
        packed = from_deb(packages, "dataset-fashion-mnist", f"{folder}/{name}-ubyte.gz")
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
    frame = _frame(packages, "Satellite")
    labels = frame.pop("classes")
    return {
        "x": np.stack(list(frame.values()), axis=1).astype(np.uint8),
        "y": labels.astype(np.uint8),
        "classes": _names(GROUND),
    }


def watch(packages: Path) -> dict[str, Array]:
    """Return the recordings one after another, as int16 times one scale per axis."""
    packed = from_wheel(packages, "seglearn", "seglearn/data/watch_dataset.npy")
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
        text = from_wheel(packages, "aeon", path).decode()
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


def shuttle(packages: Path) -> dict[str, Array]:
    """Return the rows of Statlog Shuttle: all that are rare, some of the others; test is whole."""
    frame = _frame(packages, "Shuttle")
    labels = frame.pop("Class").astype(np.uint8)
    x = np.stack(list(frame.values()), axis=1).astype(np.int16)
    known = labels[:SHUTTLE_TRAIN]
    random = np.random.default_rng(SEED)
    members = (np.flatnonzero(known == state) for state in np.unique(known))
    kept = np.sort(
        np.concatenate([random.permutation(rows)[:SHUTTLE_MOST_OF_A_STATE] for rows in members])
    )
    return {
        "x_train": x[kept],
        "y_train": labels[kept],
        "x_test": x[SHUTTLE_TRAIN:],
        "y_test": labels[SHUTTLE_TRAIN:],
        "classes": _names(STATES),
    }


def letters(packages: Path) -> dict[str, Array]:
    """Return the rows of Letter Recognition: 16,000 for training, 4,000 for test.

    Rows for training that stand in the test as well, figure by figure, are left out.
    """
    frame = _frame(packages, "LetterRecognition")
    labels = frame.pop("lettr").astype(np.uint8)
    x = np.stack(list(frame.values()), axis=1).astype(np.uint8)
    held_out = {row.tobytes() for row in x[LETTERS_TRAIN:]}
    kept = np.array([row.tobytes() not in held_out for row in x[:LETTERS_TRAIN]])
    return {
        "x_train": x[:LETTERS_TRAIN][kept],
        "y_train": labels[:LETTERS_TRAIN][kept],
        "x_test": x[LETTERS_TRAIN:],
        "y_test": labels[LETTERS_TRAIN:],
        "classes": _names(",".join(string.ascii_uppercase)),
    }


def segments(packages: Path) -> dict[str, Array]:
    """Return the 2,310 rows of Statlog Image Segmentation, each of 3x3 pixels."""
    packed = from_wheel(packages, "river", "river/datasets/segment.csv.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        head, *lines = archive.read("segment.csv.zip").decode().splitlines()
    rows = [line.split(",") for line in lines if line]
    names = sorted({row[-1] for row in rows})
    return {
        "x": np.array([row[:-1] for row in rows], np.float32),
        "y": np.array([names.index(row[-1]) for row in rows], np.uint8),
        "features": np.array(head.split(",")[:-1]),
        "classes": np.array([SCENES[name] for name in names]),
    }


def digits(packages: Path) -> dict[str, Array]:
    """Return the 1,797 digits, (8, 8) with values from 0 to 16, that scikit-learn brings."""
    packed = from_wheel(packages, "scikit_learn", "sklearn/datasets/data/digits.csv.gz")
    rows = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",").astype(np.uint8)
    return {
        "x": rows[:, :-1].reshape(-1, 1, 8, 8),
        "y": rows[:, -1],
        "classes": _names("0,1,2,3,4,5,6,7,8,9"),
    }


SOURCES: dict[str, Callable[[Path], dict[str, Array]]] = {
    "fashion": fashion,
    "satellite": satellite,
    "watch": watch,
    "vowels": vowels,
    "breast": breast,
    "shuttle": shuttle,
    "letters": letters,
    "scenes": segments,
    "digits": digits,
    "scratches": gallery_photographs.textures,
    "denoise": gallery_photographs.photographs,
    "keyboard": gallery_text.jargon,
}


def _utterance(row: str) -> Array:
    """Return one line of a .ts file, "1,2,3:4,5,6:label", as (12, 29)."""
    padded = np.zeros((12, LONGEST_UTTERANCE), np.float32)
    for channel, numbers in zip(padded, row.split(":")[:-1], strict=True):
        values = np.array(numbers.split(","), np.float32)
        channel[: len(values)] = values
    return padded


def _frame(packages: Path, name: str) -> dict[str, Array]:
    """Return a data frame of mlbench."""
    path = f"./usr/lib/R/site-library/mlbench/data/{name}.rda"
    return r_data.read_frame(from_deb(packages, "r-cran-mlbench", path), name)


def _names(text: str) -> Array:
    return np.array(text.split(","))
