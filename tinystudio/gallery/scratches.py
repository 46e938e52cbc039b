"""Surface scratches: is there a scratch on the patch? The scratches are simulated."""

from __future__ import annotations

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble, standardization
from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.gallery.task import GalleryTask

SEED = 0
SIDE = 24  # pixels of a patch
LEARNED_TO, JUDGED_TO = 184, 256  # columns of a texture: training to the left, then validation
TRAIN_PLACES = 1000  # of each texture; they overlap, and only there
KNOTS = 25  # points along a scratch that distances are measured to
LENGTH = (9.0, 18.0)  # pixels
BEND = 2.5  # pixels, how far the middle of a scratch is off the straight line
WIDTH = (0.7, 1.3)  # pixels, of a scratch's half
STRENGTH = (60.0, 130.0)  # grey levels of 255


class Scratches(GalleryTask):
    """Find scratches on surfaces; the surfaces are real, the scratches simulated.

    A camera looks at patches of 24x24 pixels of brick, grass and gravel, on a belt as it were,
    and the network says whether there is a scratch. **The scratches are drawn by a program**: no
    freely licensed pictures of real ones were at hand. They are bright or dark, 9 to 18 pixels
    long, thin and slightly bent. What is learned here says nothing about real scratches on real
    parts; what compression does to such a network can be seen all the same.

    Data: three photographs of textures (CC0), 512x512 pixels each. Training is from the left of
    them, validation from a strip in the middle, the test from the right half. In validation and
    test no patches overlap, and each place is there twice, once scratched and once as it is. The
    scratches are drawn anew from the same seed whenever the data is read. The network is a small
    convolutional one, about 14,000 parameters.
    """

    id = "scratches"
    title = "Surface scratches (simulated)"
    area = "Industry"
    question = "Is there a scratch on the surface?"
    look_at = (
        "Faint scratches on gravel are lost first. The scratches are simulated on real textures: "
        "put pictures of your own parts in two folders to see your own case."
    )
    licence = "CC0 1.0 (the textures); the scratches are simulated"
    source = "Photographs brick, grass and gravel, from the PyPI package scikit-image"

    def dataset(self) -> Dataset:
        """Return 6,000 training, 378 validation and 1,260 test patches, (1, 24, 24) each."""
        textures = read_arrays(self.folder / "data.npz")["textures"].astype(np.float32)
        random = np.random.default_rng(SEED)
        width = textures.shape[2]
        train = _samples(textures, _anywhere(textures, random), random)
        validation = _samples(textures, _grid(textures, LEARNED_TO, JUDGED_TO), random)
        test = _samples(textures, _grid(textures, JUDGED_TO, width), random, is_shuffled=False)
        preprocessing = standardization(train.inputs[0], "pixel (0 to 255)")

        def prepared(samples: Samples) -> Samples:
            inputs = (preprocessing.applied(samples.inputs[0]),)
            return Samples(inputs, samples.labels, samples.ids, samples.groups)

        return assemble(
            self.title,
            train=prepared(train),
            validation=prepared(validation),
            test=prepared(test),
            seed=SEED,
            classes=("Intact", "Scratched"),
            preprocessing=preprocessing,
        )


def _anywhere(textures: Array, random: np.random.Generator) -> Array:
    """Return places (n, 3) in the left of the textures: texture, row, column; none is twice."""
    rows, columns = textures.shape[1] - SIDE + 1, LEARNED_TO - SIDE + 1
    drawn = [random.permutation(rows * columns)[:TRAIN_PLACES] for _ in textures]
    return np.concatenate(
        [
            np.stack([np.full(TRAIN_PLACES, number), places // columns, places % columns], axis=1)
            for number, places in enumerate(drawn)
        ]
    )


def _grid(textures: Array, left: int, right: int) -> Array:
    """Return the places (n, 3) of patches that do not overlap, between two columns."""
    rows = np.arange(0, textures.shape[1] - SIDE + 1, SIDE)
    columns = np.arange(left, right - SIDE + 1, SIDE)
    grid = np.meshgrid(np.arange(len(textures)), rows, columns, indexing="ij")
    return np.stack(grid, axis=-1).reshape(-1, 3)


def _samples(
    textures: Array, places: Array, random: np.random.Generator, is_shuffled: bool = True
) -> Samples:
    """Return every place as it is and scratched; a sample's group is its place.

    Places are numbered over all textures, so that ids and groups of two splits differ.
    """
    number, row, column = places.T
    down, across = (offset[None] for offset in np.mgrid[:SIDE, :SIDE])
    clean = textures[
        number[:, None, None], row[:, None, None] + down, column[:, None, None] + across
    ]
    scratched = np.clip(clean + scratches(len(clean), random), 0, 255)
    group = (number * textures.shape[1] + row) * textures.shape[2] + column
    labels = np.repeat(np.arange(2, dtype=np.int64), len(clean))
    patches = np.concatenate([clean, scratched])[:, None]
    samples = Samples((patches,), labels, np.concatenate([2 * group, 2 * group + 1]),
                      np.concatenate([group, group]))  # fmt: skip
    order = random.permutation(len(labels)) if is_shuffled else np.argsort(samples.ids)
    return samples.take(order)


def scratches(count: int, random: np.random.Generator) -> Array:
    """Return what scratches add to patches, (count, 24, 24) in grey levels.

    Each is a parabola between two points around the middle, its brightness falling off to both
    sides as a normal curve does.
    """
    angle = random.uniform(0, np.pi, count)
    along = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    off = np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    half = random.uniform(*LENGTH, count) / 2
    middle = SIDE / 2 + random.uniform(-SIDE / 5, SIDE / 5, (count, 2))
    bend = random.uniform(-BEND, BEND, count)
    share = np.linspace(-1, 1, KNOTS, dtype=np.float32)
    points = (
        middle[:, None]
        + (half[:, None] * share)[..., None] * along[:, None]
        + (bend[:, None] * (1 - share**2))[..., None] * off[:, None]
    ).astype(np.float32)
    steps = np.arange(SIDE, dtype=np.float32)
    nearest = np.full((count, SIDE, SIDE), np.inf, np.float32)
    for knot in points.transpose(1, 0, 2):
        down, across = ((steps - knot[:, axis : axis + 1]) ** 2 for axis in (0, 1))
        np.minimum(nearest, down[:, :, None] + across[:, None], out=nearest)
    width = random.uniform(*WIDTH, count).astype(np.float32)[:, None, None]
    sign = random.choice([-1.0, 1.0], count)
    strength = (sign * random.uniform(*STRENGTH, count)).astype(np.float32)[:, None, None]
    return np.asarray(strength * np.exp(-nearest / (2 * width**2)))
