"""MNIST: handwritten digits, the first data set of the field."""

from __future__ import annotations

from tinystudio.core.data import Dataset
from tinystudio.core.image_form import ImageSettings
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.pictures import idx_dataset

# Sizes and checksums as TensorFlow Datasets publishes them; the same files as on LeCun's page.
_AT = "https://storage.googleapis.com/cvdf-datasets/mnist/"


class Mnist(Download):
    """70,000 handwritten digits, 28 x 28 grey, written by census staff and students.

    Splits as they are published: 60,000 to learn from, of which a fifth is kept for validation,
    and 10,000 for the test, by other writers.
    """

    id = "mnist"
    title = "MNIST"
    area = "Documents"
    question = "Which digit was written?"
    licence = "CC BY-SA 3.0, Y. LeCun and C. Cortes"
    terms = (
        "You may use, share and change it, also commercially, if you name the authors and share "
        "changed copies under the same licence."
    )
    source = "http://yann.lecun.com/exdb/mnist/"
    params = ImageSettings
    files = (
        RemoteFile(
            "train-images-idx3-ubyte.gz", f"{_AT}train-images-idx3-ubyte.gz", 9_912_422,
            "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz", f"{_AT}train-labels-idx1-ubyte.gz", 28_881,
            "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz", f"{_AT}t10k-images-idx3-ubyte.gz", 1_648_877,
            "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz", f"{_AT}t10k-labels-idx1-ubyte.gz", 4_542,
            "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the digits as the network wants them."""
        return idx_dataset(self.title, request, tuple("0123456789"))
