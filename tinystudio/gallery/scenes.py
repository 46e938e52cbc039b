"""Outdoor scenes: what a small patch of an outdoor photograph shows."""

from __future__ import annotations

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble, standardization
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.splitting import grouped
from tinystudio.gallery.task import GalleryTask

SEED = 0
SHARES = (0.6, 0.2, 0.2)


class Scenes(GalleryTask):
    """Tell what a machine's camera looks at out of doors.

    From each patch of 3x3 pixels, 18 figures are known: where it is in the picture, how much its
    brightness changes across and down, and its colour in several forms. The network says what the
    patch belongs to: brick wall, sky, foliage, cement, window, path or grass.

    Data: Statlog Image Segmentation (Vision Group, University of Massachusetts, 1990), 2,310
    patches of seven photographs, cut 60/20/20 by what they show; patches that are alike in every
    figure stay together. Each part has patches of the same seven photographs, so the accuracy on
    another photograph would be lower. The network is a small multilayer perceptron, about 6,300
    parameters.
    """

    id = "scenes"
    title = "Outdoor scenes"
    area = "Vehicles and drones"
    question = "What does the patch of the photograph show?"
    look_at = (
        "The network is small already: see how few parameters still do, and that foliage, windows "
        "and cement are mistaken for one another long before the sky is."
    )
    licence = (
        "CC BY 4.0, Vision Group, University of Massachusetts, UCI Machine Learning Repository"
    )
    source = "Statlog Image Segmentation, from the PyPI package river"

    def dataset(self) -> Dataset:
        """Return 1,386 training, 462 validation and 462 test patches, (18,) each, or nearly so."""
        arrays = read_arrays(self.folder / "data.npz")
        labels = arrays["y"].astype(np.int64)
        _, alike = np.unique(arrays["x"], axis=0, return_inverse=True)
        train, validation, test = grouped(labels, alike, SHARES, SEED)
        preprocessing = standardization(arrays["x"][train], "feature")
        every = Samples((preprocessing.applied(arrays["x"]),), labels, np.arange(len(labels)))
        return assemble(
            self.title,
            train=every.take(train),
            validation=every.take(validation),
            test=every.take(np.sort(test)),
            seed=SEED,
            classes=tuple(str(name) for name in arrays["classes"]),
            preprocessing=preprocessing,
        )
