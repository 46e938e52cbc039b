"""Speech Commands: single words, said by thousands of people."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from tinystudio.core.data import Dataset
from tinystudio.core.sound_form import SoundSettings
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, kept
from tinystudio.downloads.sounds import Recording, sound_dataset
from tinystudio.downloads.streams import listed, made, whole

RATE = 16_000
LISTS = {"validation_list.txt": "validation", "testing_list.txt": "test"}
NO_WORD = "_"  # begins the name of the folder of background noise


class SpeechCommands(Download):
    """105,829 recordings of 35 words in English, a second each, by 2,618 people (version 2).

    Splits by the two lists in the archive, which divide by speaker: nobody who is heard in one
    split is heard in another. All 35 words are classes, in the order of their names; background
    noise is left out, so that there are no classes for silence and for unknown words.
    """

    id = "speech-commands"
    title = "Speech Commands v2"
    area = "Phones and wearables"
    question = "Which word was said?"
    licence = "CC BY 4.0, P. Warden, Google"
    terms = "You may use, share and change it, also commercially, if you name the author."
    source = "https://arxiv.org/abs/1804.03209"
    params = SoundSettings
    files = (
        # Size and checksum as TensorFlow Datasets publishes them.
        RemoteFile(
            "speech_commands_v0.02.tar.gz",
            "https://storage.googleapis.com/download.tensorflow.org/data/"
            "speech_commands_v0.02.tar.gz",
            2_428_923_189,
            "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the recordings as the network wants them."""
        found = kept(request, "members", lambda: self._members(request))
        names: list[str] = found["names"]
        words = tuple(sorted({name.split("/")[-2] for name in names}))
        number_of = {name: number for number, name in enumerate(names)}
        role_of = {name: role for role, listed in found["lists"].items() for name in listed}
        listing = Listing(
            labels=np.array([words.index(name.split("/")[-2]) for name in names], np.int64),
            roles=np.array([role_of.get("/".join(n.split("/")[-2:]), "train") for n in names]),
            classes=words,
            groups=np.array([name.rpartition("/")[2].split("_")[0] for name in names]),
        )

        def recordings(wanted: Collection[int]) -> Iterator[Recording]:
            for name, file in made(self.path(request), request.reporter, "Hearing words"):
                if number_of.get(name) in wanted:
                    yield Recording(number_of[name], name, whole(file, name))

        return sound_dataset(self.title, request, listing, RATE, recordings)

    def _members(self, request: Request) -> dict[str, Any]:
        """Return the names of all recordings, and those that each list names."""
        names: list[str] = []
        lists: dict[str, list[str]] = {}
        text = "Looking through the recordings"
        for name, file in listed(self.path(request), request.reporter, text):
            last = name.rpartition("/")[2]
            if last in LISTS:
                lists[LISTS[last]] = whole(file, name).decode().split()
            elif name.endswith(".wav") and not name.split("/")[-2].startswith(NO_WORD):
                names.append(name)
        if len(lists) != len(LISTS):
            raise KeyError(f"{' or '.join(LISTS)} is not in it")
        return {"names": names, "lists": lists}
