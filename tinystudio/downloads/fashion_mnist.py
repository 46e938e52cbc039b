"""Fashion-MNIST, whole: photographs of clothes in the form of MNIST."""

from __future__ import annotations

from tinystudio.core.data import Dataset
from tinystudio.core.image_form import ImageSettings
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.pictures import idx_dataset

# The authors' repository; sizes and checksums as TensorFlow Datasets publishes them.
_AT = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


class FashionMnist(Download):
    """70,000 photographs of clothes and shoes, 28 x 28 grey; the built-in task has a part of it.

    Splits as they are published: 60,000 to learn from, of which a fifth is kept for validation,
    and 10,000 for the test.
    """

    id = "fashion-mnist"
    title = "Fashion-MNIST, whole"
    area = "Industry"
    question = "Which kind of garment is it?"
    licence = "MIT, Zalando SE"
    terms = "You may use, share and change it, also commercially, if the licence text goes along."
    source = "https://github.com/zalandoresearch/fashion-mnist"
    params = ImageSettings
    files = (
        RemoteFile(
            "train-images-idx3-ubyte.gz", f"{_AT}train-images-idx3-ubyte.gz", 26_421_880,
            "sha256:3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        RemoteFile(
            "train-labels-idx1-ubyte.gz", f"{_AT}train-labels-idx1-ubyte.gz", 29_515,
            "sha256:a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        RemoteFile(
            "t10k-images-idx3-ubyte.gz", f"{_AT}t10k-images-idx3-ubyte.gz", 4_422_102,
            "sha256:346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte.gz", f"{_AT}t10k-labels-idx1-ubyte.gz", 5_148,
            "sha256:67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    )  # fmt: skip

    def dataset(self, request: Request) -> Dataset:
        """Return the pictures as the network wants them."""
        return idx_dataset(self.title, request, CLASSES)
