"""GTSRB: German traffic signs, as a car's camera sees them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tinystudio.core.data import Dataset
from tinystudio.core.image_form import First, ImageForm, ImageSettings, decoded
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, in_order, numbered
from tinystudio.downloads.pictures import picture_dataset
from tinystudio.downloads.streams import zip_bytes, zip_ending

if TYPE_CHECKING:
    from PIL.Image import Image

_AT = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"
SIDE = 32  # pixels, where neither settings nor network say; the pictures are 15 to 250
KIND = ("PPM",)
LIMITS = (20, 30, 50, 60, 70, 80)
CLASSES = (
    *(f"speed limit {limit}" for limit in LIMITS), "end of speed limit 80", "speed limit 100",
    "speed limit 120", "no passing", "no passing for lorries", "right of way at next crossing",
    "priority road", "give way", "stop", "no vehicles", "no lorries", "no entry", "danger",
    "curve to the left", "curve to the right", "double curve", "bumpy road", "slippery road",
    "road narrows on the right", "road works", "traffic signals", "pedestrians", "children",
    "bicycles", "ice or snow", "wild animals", "end of all limits", "turn right", "turn left",
    "straight on", "straight on or right", "straight on or left", "keep right", "keep left",
    "roundabout", "end of no passing", "end of no passing for lorries",
)  # fmt: skip


class TrafficSigns(Download):
    """39,270 pictures of 43 German traffic signs, cut out of a driving car's video.

    26,640 to learn from and 12,630 for the test, as published (the corrected training set of the
    competition). A fifth of the training is kept for validation, by track: the about thirty
    pictures of one and the same sign stay together. Pictures are brought to one size, 32 x 32
    where nothing else is said, with the margin of about a tenth around the sign.
    """

    id = "traffic-signs"
    title = "GTSRB traffic signs"
    area = "Vehicles and drones"
    question = "Which traffic sign is it?"
    licence = "No licence is stated, J. Stallkamp et al., Ruhr-Universität Bochum"
    terms = (
        "The page offers the pictures for research and asks to cite the paper (Stallkamp et al. "
        "2012); it grants nothing beyond in words."
    )
    source = "https://benchmark.ini.rub.de/gtsrb_news.html"
    params = ImageSettings
    files = (
        # Checksums as torchvision publishes them.
        RemoteFile(
            "GTSRB-Training_fixed.zip", f"{_AT}GTSRB-Training_fixed.zip", 187_490_228,
            "md5:513f3c79a4c5141765e10e952eaa2478",
        ),
        RemoteFile(
            "GTSRB_Final_Test_Images.zip", f"{_AT}GTSRB_Final_Test_Images.zip", 88_978_620,
            "md5:c7e4e6327067d32654124b0fe9e82185",
        ),
        RemoteFile(
            "GTSRB_Final_Test_GT.zip", f"{_AT}GTSRB_Final_Test_GT.zip", 99_620,
            "md5:fe31e9c9270bbcd7b84b7f21a9d9d9e5",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the signs as the network wants them."""
        train_path, test_path, truth_path = (self.path(request, number) for number in range(3))
        with zipfile.ZipFile(train_path) as train, zipfile.ZipFile(test_path) as test:
            known = sorted(name for name in train.namelist() if name.endswith(".ppm"))
            truth = _truth(truth_path)
            asked = sorted(name for name in test.namelist() if name.endswith(".ppm"))
            # .../00012/00003_00029.ppm: class, track of one sign, picture of it
            labels = [int(name.split("/")[-2]) for name in known]
            tracks = ["/".join(name.split("/")[-2:]).partition("_")[0] for name in known]
            labels += [truth[name.rpartition("/")[2]] for name in asked]
            listing = Listing(
                labels=numbered(np.array(labels), CLASSES),
                roles=in_order({"train": len(known), "test": len(asked)}),
                classes=CLASSES,
                groups=np.array(tracks + asked),
            )

            def pictures(form: ImageForm, wanted: Collection[int]) -> Iterator[tuple[int, Image]]:
                for number, name in enumerate(known + asked):
                    if number not in wanted:
                        continue
                    request.reporter.check()
                    request.reporter.progress(number, len(labels), "Decoding traffic signs")
                    archive = train if number < len(known) else test
                    data = io.BytesIO(zip_bytes(archive, name))
                    yield number, decoded(data, name, request.error, form.mode, KIND)

            first = First(SIDE, SIDE, is_grey=False)
            return picture_dataset(self.title, request, listing, first, pictures)


def _truth(path: Path) -> dict[str, int]:
    """Return the class of every picture of the test by its name."""
    with zipfile.ZipFile(path) as archive:
        text = zip_bytes(archive, zip_ending(archive, ".csv")).decode()
    rows = csv.DictReader(io.StringIO(text), delimiter=";", skipinitialspace=True)
    return {row["Filename"]: int(row["ClassId"]) for row in rows}
