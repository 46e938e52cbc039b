"""Images in one folder per class: PNG, JPEG, BMP, WebP."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.class_folders import (
    ClassFolders,
    class_files,
    folder_state,
    has_class_files,
)
from tinystudio.core.class_order import classes_setting, written
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples, Sizes
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, choice, integer, text
from tinystudio.core.stored_rows import Pieces, stored_rows
from tinystudio.datasets.format import DataFormat, Request

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


MAKING = set(ImageSettings.model_fields) - {"classes"}  # settings that pixels depend on


class ImageFolder(DataFormat):
    """A folder with one folder of images per class, named after the class (PNG, JPEG, BMP, WebP).

    Classes are numbered as the setting or the model's file says, else by name. Where there are
    folders `train` and `validation` (or `val`) and `test` above the classes, they are the splits;
    one that is missing is cut from train (a fifth). Otherwise images are cut 60/20/20, the classes
    spread evenly.

    Size, colour, layout and normalization follow the model where its file tells them. Images are
    decoded once and kept in the program's cache folder, so that they need not fit into memory.
    Turned pictures (EXIF) are taken as they are stored, and transparency is dropped.
    """

    id: ClassVar[str] = "image-folder"
    title: ClassVar[str] = "Folder of images by class"
    suffixes: ClassVar[tuple[str, ...]] = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
    is_folder: ClassVar[bool] = True
    params: ClassVar[type[ImageSettings]] = ImageSettings

    def recognizes(self, path: Path) -> bool:
        """Say whether there are images in folders below."""
        return has_class_files(path, self.suffixes)

    def state(self, path: Path) -> Hashable:
        """Return what changes with the folders."""
        return folder_state(path)

    def read(self, request: Request) -> Dataset:
        """Decode, or fetch what was decoded before; raises `UserError` naming the image."""
        every = class_files(request.path, self.suffixes, request.title, request.reporter)
        folders = every.few(request.most)
        given = request.settings
        assert isinstance(given, ImageSettings)
        # Splits and what is kept are the same in whatever order the classes are numbered.
        named = folders.ordered(given.classes, request.wanted.classes, request.title)
        splits = folders.cut(request.seed)
        hint = "Add images: at least three of each class."
        check_splits(splits, request.title, hint)
        form = _form(folders, request)
        order = np.concatenate(list(splits.values()))
        try:
            kept_by = form.settings.model_dump(include=MAKING)
            key = repr((folders.fingerprint(), kept_by, form.preprocessing, order.tolist()))
        except OSError as error:
            raise request.error(f"{error.filename}: {error.strerror}.", "Try again.") from None
        stored = stored_rows(
            key, (len(order), *form.shape), lambda: _decoded(folders, order, form, request),
            request.reporter,
        )  # fmt: skip
        samples = Samples((stored.rows,), named.labels[order], order)
        train, validation, test = samples.cut([len(part) for part in splits.values()])
        return assemble(
            request.path.name,
            train=train,
            validation=validation,
            test=test,
            seed=request.seed,
            classes=named.classes,
            preprocessing=form.preprocessing,
            settings=form.settings.model_dump() | {"classes": written(named.classes)},
            content=stored.content,
        )


@dataclass(frozen=True)
class _Form:
    """The settings with nothing left open, and what follows from them."""

    settings: ImageSettings
    preprocessing: Preprocessing

    @property
    def mode(self) -> str:
        return "L" if self.settings.colour == "grey" else "RGB"

    @property
    def shape(self) -> tuple[int, int, int]:
        rows, columns, channels = self.settings.height, self.settings.width, len(self.mode)
        if self.settings.layout == "channels-first":
            return (channels, rows, columns)
        return (rows, columns, channels)

    def prepared(self, image: Image) -> Array:
        """Return an image as the network wants it."""
        pixels = np.asarray(_fitted(image, self.settings))
        planes = pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1)
        values = self.preprocessing.applied(planes[None])[0]
        first = self.settings.layout == "channels-first"
        return values if first else np.moveaxis(values, 0, -1)


def _form(folders: ClassFolders, request: Request) -> _Form:
    """Settle what the settings leave open: by the network, else by the first image."""
    given = request.settings
    assert isinstance(given, ImageSettings)
    first = _opened(folders, 0, request)
    wanted = _by_network(request.wanted.sample)
    settled = {
        "width": given.width or wanted.width or first.width,
        "height": given.height or wanted.height or first.height,
        "colour": ("grey" if first.mode in GREY_MODES else "rgb")
        if wanted.colour == "guess"
        else wanted.colour,
        "layout": wanted.layout,
    }
    for name in ("colour", "layout"):
        if getattr(given, name) != "guess":
            settled[name] = getattr(given, name)
    sized = given.model_copy(update=settled)
    if max(sized.width, sized.height) > LARGEST_SIDE:
        raise request.error(
            f"Images of {sized.width} x {sized.height} pixels are too large.",
            f"Set width and height; at most {LARGEST_SIDE} are possible.",
        )
    normalized = _normalized(sized, request)
    return _Form(normalized, _preprocessing(normalized, request))


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


def _normalized(settings: ImageSettings, request: Request) -> ImageSettings:
    """Settle the normalization; the network's file may say it, in pixels of 0 to 255."""
    if settings.normalization != "guess":
        return settings
    mean, scale = request.wanted.mean, request.wanted.scale
    if len(mean) not in (1, 1 if settings.colour == "grey" else 3):
        return settings.model_copy(update={"normalization": "unit"})
    if set(mean) == {0.0} and set(scale) == {255.0}:
        return settings.model_copy(update={"normalization": "unit"})
    words = [",".join(f"{value / 255:.8g}" for value in values) for values in (mean, scale)]
    return settings.model_copy(update={"normalization": "own", "mean": words[0], "scale": words[1]})


