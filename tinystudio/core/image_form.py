"""How pictures become a network's input: decoded, brought to size, colour, layout and range.

Settings that are left open follow what the network wants, else a first picture.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

import numpy as np

from tinystudio.core.class_order import classes_setting
from tinystudio.core.data import Array, Preprocessing, Sizes, Wanted
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, text

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST_SIDE = 4096
MOST_PIXELS = 100_000_000  # of one image: more is a bomb, or no work for a small network
KINDS = ("PNG", "JPEG", "BMP", "WEBP")  # nothing else that Pillow knows is tried
GREY_MODES, DEEP_MODES = ("1", "L", "LA"), ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
# Of ImageNet's training images, in 0..1 and in the order red, green, blue.
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# What Pillow is known to raise on damaged files.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, IndexError,
           TypeError, OverflowError, MemoryError)  # fmt: skip

Refuse = Callable[[str, str], UserError]  # makes the error of a detail and a hint


class ImageSettings(Params):
    """How images become the network's input."""

    width: int = integer(
        0, title="Width", ge=0, le=LARGEST_SIDE,
        help="Pixels across. 0: as the model wants it, else as the first image.",
    )  # fmt: skip
    height: int = integer(
        0, title="Height", ge=0, le=LARGEST_SIDE,
        help="Pixels down. 0: as the model wants it, else as the first image.",
    )  # fmt: skip
    fit: Literal["stretch", "crop"] = choice(
        "stretch", title="Fit", titles={"stretch": "stretch", "crop": "cut the middle out"},
        help="How an image of another shape is brought to size (bilinear).",
    )  # fmt: skip
    colour: Literal["guess", "grey", "rgb"] = choice(
        "guess", title="Colour",
        titles={"guess": "as the model wants it", "grey": "grey", "rgb": "red, green, blue"},
        help="One channel or three. Without a model: grey where the first image is.",
    )  # fmt: skip
    layout: Literal["guess", "channels-first", "channels-last"] = choice(
        "guess", title="Layout",
        titles={
            "guess": "as the model wants it", "channels-first": "channels, rows, columns",
            "channels-last": "rows, columns, channels",
        },
        help="The order of axes: PyTorch has the channels first, TensorFlow last.",
    )  # fmt: skip
    normalization: Literal["guess", "none", "unit", "imagenet", "own"] = choice(
        "guess", title="Normalization",
        titles={
            "guess": "as the model's file says, else 0 to 1", "none": "none: 0 to 255",
            "unit": "0 to 1", "imagenet": "ImageNet's mean and deviation", "own": "own",
        },
        help="What is done to the pixels. It must be what the model was trained with.",
    )  # fmt: skip
    mean: str = text(
        title="Own mean", empty="0",
        help="Taken off pixels of 0 to 1: one number, or one per channel: 0.5,0.5,0.5.",
    )  # fmt: skip
    scale: str = text(
        title="Own scale", empty="1",
        help="What pixels of 0 to 1 are divided by after that: one number, or one per channel.",
    )  # fmt: skip
    classes: str = classes_setting()


