"""Low-light denoising: take the noise of a small sensor off a photograph."""

from __future__ import annotations

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.gallery.task import GalleryTask

SEED = 0
NOISE = 25.0  # grey levels of 255, the usual measure of strong noise
WHITE = 255.0


class Denoise(GalleryTask):
    """Take noise off photographs, as a camera does in low light.

    What goes in are patches of 32x32 coloured pixels with normal noise of deviation 25 of 255
    added; what comes out are the patches without it. The network finds the noise and takes it
    off. It is judged by the peak signal-to-noise ratio (PSNR): the noisy patches have about
    20 dB, and 3 dB more is half of the noise's energy gone.

    Data: six photographs (CC0 or public domain). Two of them, a cat and a rocket, are for the
    test alone; of the other four (a portrait, a cup of coffee, distant galaxies, a retina),
    patches of the upper part are for training and of the lowest fifth for validation. The noise
    is added from the same seed whenever the data is read. The network is a convolutional one with
    a residual connection, about 8,000 parameters.
    """

    id = "denoise"
    title = "Low-light denoising"
    area = "Cameras"
    question = "What does the photograph look like without noise?"
    look_at = (
        "Every pixel passes every layer, so time goes by multiplications alone: INT8 and fewer "
        "channels pay at once. Look at how many decibels each costs."
    )
    licence = "CC0 1.0 and public domain: NASA, SpaceX, S. van der Walt, R. Michetti, M. Häggström"
    source = "Photographs of the PyPI package scikit-image; the noise is simulated"

    def dataset(self) -> Dataset:
        """Return 537 training, 124 validation and 386 test patches, (3, 32, 32) each, in 0..1."""
        arrays = read_arrays(self.folder / "data.npz")
        random = np.random.default_rng(SEED)
        splits: dict[str, Samples] = {}
        first = photograph = 0
        for name in ("train", "validation", "test"):
            clean = clean_patches(arrays, name)
            noisy = clean + random.normal(0, NOISE / WHITE, clean.shape).astype(np.float32)
            ids = first + np.arange(len(clean))
            groups = photograph + arrays[f"photograph_{name}"]
            samples = Samples((noisy,), clean, ids, groups)
            splits[name] = samples if name == "test" else samples.take(random.permutation(len(ids)))
            first += len(clean)
            photograph = int(groups.max()) + 1
        train, validation, test = splits.values()
        return assemble(
            self.title, train=train, validation=validation, test=test, seed=SEED, metric="psnr"
        )


def clean_patches(arrays: dict[str, Array], split: str) -> Array:
    """Return the patches of a split (n, 3, 32, 32) in 0..1: differences along rows are summed."""
    pixels = np.cumsum(arrays[f"x_{split}"], axis=-1, dtype=np.uint8)
    return (pixels / np.float32(WHITE)).astype(np.float32)
