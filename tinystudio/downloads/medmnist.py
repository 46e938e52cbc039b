"""Medical pictures of the MedMNIST collection: X-rays, blood cells, skin."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.data import Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.image_form import ImageSettings
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, in_order, numbered
from tinystudio.downloads.pictures import pixel_dataset

# Checksums as the package medmnist publishes them (medmnist/info.py); it publishes no sizes.
_AT = "https://zenodo.org/records/10519652/files/"
ROLES = (("train", "train"), ("validation", "val"), ("test", "test"))  # and as files call them


class MedMnist(Download):
    """Pictures of one part of MedMNIST, in the three splits that are published."""

    area = "Health"
    source = "https://medmnist.com"
    params = ImageSettings

    @property
    @abstractmethod
    def classes(self) -> tuple[str, ...]:
        """Return the names of the classes in order."""

    def dataset(self, request: Request) -> Dataset:
        """Return the pictures as the network wants them."""
        try:
            arrays = read_arrays(self.path(request))
        except UserError as error:  # it says how to write such a file, which is not the point
            raise ValueError(error.detail) from error
        pixels = [arrays[f"{name}_images"] for _, name in ROLES]
        labels = [arrays[f"{name}_labels"].reshape(-1) for _, name in ROLES]
        counts = {}
        for (role, name), images, own in zip(ROLES, pixels, labels, strict=True):
            if images.dtype != np.uint8 or images.ndim not in (3, 4) or len(images) != len(own):
                raise ValueError(f"{name}_images are no pictures with a label each")
            counts[role] = len(own)
        numbers = numbered(np.concatenate(labels), self.classes)
        listing = Listing(numbers, in_order(counts), self.classes)
        return pixel_dataset(self.title, request, listing, np.concatenate(pixels))


class PneumoniaMnist(MedMnist):
    """5,856 chest X-rays of children, 28 x 28 grey: healthy, or with a pneumonia.

    Splits as MedMNIST publishes them: 4,708 / 524 / 624; the test is the validation set of the
    study that the pictures come from. Two thirds of them have a pneumonia. It is no medical device.
    """

    id = "pneumonia-mnist"
    title = "PneumoniaMNIST"
    question = "Does the chest X-ray show a pneumonia?"
    licence = "CC BY 4.0, D. Kermany et al., J. Yang et al. (MedMNIST v2)"
    terms = "You may use, share and change it, also commercially, if you name the authors."
    files = (
        RemoteFile(
            "pneumoniamnist.npz", f"{_AT}pneumoniamnist.npz?download=1", 4_200_000,
            "md5:28209eda62fecd6e6a2d98b1501bb15f", is_exact=False,
        ),
    )  # fmt: skip
    classes = ("normal", "pneumonia")


class BloodMnist(MedMnist):
    """17,092 blood cells of healthy people under the microscope, 28 x 28 in colour, 8 kinds.

    Splits as MedMNIST publishes them: 11,959 / 1,712 / 3,421.
    """

    id = "blood-mnist"
    title = "BloodMNIST"
    question = "Which kind of blood cell is it?"
    licence = "CC BY 4.0, A. Acevedo et al., J. Yang et al. (MedMNIST v2)"
    terms = "You may use, share and change it, also commercially, if you name the authors."
    files = (
        RemoteFile(
            "bloodmnist.npz", f"{_AT}bloodmnist.npz?download=1", 35_500_000,
            "md5:7053d0359d879ad8a5505303e11de1dc", is_exact=False,
        ),
    )  # fmt: skip
    classes = (
        "basophil", "eosinophil", "erythroblast", "immature granulocyte", "lymphocyte", "monocyte",
        "neutrophil", "platelet",
    )  # fmt: skip


class DermaMnist(MedMnist):
    """10,015 spots of skin under the dermatoscope, 28 x 28 in colour, 7 diagnoses.

    Splits as MedMNIST publishes them: 7,007 / 1,003 / 2,005. They are by picture: some spots were
    photographed more than once, and may be in two splits, which flatters the test. Two thirds are
    ordinary moles. It is no medical device.
    """

    id = "derma-mnist"
    title = "DermaMNIST"
    question = "What is the spot on the skin?"
    licence = "CC BY-NC 4.0, P. Tschandl et al. (HAM10000), J. Yang et al. (MedMNIST v2)"
    terms = (
        "For non-commercial use alone: you may use, share and change it for that, if you name the "
        "authors."
    )
    is_non_commercial = True
    files = (
        RemoteFile(
            "dermamnist.npz", f"{_AT}dermamnist.npz?download=1", 19_700_000,
            "md5:0744692d530f8e62ec473284d019b0c7", is_exact=False,
        ),
    )  # fmt: skip
    classes = (
        "actinic keratosis", "basal cell carcinoma", "benign keratosis", "dermatofibroma",
        "melanoma", "melanocytic nevus", "vascular lesion",
    )  # fmt: skip