@dataclass(frozen=True)
class ImageForm:
    """The settings with nothing left open, and what follows from them."""

    settings: ImageSettings
    preprocessing: Preprocessing

    @property
    def mode(self) -> str:
        """Return Pillow's word for the colours."""
        return "L" if self.settings.colour == "grey" else "RGB"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the shape of one sample."""
        rows, columns, channels = self.settings.height, self.settings.width, len(self.mode)
        if self.settings.layout == "channels-first":
            return (channels, rows, columns)
        return (rows, columns, channels)

    def prepared(self, image: Image) -> Array:
        """Return an image of that mode as the network wants it."""
        pixels = np.asarray(_fitted(image, self.settings))
        planes = pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1)
        values = self.preprocessing.applied(planes[None])[0]
        first = self.settings.layout == "channels-first"
        return values if first else np.moveaxis(values, 0, -1)


@dataclass(frozen=True)
class First:
    """The size of a first picture in pixels, and whether it is grey."""

    width: int
    height: int
    is_grey: bool

    @classmethod
    def of(cls, image: Image) -> First:
        """Return that of a decoded picture."""
        return cls(image.width, image.height, image.mode in GREY_MODES)


def settled(given: ImageSettings, wants: Wanted, first: First, refuse: Refuse) -> ImageForm:
    """Settle what the settings leave open: by the network, else by the first picture."""
    wanted = _by_network(wants.sample)
    known = {
        "width": given.width or wanted.width or first.width,
        "height": given.height or wanted.height or first.height,
        "colour": ("grey" if first.is_grey else "rgb")
        if wanted.colour == "guess"
        else wanted.colour,
        "layout": wanted.layout,
    }
    for name in ("colour", "layout"):
        if getattr(given, name) != "guess":
            known[name] = getattr(given, name)
    sized = given.model_copy(update=known)
    if max(sized.width, sized.height) > LARGEST_SIDE:
        raise refuse(
            f"Images of {sized.width} x {sized.height} pixels are too large.",
            f"Set width and height; at most {LARGEST_SIDE} are possible.",
        )
    normalized = _normalized(sized, wants)
    return ImageForm(normalized, _preprocessing(normalized, refuse))


def decoded(
    source: Path | IO[bytes],
    name: str,
    refuse: Refuse,
    mode: str = "",
    kinds: tuple[str, ...] = KINDS,
) -> Image:
    """Return a decoded picture, in another mode where one is given.

    Raises `UserError` that calls it `name`.
    """
    from PIL import Image as Pillow

    try:
        with warnings.catch_warnings():
            # Too large is judged here, by one rule for all; other remarks are of no use.
            warnings.simplefilter("ignore")
            with Pillow.open(source, formats=kinds) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _too_large(name, refuse)
                if image.mode in DEEP_MODES:
                    raise refuse(
                        f"{name} has more than 8 bits per colour ({image.mode}).",
                        "Save it with 8 bits per colour.",
                    )
                return image.convert(mode) if mode else image.copy()
    except Pillow.DecompressionBombError:
        raise _too_large(name, refuse) from None
    except _DAMAGE as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        if isinstance(source, Path):  # the folders of this computer are of no use to a reader
            reason = reason.replace(str(source), source.name)
        raise refuse(
            f"{name} could not be decoded ({reason}).", "Repair the file, or remove it."
        ) from None


def _by_network(sample: Sizes) -> ImageSettings:
    """Return what the shape of one sample says; a side that is open is 0."""
    if len(sample) != 3:
        return ImageSettings(layout="channels-first")
    last = sample[2] in (1, 3) and sample[0] not in (1, 3)
    channels = sample[2] if last else sample[0]
    rows, columns = sample[:2] if last else sample[1:]
    colour = {1: "grey", 3: "rgb"}.get(channels if isinstance(channels, int) else 0, "guess")
    return ImageSettings.model_validate(
        {
            "width": _side(columns),
            "height": _side(rows),
            "colour": colour,
            "layout": "channels-last" if last else "channels-first",
        }
    )


def _side(size: int | str | None) -> int:
    return size if isinstance(size, int) and 0 < size <= LARGEST_SIDE else 0


def _normalized(settings: ImageSettings, wants: Wanted) -> ImageSettings:
    """Settle the normalization; the network's file may say it, in pixels of 0 to 255."""
    if settings.normalization != "guess":
        return settings
    mean, scale = wants.mean, wants.scale
    if len(mean) not in (1, 1 if settings.colour == "grey" else 3):
        return settings.model_copy(update={"normalization": "unit"})
    if set(mean) == {0.0} and set(scale) == {255.0}:
        return settings.model_copy(update={"normalization": "unit"})
    words = [",".join(f"{value / 255:.8g}" for value in values) for values in (mean, scale)]
    return settings.model_copy(update={"normalization": "own", "mean": words[0], "scale": words[1]})


def _preprocessing(settings: ImageSettings, refuse: Refuse) -> Preprocessing:
    channels = 1 if settings.colour == "grey" else 3
    if settings.normalization == "none":
        return Preprocessing(note="none: pixels from 0 to 255")
    mean: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)
    note = "pixels / 255, from 0 to 1"
    if settings.normalization == "imagenet":
        mean, scale = IMAGENET
        note = "(pixels / 255 - mean) / deviation of ImageNet"
        if channels == 1:
            raise refuse(
                "ImageNet's mean and deviation are for three colours, the images are grey.",
                "Set colour=rgb, or normalization=own with a mean and a scale.",
            )
    elif settings.normalization == "own":
        mean = _numbers("mean", settings.mean or "0", channels, refuse)
        scale = _numbers("scale", settings.scale or "1", channels, refuse)
        note = "(pixels / 255 - mean) / scale"
        if not all(scale):
            raise refuse("The setting scale has a 0.", "Use numbers other than 0.")
    return Preprocessing(
        tuple(float(f"{255 * value:.8g}") for value in mean),
        tuple(float(f"{255 * value:.8g}") for value in scale),
        f"(x - mean) / scale on pixels of 0 to 255: {note}",
    )


def _numbers(name: str, words: str, channels: int, refuse: Refuse) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in words.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, channels) or not np.isfinite(numbers).all():
        raise refuse(
            f"The setting {name} is {words!r}.",
            f"Give one number, or {channels}, with commas between them.",
        )
    return numbers


def _too_large(name: str, refuse: Refuse) -> UserError:
    return refuse(
        f"{name} has more than {MOST_PIXELS / 1e6:.0f} million pixels.",
        "Make it smaller, or remove it.",
    )


def _fitted(image: Image, settings: ImageSettings) -> Image:
    """Return an image of the wanted size: stretched, or its middle cut out."""
    from PIL.Image import Resampling

    size = (settings.width, settings.height)
    if image.size == size:
        return image
    if settings.fit == "stretch":
        return image.resize(size, Resampling.BILINEAR)
    share = min(image.width / size[0], image.height / size[1])
    across, down = size[0] * share, size[1] * share
    left, top = (image.width - across) / 2, (image.height - down) / 2
    return image.resize(size, Resampling.BILINEAR, (left, top, left + across, top + down))
