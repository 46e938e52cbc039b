"""Small folders of images, of the true formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (8, 6), grey: bool = False) -> Image.Image:
    """Return noise of `size` (width, height)."""
    shape = (size[1], size[0]) if grey else (size[1], size[0], 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return Image.fromarray(pixels)


def image_folder(
    root: Path, counts: dict[str, int], suffix: str = ".png", grey: bool = False
) -> Path:
    """Write so many images into each folder below `root`, e.g. {"cat": 5} or {"test/cat": 2}."""
    for number, (name, count) in enumerate(counts.items()):
        folder = root / name
        folder.mkdir(parents=True)
        for index in range(count):
            picture(1000 * number + index, grey=grey).save(folder / f"{index:03}{suffix}")
    return root
