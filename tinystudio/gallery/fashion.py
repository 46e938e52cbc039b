"""Product sorting: which of ten kinds of clothing is on the photograph."""

from __future__ import annotations

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import with_own_test
from tinystudio.core.data import Dataset
from tinystudio.gallery.task import GalleryTask

SEED = 0
VALIDATION_SHARE = 1 / 6  # 2,000 of 12,000, as many as in the test


class Fashion(GalleryTask):
    """Sort products by a small grey photograph.

    A camera over a belt sees 28x28 grey pixels and says which of ten kinds of clothing is
    passing: T-shirt, trousers, pullover, dress, coat, sandal, shirt, sneaker, bag or ankle boot.
    Shirts, T-shirts, pullovers and coats look alike at this size, so the accuracy has a natural
    ceiling; see in the table by class who pays first when the network shrinks.

    Data: Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747), the first 12,000 pictures
    for training and the first 2,000 for the test. The network is a convolutional one with a
    residual block and depthwise blocks, about 97,000 parameters.
    """

    id = "fashion"
    title = "Product sorting"
    area = "Industry"
    question = "Which kind of clothing is in the picture?"
    look_at = (
        "Channels that a residual sum or a depthwise convolution ties together go together; "
        "the convolutions are the gallery's largest, so INT8 has most to gain here."
    )
    licence = "MIT, Zalando SE"
    source = "Fashion-MNIST, from the Debian package dataset-fashion-mnist"

    def dataset(self) -> Dataset:
        """Return 10,000 training, 2,000 validation and 2,000 test pictures, (1, 28, 28) each."""
        return with_own_test(
            self.title,
            read_arrays(self.folder / "data.npz"),
            channel="pixel (0 to 255)",
            validation=VALIDATION_SHARE,
            seed=SEED,
        )
