"""Measures the gallery's networks on their test and writes the table in resources/gallery."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime

from tinystudio.core.data import Dataset
from tinystudio.core.files import write_whole
from tinystudio.core.intervals import wilson
from tinystudio.core.places import resources
from tinystudio.gallery import gallery
from tinystudio.gallery.task import GalleryTask

HEAD = """# Gallery

Written by `python tools/build_gallery.py table`; do not edit. Accuracy on the test split, which
nothing was chosen on, with its 90 % Wilson interval, in onnxruntime.

| task | splits: train / validation / test | parameters | file | validation | test | 90 % interval |
|---|---|---|---|---|---|---|
"""

FOOT = """
Licences and sources of data are in NOTICES. Statistics of batch normalization are counted as
parameters, since they are in the file.
"""


def write() -> None:
    """Write resources/gallery/README.md."""
    rows = "".join(_row(task) for task in gallery().values())
    write_whole(resources() / "gallery" / "README.md", (HEAD + rows + FOOT).encode())


def _row(task: GalleryTask) -> str:
    dataset = task.dataset()
    data = task.network_path.read_bytes()
    model = onnx.load_from_string(data)
    count = sum(int(np.prod(weight.dims)) for weight in model.graph.initializer)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    right = {split: _right(session, dataset, split) for split in ("validation", "test")}
    low, high = wilson(right["test"], len(dataset.test))
    sizes = f"{len(dataset.train):,} / {len(dataset.validation):,} / {len(dataset.test):,}"
    return (
        f"| {task.id}: {task.title} | {sizes} | {count:,} | {len(data) / 1000:.0f} kB "
        f"| {right['validation'] / len(dataset.validation):.1%} "
        f"| {right['test'] / len(dataset.test):.1%} | {low:.1%} to {high:.1%} |\n"
    )


def _right(session: onnxruntime.InferenceSession, dataset: Dataset, split: str) -> int:
    samples = dataset.test if split == "test" else dataset.validation
    (logits,) = session.run(None, {"input": samples.inputs[0]})
    return int((logits.argmax(1) == samples.labels).sum())
