"""Breast mass: benign or malignant, from measurements of cell nuclei."""

from __future__ import annotations

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble, standardization
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.splitting import stratified
from tinystudio.gallery.task import GalleryTask

SEED = 0
SHARES = (0.6, 0.2, 0.2)


class Breast(GalleryTask):
    """Tell benign from malignant breast masses.

    From a fine-needle sample, 30 figures describe the cell nuclei in view: radius, texture,
    smoothness, concavity and others, each as mean, standard error and worst. The network says
    whether the mass is malignant. This is a classic data set for learning, not a medical device.

    Data: Breast Cancer Wisconsin (Diagnostic) (Wolberg, Street, Mangasarian 1995), 569 people,
    cut 60/20/20 by diagnosis. The network is a small multilayer perceptron, about 6,800
    parameters; 35 parameters would nearly do, which is itself worth seeing.
    """

    id = "breast"
    title = "Breast mass"
    area = "Health"
    question = "Is the mass malignant or benign?"
    look_at = (
        "The network is nearly 200 times too large for its task: prune until it hurts, "
        "and look at the malignant class, where a mistake costs most."
    )
    licence = "CC BY 4.0, W. Wolberg, O. Mangasarian, N. Street, UCI Machine Learning Repository"
    source = "Breast Cancer Wisconsin (Diagnostic), from the PyPI package scikit-learn"

    def dataset(self) -> Dataset:
        """Return 341 training, 114 validation and 114 test people, (30,) each, give or take one."""
        arrays = read_arrays(self.folder / "data.npz")
        labels = arrays["y"].astype(np.int64)
        train, validation, test = stratified(labels, SHARES, SEED)
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
