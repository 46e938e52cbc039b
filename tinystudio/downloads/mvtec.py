"""MVTec AD: products with and without defects, one download per kind of product."""

from __future__ import annotations

import io
from abc import abstractmethod
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tinystudio.core.data import Dataset
from tinystudio.core.image_form import First, ImageForm, ImageSettings, decoded
from tinystudio.core.splitting import stratified
from tinystudio.datasets.format import Request
from tinystudio.downloads.download import Download, RemoteFile
from tinystudio.downloads.listing import Listing, kept
from tinystudio.downloads.pictures import picture_dataset
from tinystudio.downloads.streams import listed, made, whole

if TYPE_CHECKING:
    from PIL.Image import Image

_AT = "https://www.mydrive.ch/shares/38536/3830184030e49fe74747669442f0f282/download/"
SIDE = 128  # pixels, where neither settings nor network say; the pictures are 700 to 1024
CLASSES = ("good", "defect")
SEED = 0  # of the cut between validation and test, which must stay the same


class MvtecAd(Download):
    """Photographs of one kind of product from above: faultless ones, and ones with defects.

    What is learned from are faultless ones alone, as published: the question is whether something
    is out of the ordinary. The published test is halved, by kind of defect, into validation and
    test, so that nothing is chosen by what it is judged on. Classes are good and defect; the
    pictures that show where a defect is are not used. A network that rebuilds its input is judged
    by how well defects stand out, one that classifies by accuracy. Sized 128 x 128 where nothing
    else is said.
    """

    area = "Industry"
    licence = "CC BY-NC-SA 4.0, P. Bergmann et al., MVTec Software GmbH"
    terms = (
        "For non-commercial use alone: you may use, share and change it for that, if you name the "
        "authors and share changed copies under the same licence."
    )
    source = "https://www.mvtec.com/company/research/datasets/mvtec-ad"
    is_non_commercial = True
    part_of = "MVTec AD: 15 products"
    set_question = "Is something wrong with the product?"
    params = ImageSettings

    @property
    def help(self) -> str:
        """Return the description, which is the same for every product."""
        return (MvtecAd.__doc__ or "").strip()

    @property
    @abstractmethod
    def product(self) -> str:
        """Return the name of the folder in the archive."""

    def dataset(self, request: Request) -> Dataset:
        """Return the photographs as the network wants them."""
        names: list[str] = kept(request, "members", lambda: self._names(request))
        kinds = [name.split("/")[-2] for name in names]
        roles = np.array([name.split("/")[-3] for name in names], dtype="U10")
        asked = np.flatnonzero(roles == "test")
        _, kind_of = np.unique(kinds, return_inverse=True)
        halves = stratified(kind_of[asked], (0.5, 0.5), SEED)
        roles[asked[halves[0]]] = "validation"
        labels = np.array([int(kind != "good") for kind in kinds], np.int64)
        listing = Listing(labels, roles, CLASSES, metric=_metric(request))
        number_of = {name: number for number, name in enumerate(names)}

        def pictures(form: ImageForm, wanted: Collection[int]) -> Iterator[tuple[int, Image]]:
            for name, file in made(self.path(request), request.reporter, "Decoding"):
                if number_of.get(name) in wanted:
                    data = io.BytesIO(whole(file, name))
                    yield number_of[name], decoded(data, name, request.error, form.mode)

        first = First(SIDE, SIDE, is_grey=False)
        return picture_dataset(self.title, request, listing, first, pictures)

    def _names(self, request: Request) -> list[str]:
        """Return the names of all photographs: PRODUCT/train/good/000.png and the like."""
        found = []
        for name, _ in listed(self.path(request), request.reporter, "Looking through it"):
            parts = name.split("/")
            if name.endswith(".png") and len(parts) == 4 and parts[1] in ("train", "test"):
                found.append(name)
        if not any(name.startswith(f"{self.product}/train/") for name in found):
            raise KeyError(f"{self.product}/train is not in it")
        return found


def _metric(request: Request) -> str:
    """Return how well defects stand out, unless the network plainly is a classifier."""
    inputs, outputs = request.wanted.inputs, request.wanted.outputs
    is_classifier = bool(inputs and outputs) and len(outputs[0]) == 2 < len(inputs[0])
    return "accuracy" if is_classifier else "anomaly-auc"


def _archive(product: str, place: str, md5: str, megabytes: int) -> tuple[RemoteFile, ...]:
    """Return the one file of a product; checksums as the package anomalib publishes them."""
    url = f"{_AT}{place}/{product}.tar.xz"
    size = megabytes * 1_000_000
    return (RemoteFile(f"{product}.tar.xz", url, size, f"md5:{md5}", is_exact=False),)


