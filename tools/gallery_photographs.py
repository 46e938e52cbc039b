"""Makes the data of the photographs' tasks: textures to scratch, patches to take noise from."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from gallery_packages import from_wheel
from PIL import Image

from tinystudio.core.data import Array

TEXTURES = ("brick", "grass", "gravel")
SIDE = 32  # pixels of a patch
SEED = 0
# Of each photograph for training: how many patches are drawn from its upper part, to learn from,
# and from its lowest fifth, to validate on. Those of sky and retina are much alike.
LEARNED_FROM = {
    "astronaut.png": (200, 48),
    "coffee.png": (180, 36),
    "hubble_deep_field.jpg": (110, 24),
    "retina.jpg": (80, 16),
}
LOWER = 0.8
HELD_OUT = ("chelsea.png", "rocket.jpg")


def textures(packages: Path) -> dict[str, Array]:
    """Return the textures, 512x512 grey pixels each."""
    return {
        "textures": np.stack([_picture(packages, f"{name}.png") for name in TEXTURES]),
        "names": np.array([name.capitalize() for name in TEXTURES]),
    }


def photographs(packages: Path) -> dict[str, Array]:
    """Return patches (n, 3, 32, 32) that do not overlap; two photographs are for the test alone.

    Every row of pixels is stored as differences, which pack to two thirds of the size.
    """
    random = np.random.default_rng(SEED)
    learned: list[Array] = []
    judged: list[Array] = []
    for name, (many, few) in LEARNED_FROM.items():
        patches, rows = _patches(_picture(packages, name))
        is_lower = rows >= int(LOWER * (rows.max() + 1))
        learned.append(_drawn(patches[~is_lower], many, random))
        judged.append(_drawn(patches[is_lower], few, random))
    held_out = [_patches(_picture(packages, name))[0] for name in HELD_OUT]
    parts = {"train": learned, "validation": judged, "test": held_out}
    arrays = {f"x_{split}": _differences(np.concatenate(part)) for split, part in parts.items()}
    return arrays | {
        f"photograph_{split}": np.repeat(np.arange(len(part)), [len(item) for item in part])
        for split, part in parts.items()
    }


def _picture(packages: Path, name: str) -> Array:
    """Return the pixels, (height, width) or (height, width, 3), uint8."""
    packed = from_wheel(packages, "scikit_image", f"skimage/data/{name}")
    return np.asarray(Image.open(io.BytesIO(packed)))


def _patches(picture: Array) -> tuple[Array, Array]:
    """Return the patches (n, 3, side, side) of a grid over the picture, and the row of each."""
    down, right = picture.shape[0] // SIDE, picture.shape[1] // SIDE
    grid = picture[: down * SIDE, : right * SIDE].reshape(down, SIDE, right, SIDE, 3)
    patches = grid.transpose(0, 2, 4, 1, 3).reshape(-1, 3, SIDE, SIDE)
    return patches, np.repeat(np.arange(down), right)


def _drawn(patches: Array, count: int, random: np.random.Generator) -> Array:
    """Return `count` of the patches in which there is something to see."""
    seen = patches[patches.reshape(len(patches), -1).std(axis=1) > 5]
    return seen[random.permutation(len(seen))[:count]]


def _differences(patches: Array) -> Array:
    """Return every pixel less its left neighbour, modulo 256."""
    return np.diff(patches, axis=-1, prepend=np.uint8(0))
