"""Digits: which digit somebody wrote, on 8x8 pixels."""

from __future__ import annotations

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble, standardization
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.splitting import stratified
from tinystudio.gallery.task import GalleryTask

SEED = 0
SHARES = (0.6, 0.2, 0.2)


class Digits(GalleryTask):
    """Recognize digits written by hand, in 8x8 pixels of 17 shades.

    The smallest pictures of the gallery and the quickest to try something on. The digits were
    written by thirteen people; who wrote which is not in the data, so the same hands are in
    training and test, and somebody else's digits would be harder.

    Data: Optical Recognition of Handwritten Digits (Alpaydin and Kaynak 1998), the 1,797 digits
    of its test, cut 60/20/20 by digit. The network is a small convolutional one, about 15,000
    parameters; a tenth of them nearly does.
    """

    id = "digits"
    title = "Handwritten digits"
    area = "Documents"
    question = "Which digit was written?"
    look_at = (
        "The task is nearly saturated: drag the dial down until the first digit is misread, "
        "and see how little is left of the network by then."
    )
    licence = "CC BY 4.0, E. Alpaydin, C. Kaynak, UCI Machine Learning Repository"
    source = (
        "Optical Recognition of Handwritten Digits (test part), from the PyPI package scikit-learn"
    )

    def dataset(self) -> Dataset:
        """Return 1,078 training, 360 validation and 359 test digits, (1, 8, 8) each, or nearly."""
        arrays = read_arrays(self.folder / "data.npz")
        labels = arrays["y"].astype(np.int64)
        train, validation, test = stratified(labels, SHARES, SEED)
        preprocessing = standardization(arrays["x"][train], "pixel (0 to 16)")
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
