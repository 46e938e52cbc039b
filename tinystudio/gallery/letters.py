"""Letters: which letter was printed, from sixteen figures of its shape."""

from __future__ import annotations

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import with_own_test
from tinystudio.core.data import Dataset
from tinystudio.gallery.task import GalleryTask

SEED = 0
VALIDATION_SHARE = 0.2


class Letters(GalleryTask):
    """Recognize printed capital letters in twenty typefaces.

    Each letter was printed in one of twenty typefaces and distorted at random; sixteen figures
    describe it: the box it fills, how many pixels are on and where, and how many edges there are.
    The network says which of the 26 letters it is.

    Data: Letter Recognition (Frey and Slate 1991), the original split into 16,000 and 4,000
    letters. 580 of the 16,000 have the same sixteen figures as a letter of the test and are left
    out; of the rest, a fifth is the validation. The network is a multilayer perceptron, about
    79,000 parameters.
    """

    id = "letters"
    title = "Printed letters"
    area = "Documents"
    question = "Which letter was printed?"
    look_at = (
        "Wide linear layers take every technique: compare weight pruning, low rank and few-bit "
        "weights at the same size of a download."
    )
    licence = "CC BY 4.0, P. Frey, D. Slate, UCI Machine Learning Repository"
    source = "Letter Recognition, from the Debian package r-cran-mlbench"

    def dataset(self) -> Dataset:
        """Return 12,336 training, 3,084 validation and 4,000 test letters, (16,) each."""
        return with_own_test(
            self.title,
            read_arrays(self.folder / "data.npz"),
            channel="feature (0 to 15)",
            validation=VALIDATION_SHARE,
            seed=SEED,
        )
