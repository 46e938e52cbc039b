"""UCI HAR: what somebody with a telephone at the waist is doing."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from tinystudio.core.data import Array, Dataset
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, in_order, numbered
from tinystudio.downloads.series import SeriesSettings, series_dataset
from tinystudio.downloads.streams import inner_zip, zip_bytes, zip_ending

CLASSES = ("walking", "walking upstairs", "walking downstairs", "sitting", "standing", "laying")
SIGNALS = tuple(
    f"{kind}_{axis}" for kind in ("body_acc", "body_gyro", "total_acc") for axis in "xyz"
)
STEPS = 128


class UciHar(Download):
    """10,299 stretches of 2.56 s of what 30 people did with a telephone at the waist.

    Nine signals of 128 steps at 50 Hz: acceleration without and with gravity (g) and rotation
    (rad/s). The raw signals are used, not the 561 features made from them. Splits by person: the
    21 of the published training, of whom a fifth is kept for validation, and 9 others for the
    test. Stretches overlap by half, so that neighbours are alike.
    """

    id = "uci-har"
    title = "UCI HAR"
    area = "Phones and wearables"
    question = "What is the person doing?"
    licence = "CC BY 4.0, J. Reyes-Ortiz, D. Anguita, A. Ghio, L. Oneto and X. Parra"
    terms = (
        "You may use, share and change it, also commercially, if you name the authors: so says "
        "the repository's page. The older text inside the archive forbids commercial use."
    )
    source = "https://doi.org/10.24432/C54S4K"
    params = SeriesSettings
    files = (
        # The repository publishes no checksum; this one is noted alike in many public projects.
        RemoteFile(
            "human-activity-recognition-using-smartphones.zip",
            "https://archive.ics.uci.edu/static/public/240/"
            "human+activity+recognition+using+smartphones.zip",
            61_000_000, "sha256:c00b803081a5c797cd5e4b83700a9810b38d53d9d84e01917e090e1fdbc81031",
            is_exact=False,
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the stretches (9, 128) as the network wants them."""
        signals, labels, people, counts = [], [], [], {}
        with inner_zip(self.path(request), "UCI HAR Dataset.zip") as archive:
            for part in ("train", "test"):
                request.reporter.check()
                signals.append(_signals(archive, part))
                labels.append(_table(archive, f"/{part}/y_{part}.txt")[:, 0] - 1)
                people.append(_table(archive, f"/{part}/subject_{part}.txt")[:, 0])
                counts[part] = len(signals[-1])
                if not len(labels[-1]) == len(people[-1]) == counts[part]:
                    raise ValueError(f"{part} has not one label and person per stretch")
        listing = Listing(
            labels=numbered(np.concatenate(labels), CLASSES),
            roles=in_order(counts),
            classes=CLASSES,
            groups=np.concatenate(people).astype(np.int64),
        )
        return series_dataset(self.title, request, listing, np.concatenate(signals), "none")


def _signals(archive: zipfile.ZipFile, part: str) -> Array:
    every = [_table(archive, f"/{part}/Inertial Signals/{signal}_{part}.txt") for signal in SIGNALS]
    if any(table.shape != (len(every[0]), STEPS) for table in every):
        raise ValueError(f"a signal of {part} has not {STEPS} steps in each line")
    return np.stack(every, axis=1)


def _table(archive: zipfile.ZipFile, ending: str) -> Array:
    data = zip_bytes(archive, zip_ending(archive, ending))
    return np.loadtxt(io.BytesIO(data), np.float32, ndmin=2)
