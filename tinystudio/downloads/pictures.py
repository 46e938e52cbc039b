"""Downloaded pictures as a data set: from arrays of pixels, or from picture files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tinystudio.core.data import Array, Dataset
from tinystudio.core.image_form import First, ImageForm, ImageSettings, settled
from tinystudio.datasets.format import Request
from tinystudio.downloads.listing import Listing, Made, Rows, assembled, in_order, numbered
from tinystudio.downloads.streams import read_idx

if TYPE_CHECKING:
    from PIL.Image import Image

# Of those that are wanted: number and decoded picture.
Pictures = Callable[[ImageForm, Collection[int]], Iterator[tuple[int, "Image"]]]


def picture_dataset(
    title: str, request: Request, listing: Listing, first: First, pictures: Pictures
) -> Dataset:
    """Return pictures as the network and the settings want them; else of the size of `first`."""
    given = request.settings
    assert isinstance(given, ImageSettings)
    form = settled(given, request.wanted, first, request.error)

    def rows(wanted: Collection[int]) -> Rows:
        for number, picture in pictures(form, wanted):
            yield number, form.prepared(picture)

    made = Made(form.shape, rows, form.settings.model_dump(), form.preprocessing)
    return assembled(title, request, listing, made)


def pixel_dataset(title: str, request: Request, listing: Listing, pixels: Array) -> Dataset:
    """Return pictures given as bytes: (n, rows, columns) or (n, rows, columns, 3)."""
    from PIL import Image as Pillow

    def pictures(form: ImageForm, wanted: Collection[int]) -> Iterator[tuple[int, Image]]:
        for number, picture in enumerate(pixels):
            if number not in wanted:
                continue
            if number % 256 == 0:
                request.reporter.check()
                request.reporter.progress(number, len(pixels), f"Preparing {title}")
            yield number, Pillow.fromarray(picture).convert(form.mode)

    first = First(pixels.shape[2], pixels.shape[1], is_grey=pixels.ndim == 3)
    return picture_dataset(title, request, listing, first, pictures)


def idx_dataset(title: str, request: Request, classes: tuple[str, ...]) -> Dataset:
    """Return the pictures and labels of MNIST's four files; raises `ValueError`."""
    pixels, labels, counts = [], [], {}
    for role, name in (("train", "train"), ("test", "t10k")):
        pixels.append(read_idx(request.path / f"{name}-images-idx3-ubyte.gz"))
        labels.append(read_idx(request.path / f"{name}-labels-idx1-ubyte.gz"))
        if pixels[-1].ndim != 3 or labels[-1].shape != pixels[-1].shape[:1]:
            raise ValueError(f"there is not one label per picture in {name}")
        counts[role] = len(labels[-1])
    numbers = numbered(np.concatenate(labels), classes)
    listing = Listing(numbers, in_order(counts), classes)
    return pixel_dataset(title, request, listing, np.concatenate(pixels))
