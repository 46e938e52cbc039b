"""Who is speaking: nine people say the same two vowels."""

from __future__ import annotations

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import with_own_test
from tinystudio.core.data import Dataset
from tinystudio.gallery.task import GalleryTask

SEED = 0
VALIDATION_SHARE = 0.2


class Vowels(GalleryTask):
    """Recognize who of nine people is speaking.

    Each sample is one person saying the Japanese vowels "ae": 12 cepstral coefficients (a compact
    picture of the sound's spectrum) at up to 29 moments; shorter utterances end in zeros. The
    nine people are the same in training and test, the utterances are not.

    Data: Japanese Vowels (Kudo, Toyama, Shimbo 1999), the original split: 270 utterances to learn
    from, 370 for the test. Of the 270, a fifth (by person) is the validation. That is little:
    mind the intervals. The network is a one-dimensional convolutional one, about 26,000
    parameters.
    """

    id = "vowels"
    title = "Who is speaking"
    area = "Phones and wearables"
    question = "Which of nine people is speaking?"
    look_at = (
        "The task is easy and the network generous: see how far channels can go before anyone "
        "is mistaken, and whether INT8 is any faster on so small a network."
    )
    licence = "CC BY 4.0, M. Kudo, J. Toyama, M. Shimbo, UCI Machine Learning Repository"
    source = "Japanese Vowels, from the PyPI package aeon"

    def dataset(self) -> Dataset:
        """Return 216 training, 54 validation and 370 test utterances, (12, 29) each."""
        return with_own_test(
            self.title,
            read_arrays(self.folder / "data.npz"),
            channel="coefficient, padding included",
            validation=VALIDATION_SHARE,
            seed=SEED,
        )
