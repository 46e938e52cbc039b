"""Visual Wake Words: is somebody there? Made from COCO's photographs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tinystudio.core.data import Dataset
from tinystudio.core.image_form import First, ImageForm, ImageSettings, decoded
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, kept
from tinystudio.downloads.pictures import picture_dataset
from tinystudio.downloads.streams import json_elements, zip_bytes, zip_ending

if TYPE_CHECKING:
    from PIL.Image import Image

# Sizes and checksums as TensorFlow Datasets publishes them.
_AT = "https://s3.amazonaws.com/images.cocodataset.org/"
_ANNOTATIONS = RemoteFile(
    "annotations_trainval2017.zip", f"{_AT}annotations/annotations_trainval2017.zip", 252_907_541,
    "sha256:113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
)  # fmt: skip
_TRAIN = RemoteFile(
    "train2017.zip", f"{_AT}zips/train2017.zip", 19_336_861_798,
    "sha256:69a8bb58ea5f8f99d24875f21416de2e9ded3178e903f1f7603e283b9e06d929",
)  # fmt: skip
_VALIDATION = RemoteFile(
    "val2017.zip", f"{_AT}zips/val2017.zip", 815_585_330,
    "sha256:4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
)  # fmt: skip
CLASSES = ("nobody", "person")
PERSON = 1  # COCO's number of the category
SMALLEST_SHARE = 0.005  # of the picture's area: less of a person does not count
SIDE = 96  # pixels, where neither settings nor network say


class VisualWakeWords(Download):
    """123,287 everyday photographs: is a person in sight? All of COCO 2017 is fetched, 20 GB.

    The label is made from COCO's annotations as in the paper (Chowdhery et al. 2019): somebody is
    there if a person covers more than 0.5 % of the picture. COCO's 118,287 training pictures are
    learned from, a fifth of them kept for validation; its 5,000 validation pictures are the test,
    where the paper has 8,059 others. Sized 96 x 96 where nothing else is said, the pictures then
    take 13.6 GB more in the cache.
    """

    id = "visual-wake-words"
    title = "Visual Wake Words"
    area = "Cameras"
    question = "Is somebody in the picture?"
    licence = "Annotations: CC BY 4.0, COCO Consortium. Photographs: as each author on Flickr says"
    terms = (
        "The annotations may be used, also commercially, if COCO is named. The photographs are "
        "under different Creative Commons licences, some of them non-commercial: to use them "
        "beyond your own research, look up each one's licence in the annotations."
    )
    source = "https://cocodataset.org"
    params = ImageSettings
    files: ClassVar[tuple[RemoteFile, ...]] = (_ANNOTATIONS, _VALIDATION, _TRAIN)
    role_of: ClassVar[dict[str, str]] = {"val2017": "test", "train2017": "train"}

    def dataset(self, request: Request) -> Dataset:
        """Return the photographs as the network wants them."""
        archives = {
            file.name.removesuffix(".zip"): zipfile.ZipFile(request.path / file.name)
            for file in self.files
            if file is not _ANNOTATIONS
        }
        try:
            return self._dataset(request, archives)
        finally:
            for archive in archives.values():
                archive.close()

    def _dataset(self, request: Request, archives: dict[str, zipfile.ZipFile]) -> Dataset:
        labelled: list[tuple[str, str, int]] = []
        for part in archives:
            labels = kept(request, part, partial(_labels, self.path(request), part))
            labelled += [(part, name, label) for name, label in sorted(labels.items())]
        listing = Listing(
            labels=np.array([label for _, _, label in labelled], np.int64),
            roles=np.array([self.role_of[part] for part, _, _ in labelled]),
            classes=CLASSES,
        )

        def pictures(form: ImageForm, wanted: Collection[int]) -> Iterator[tuple[int, Image]]:
            for number, (part, name, _) in enumerate(labelled):
                if number not in wanted:
                    continue
                request.reporter.check()
                request.reporter.progress(number, len(labelled), "Decoding photographs")
                data = io.BytesIO(zip_bytes(archives[part], f"{part}/{name}"))
                yield number, decoded(data, name, request.error, form.mode)

        first = First(SIDE, SIDE, is_grey=False)
        return picture_dataset(self.title, request, listing, first, pictures)


class FewVisualWakeWords(VisualWakeWords):
    """5,000 everyday photographs: is a person in sight? COCO's validation pictures alone.

    A twentieth of Visual Wake Words, for where 20 GB are too much. The label is made as there:
    somebody is there if a person covers more than 0.5 % of the picture. Cut 60/20/20 by label;
    figures do not compare with those of the whole. Sized 96 x 96 where nothing else is said.
    """

    id = "visual-wake-words-small"
    title = "Visual Wake Words, a small part"
    files: ClassVar[tuple[RemoteFile, ...]] = (_ANNOTATIONS, _VALIDATION)
    role_of: ClassVar[dict[str, str]] = {"val2017": ""}


def _labels(path: Path, part: str) -> dict[str, int]:
    """Return the label of every picture by its name; raises `ValueError`."""
    sizes: dict[int, tuple[str, float]] = {}
    persons: list[tuple[int, float]] = []  # annotations may stand before the pictures
    with zipfile.ZipFile(path) as archive:
        name = zip_ending(archive, f"instances_{part}.json")
        with archive.open(name) as file:
            for kind, item in json_elements(file, {"images", "annotations"}):
                if kind == "images":
                    area = float(item["width"]) * float(item["height"])
                    sizes[int(item["id"])] = (str(item["file_name"]), area)
                elif item["category_id"] == PERSON:
                    persons.append((int(item["image_id"]), float(item["area"])))
    labels = {name: 0 for name, _ in sizes.values()}
    for image, area in persons:
        name, whole_area = sizes[image]
        if area > SMALLEST_SHARE * whole_area:
            labels[name] = 1
    return labels