def _preprocessing(settings: ImageSettings, request: Request) -> Preprocessing:
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
            raise request.error(
                "ImageNet's mean and deviation are for three colours, the images are grey.",
                "Set colour=rgb, or normalization=own with a mean and a scale.",
            )
    elif settings.normalization == "own":
        mean = _numbers("mean", settings.mean or "0", channels, request)
        scale = _numbers("scale", settings.scale or "1", channels, request)
        note = "(pixels / 255 - mean) / scale"
        if not all(scale):
            raise request.error("The setting scale has a 0.", "Use numbers other than 0.")
    return Preprocessing(
        tuple(float(f"{255 * value:.8g}") for value in mean),
        tuple(float(f"{255 * value:.8g}") for value in scale),
        f"(x - mean) / scale on pixels of 0 to 255: {note}",
    )


def _numbers(name: str, words: str, channels: int, request: Request) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in words.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in (1, channels) or not np.isfinite(numbers).all():
        raise request.error(
            f"The setting {name} is {words!r}.",
            f"Give one number, or {channels}, with commas between them.",
        )
    return numbers


def _decoded(folders: ClassFolders, order: Array, form: _Form, request: Request) -> Pieces:
    for place, index in enumerate(order):
        request.reporter.progress(place, len(order), f"Decoding images of {request.path.name}")
        request.reporter.check()
        image = _opened(folders, int(index), request, form.mode)
        yield np.array([place]), form.prepared(image)[None]


def _opened(folders: ClassFolders, index: int, request: Request, mode: str = "") -> Image:
    """Return a decoded image, in another mode where one is given.

    Raises `UserError` that names the file.
    """
    from PIL import Image as Pillow

    name = folders.name(index)
    path = folders.files[index].path
    try:
        with warnings.catch_warnings():
            # Too large is judged here, by one rule for all; other remarks are of no use.
            warnings.simplefilter("ignore")
            with Pillow.open(path, formats=KINDS) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise _too_large(name, request)
                if image.mode in DEEP_MODES:
                    raise request.error(
                        f"{name} has more than 8 bits per colour ({image.mode}).",
                        "Save it with 8 bits per colour.",
                    )
                return image.convert(mode) if mode else image.copy()
    except Pillow.DecompressionBombError:
        raise _too_large(name, request) from None
    except _DAMAGE as error:
        reason = str(error).strip().rstrip(".") or type(error).__name__
        raise request.error(
            f"{name} could not be decoded ({_without_path(reason, path)}).",
            "Repair the file, or remove it.",
        ) from None


def _too_large(name: str, request: Request) -> UserError:
    return request.error(
        f"{name} has more than {MOST_PIXELS / 1e6:.0f} million pixels.",
        "Make it smaller, or remove it.",
    )


def _without_path(reason: str, path: Path) -> str:
    return reason.replace(str(path), path.name)


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
