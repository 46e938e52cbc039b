"""Free Spoken Digits: six people saying the digits."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from tinystudio.core.data import Dataset
from tinystudio.core.sound_form import SoundSettings
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, kept
from tinystudio.downloads.sounds import Recording, sound_dataset
from tinystudio.downloads.streams import listed, made, whole

RATE = 8_000
FOLDER = "recordings"
DIGITS = tuple("0123456789")
# Six people are few: one is asked about, one is explored on, four are learned from.
ROLE_OF = {"yweweler": "validation", "lucas": "test"}


class SpokenDigits(Download):
    """3,000 recordings at 8 kHz: six people say each digit fifty times (version 1.0.9).

    Split by speaker, unlike the published split, which has every speaker in both parts: “lucas”
    is for the test, “yweweler” for validation, the other four for training. A score on one
    speaker says little about others: read the interval with that in mind.
    """

    id = "spoken-digits"
    title = "Free Spoken Digits"
    area = "Phones and wearables"
    question = "Which digit was said?"
    licence = "CC BY-SA 4.0, Z. Jackson et al."
    terms = (
        "You may use, share and change it, also commercially, if you name the authors and share "
        "changed copies under the same licence."
    )
    source = "https://github.com/Jakobovski/free-spoken-digit-dataset"
    params = SoundSettings
    files = (
        # Size and checksum as TensorFlow Datasets publishes them.
        RemoteFile(
            "free-spoken-digit-dataset-1.0.9.tar.gz",
            "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",
            11_975_353, "sha256:8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the recordings as the network wants them."""
        names: list[str] = kept(request, "members", lambda: self._names(request))
        parts = [name.rpartition("/")[2].removesuffix(".wav").split("_") for name in names]
        number_of = {name: number for number, name in enumerate(names)}
        listing = Listing(
            labels=np.array([DIGITS.index(digit) for digit, _, _ in parts], np.int64),
            roles=np.array([ROLE_OF.get(speaker, "train") for _, speaker, _ in parts]),
            classes=DIGITS,
            groups=np.array([speaker for _, speaker, _ in parts]),
        )

        def recordings(wanted: Collection[int]) -> Iterator[Recording]:
            for name, file in made(self.path(request), request.reporter, "Hearing digits"):
                if number_of.get(name) in wanted:
                    yield Recording(number_of[name], name, whole(file, name))

        return sound_dataset(self.title, request, listing, RATE, recordings)

    def _names(self, request: Request) -> list[str]:
        """Return the names of all recordings: DIGIT_SPEAKER_NUMBER.wav in `recordings`."""
        members = listed(self.path(request), request.reporter, "Looking for digits")
        return [
            name for name, _ in members if name.endswith(".wav") and name.split("/")[-2] == FOLDER
        ]
