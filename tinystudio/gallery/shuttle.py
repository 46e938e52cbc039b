"""Shuttle sensors: in which state the radiators of a space shuttle are."""

from __future__ import annotations

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import with_own_test
from tinystudio.core.data import Dataset
from tinystudio.gallery.task import GalleryTask

SEED = 0
VALIDATION_SHARE = 0.25


class Shuttle(GalleryTask):
    """Tell the state of a machine from its sensors, where the states that matter are rare.

    Nine sensors of a space shuttle's radiator system are read at once; the network says which of
    seven states the system is in. Nearly four readings of five are ordinary radiator flow, and
    some valve positions were seen a handful of times. Plain accuracy would forgive a network that
    never finds them, so it is judged by balanced accuracy: each state counts as much as any other.

    Data: Statlog Shuttle (NASA). The test is the original one, all 14,500 rows. For training, of
    the two commonest states 6,000 rows each are kept of 34,108 and 6,748, and all rows of the
    rare ones; a quarter of that is the validation. Three of the states have 2 to 13 rows in the
    test: mind the interval. The network is a small multilayer perceptron, about 20,000
    parameters.
    """

    id = "shuttle"
    title = "Shuttle sensors"
    area = "Vehicles and drones"
    question = "Which state is the radiator system in?"
    look_at = (
        "Rare states go first when a network shrinks, while the plain accuracy hardly moves: "
        "compare the states in the diagnosis."
    )
    licence = "CC BY 4.0, NASA, UCI Machine Learning Repository"
    source = "Statlog Shuttle, from the Debian package r-cran-mlbench"

    def dataset(self) -> Dataset:
        """Return 10,983 training, 3,661 validation and 14,500 test readings, (9,) each."""
        return with_own_test(
            self.title,
            read_arrays(self.folder / "data.npz"),
            channel="sensor",
            validation=VALIDATION_SHARE,
            seed=SEED,
            metric="balanced-accuracy",
        )
