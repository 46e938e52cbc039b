"""Images in one folder per class: PNG, JPEG, BMP, WebP."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.class_folders import (
    ClassFolders,
    class_files,
    folder_state,
    has_class_files,
)
from tinystudio.core.class_order import written
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.image_form import First, ImageForm, ImageSettings, decoded, settled
from tinystudio.core.stored_rows import Pieces, stored_rows
from tinystudio.datasets.format import DataFormat, Request

if TYPE_CHECKING:
    from PIL.Image import Image

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


def _form(folders: ClassFolders, request: Request) -> ImageForm:
    """Settle what the settings leave open: by the network, else by the first image."""
    given = request.settings
    assert isinstance(given, ImageSettings)
    return settled(given, request.wanted, First.of(_opened(folders, 0, request)), request.error)


def _decoded(folders: ClassFolders, order: Array, form: ImageForm, request: Request) -> Pieces:
    for place, index in enumerate(order):
        request.reporter.progress(place, len(order), f"Decoding images of {request.path.name}")
        request.reporter.check()
        image = _opened(folders, int(index), request, form.mode)
        yield np.array([place]), form.prepared(image)[None]


def _opened(folders: ClassFolders, index: int, request: Request, mode: str = "") -> Image:
    """Return a decoded image, in another mode where one is given; raises `UserError`."""
    return decoded(folders.files[index].path, folders.name(index), request.error, mode)