class MvtecBottle(MvtecAd):
    id = "mvtec-bottle"
    title = "MVTec AD: bottles"
    question = "Is something wrong with the bottle?"
    product = "bottle"
    files = _archive(product, "420937370-1629951468", "79b4d46b8647d969e323afef8d8445ff", 148)


class MvtecCable(MvtecAd):
    id = "mvtec-cable"
    title = "MVTec AD: cables"
    question = "Is something wrong with the cable?"
    product = "cable"
    files = _archive(product, "420937413-1629951498", "2ba411739e8239e7558ead13f18b0ead", 481)


class MvtecCapsule(MvtecAd):
    id = "mvtec-capsule"
    title = "MVTec AD: capsules"
    question = "Is something wrong with the capsule?"
    product = "capsule"
    files = _archive(product, "420937454-1629951595", "380afc46701c99cb7b9a928edbe16eb5", 385)


class MvtecCarpet(MvtecAd):
    id = "mvtec-carpet"
    title = "MVTec AD: carpets"
    question = "Is something wrong with the carpet?"
    product = "carpet"
    files = _archive(product, "420937484-1629951672", "5ce0a646d054d9e88195bd74c690de4b", 705)


class MvtecGrid(MvtecAd):
    id = "mvtec-grid"
    title = "MVTec AD: grids"
    question = "Is something wrong with the grid?"
    product = "grid"
    files = _archive(product, "420937487-1629951814", "37239e47f99673bb73393b67ca4cc418", 153)


class MvtecHazelnut(MvtecAd):
    id = "mvtec-hazelnut"
    title = "MVTec AD: hazelnuts"
    question = "Is something wrong with the hazelnut?"
    product = "hazelnut"
    files = _archive(product, "420937545-1629951845", "5c30a9e574a762d845ca79cf2f241b01", 588)


class MvtecLeather(MvtecAd):
    id = "mvtec-leather"
    title = "MVTec AD: leather"
    question = "Is something wrong with the leather?"
    product = "leather"
    files = _archive(product, "420937607-1629951964", "e7971b60323840bfc36247e8d9c3598e", 500)


class MvtecMetalNut(MvtecAd):
    id = "mvtec-metal-nut"
    title = "MVTec AD: metal nuts"
    question = "Is something wrong with the metal nut?"
    product = "metal_nut"
    files = _archive(product, "420937637-1629952063", "bfbc32e780827923f4b2c61923e364f7", 157)


class MvtecPill(MvtecAd):
    id = "mvtec-pill"
    title = "MVTec AD: pills"
    question = "Is something wrong with the pill?"
    product = "pill"
    files = _archive(product, "420938129-1629953099", "834e2d57f62cd4d8d74cd0a5775cc48b", 262)


class MvtecScrew(MvtecAd):
    id = "mvtec-screw"
    title = "MVTec AD: screws"
    question = "Is something wrong with the screw?"
    product = "screw"
    files = _archive(product, "420938130-1629953152", "2e817e865841f4947db4ded51c13bb23", 186)


class MvtecTile(MvtecAd):
    id = "mvtec-tile"
    title = "MVTec AD: tiles"
    question = "Is something wrong with the tile?"
    product = "tile"
    files = _archive(product, "420938133-1629953189", "d78d2c0f6d8bbe9cbe3b72a77bc3e328", 335)


class MvtecToothbrush(MvtecAd):
    id = "mvtec-toothbrush"
    title = "MVTec AD: toothbrushes"
    question = "Is something wrong with the toothbrush?"
    product = "toothbrush"
    files = _archive(product, "420938134-1629953256", "53ba30bb7aeac103e28e1b83ae28ffb9", 104)


class MvtecTransistor(MvtecAd):
    id = "mvtec-transistor"
    title = "MVTec AD: transistors"
    question = "Is something wrong with the transistor?"
    product = "transistor"
    files = _archive(product, "420938166-1629953277", "4fe2681f0ce1793cbf71d762f926d564", 384)


class MvtecWood(MvtecAd):
    id = "mvtec-wood"
    title = "MVTec AD: wood"
    question = "Is something wrong with the wood?"
    product = "wood"
    files = _archive(product, "420938383-1629953354", "b2478b1c65e9a470f360cc6173299d58", 474)


class MvtecZipper(MvtecAd):
    id = "mvtec-zipper"
    title = "MVTec AD: zips"
    question = "Is something wrong with the zip?"
    product = "zipper"
    files = _archive(product, "420938385-1629953449", "015bfd289a1782abc77318aa015a728d", 152)
