"""Terrain from a satellite: what grows, or does not, in the middle of a 3x3 patch."""

from __future__ import annotations

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble, standardization
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.splitting import stratified
from tinystudio.gallery.task import GalleryTask

SEED = 0
TRAIN_ROWS = 4435  # the original split: the first rows are for training
VALIDATION_SHARE = 0.2


class Satellite(GalleryTask):
    """Tell the ground from orbit.

    A Landsat satellite sees a patch of 3x3 pixels, 80 m each, in four bands of light (two
    visible, two near infrared). The network says what the middle pixel is: red soil, cotton crop,
    grey soil, damp grey soil, soil with stubble, or very damp grey soil.

    Data: Statlog Landsat Satellite (Srinivasan 1993), the original split into 4,435 and 2,000
    patches; a fifth of the 4,435 is the validation. All patches come from one scene and neighbours
    overlap, in the original split too, so the accuracy on another scene would be lower. The
    network is a convolutional one, about 78,000 parameters.
    """

    id = "satellite"
    title = "Terrain from a satellite"
    area = "Vehicles and drones"
    question = "What covers the ground in the middle of the patch?"
    look_at = (
        "Patches are tiny, so most of the time goes into starting each layer: "
        "compare what smaller files and fewer multiplications really buy here."
    )
    licence = "CC BY 4.0, A. Srinivasan, UCI Machine Learning Repository (Statlog)"
    source = "Statlog Landsat Satellite, from the Debian package r-cran-mlbench"

    def dataset(self) -> Dataset:
        """Return 3,548 training, 887 validation and 2,000 test patches, (4, 3, 3) each."""
        arrays = read_arrays(self.folder / "data.npz")
        patches, labels = _patches(arrays["x"]), arrays["y"].astype(np.int64)
        shares = (1 - VALIDATION_SHARE, VALIDATION_SHARE)
        train, validation = stratified(labels[:TRAIN_ROWS], shares, SEED)
        preprocessing = standardization(patches[train], "band (0 to 255)")
        every = Samples((preprocessing.applied(patches),), labels, np.arange(len(labels)))
        return assemble(
            self.title,
            train=every.take(train),
            validation=every.take(validation),
            test=every.take(np.arange(TRAIN_ROWS, len(labels))),
            seed=SEED,
            classes=tuple(str(name) for name in arrays["classes"]),
            preprocessing=preprocessing,
        )


def _patches(rows: Array) -> Array:
    """Return rows (n, 36), pixel by pixel with its four bands, as patches (n, 4, 3, 3)."""
    return np.moveaxis(rows.reshape(-1, 3, 3, 4), 3, 1)
