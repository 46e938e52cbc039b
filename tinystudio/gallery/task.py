"""What every gallery task is: a real question, real data, a trained network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from tinystudio.core.data import Dataset
from tinystudio.core.places import resources

# In the order in which they are shown; a task of another area comes behind these.
AREAS = (
    "Phones and wearables",
    "Cameras",
    "Industry",
    "Vehicles and drones",
    "Health",
    "Documents",
)


class GalleryTask(ABC):
    """A ready task. A subclass's docstring tells a newcomer what it is about.

    Network, data and picture ship in resources/gallery/<id>/.
    """

    id: ClassVar[str]  # used as gallery:ID
    title: ClassVar[str]
    area: ClassVar[str]  # where it is used, one of AREAS or another
    question: ClassVar[str]  # what the network answers, in one sentence
    look_at: ClassVar[str]  # what is interesting to try here
    licence: ClassVar[str]
    source: ClassVar[str]

    @property
    def help(self) -> str:
        """Return the description."""
        return (type(self).__doc__ or "").strip()

    @property
    def folder(self) -> Path:
        """Return where this task's files are."""
        return resources() / "gallery" / self.id

    @property
    def network_path(self) -> Path:
        """Return the trained network, an ONNX file with its batch normalization."""
        return self.folder / "network.onnx"

    @property
    def picture_path(self) -> Path:
        """Return a small picture made from the data, 400x225 pixels."""
        return self.folder / "picture.png"

    @abstractmethod
    def dataset(self) -> Dataset:
        """Return the data, split without leaking groups; the same at every call."""
