"""Measures the gallery's networks on their test and writes the table in resources/gallery."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime

from tinystudio.core.data import Samples
from tinystudio.core.files import write_whole
from tinystudio.core.measurement import Interval
from tinystudio.core.places import resources
from tinystudio.gallery import gallery
from tinystudio.gallery.task import GalleryTask
from tinystudio.metrics import find_metric
from tinystudio.metrics.metric import Metric

HEAD = """# Gallery

Written by `python tools/build_gallery.py table`; do not edit. Each task's own metric on the test
split, which nothing was chosen on, with its 90 % interval, in onnxruntime.

| task | splits: train / validation / test | parameters | file | metric | validation | test \
| 90 % interval |
|---|---|---|---|---|---|---|---|
""".replace("\\\n", "")

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
    metric = find_metric(dataset.metric)
    _, validation = _judged(session, metric, dataset.validation)
    interval, test = _judged(session, metric, dataset.test)
    low, high = (_text(metric, end) for end in interval)
    sizes = f"{len(dataset.train):,} / {len(dataset.validation):,} / {len(dataset.test):,}"
    return (
        f"| {task.id}: {task.title} | {sizes} | {count:,} | {len(data) / 1000:.0f} kB "
        f"| {metric.title} | {_text(metric, validation)} | {_text(metric, test)} "
        f"| {low} to {high} |\n"
    )


def _judged(
    session: onnxruntime.InferenceSession, metric: Metric, samples: Samples
) -> tuple[Interval, float]:
    """Return interval and score."""
    if samples.labels is None:
        raise ValueError("there is nothing to judge by")
    outputs = tuple(session.run(None, {"input": samples.inputs[0]}))
    return metric.interval(outputs, samples.labels), metric.score(outputs, samples.labels)


def _text(metric: Metric, score: float) -> str:
    return f"{score:.1%}" if metric.unit == "%" else f"{score:.2f} {metric.unit}"
