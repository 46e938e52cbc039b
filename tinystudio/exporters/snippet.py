"""A small program beside an exported file that runs it, with nothing of TinyStudio in it.

It prepares numbers as the data was prepared, runs the file in onnxruntime and names the classes:
what somebody needs who is given the file and knows nothing of how it came about.
"""

from __future__ import annotations

import pprint
from pathlib import Path

from tinystudio.core.data import Preprocessing
from tinystudio.core.files import write_whole
from tinystudio.exporters.exporter import Subject
from tinystudio.graph.network import Port

WRITTEN_BY = "Written by TinyStudio"
LINE = 88

_PROGRAM = '''\
"""Runs {file} with onnxruntime. {written_by}, together with that file.

{title}
{licence}
It needs two packages:      pip install onnxruntime numpy
One or more samples:        python {name} SAMPLES.npy
Without samples, made-up numbers show that it runs.

What has to be done to raw numbers first: {note}
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

MODEL = Path(__file__).with_name({file!r})
# Name, type and shape of each input; the first size counts samples, None is open.
INPUTS = {inputs}
# Applied here to the first input: (x - MEAN) / SCALE, one figure for each channel, or none.
MEAN = {mean}
SCALE = {scale}
CLASSES = {classes}


def prepared(raw):
    """Return raw numbers (samples, channels, ...) as the network was trained on them."""
    values = np.asarray(raw, dtype=INPUTS[0][1])
    if not MEAN:
        return values
    shape = (-1,) + (1,) * (values.ndim - 2)
    mean, scale = (np.asarray(v, values.dtype).reshape(shape) for v in (MEAN, SCALE))
    return (values - mean) / scale


def predict(session, *raw):
    """Return what the network answers, one array per output; one raw array per input."""
    feeds = {{}}
    for number, ((name, dtype, shape), values) in enumerate(zip(INPUTS, raw)):
        values = np.asarray(values)
        if values.ndim == len(shape) - 1:
            values = values[None]  # one sample alone
        feeds[name] = prepared(values) if number == 0 else values.astype(dtype)
    return session.run(None, feeds)


def named(scores):
    """Return the best class of every sample, where there is one for a whole sample."""
    if scores.ndim != 2 or scores.shape[1] != len(CLASSES):
        return None
    return [CLASSES[best] for best in scores.argmax(axis=1)]


def made_up():
    """Return numbers of the right shape that mean nothing."""
    arrays = []
    for _, dtype, shape in INPUTS:
        sizes = [size if isinstance(size, int) else 1 for size in shape]
        arrays.append(np.zeros(sizes, dtype))
    return arrays


def main():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # as it was measured
    session = onnxruntime.InferenceSession(
        str(MODEL), options, providers=["CPUExecutionProvider"]
    )
    files = sys.argv[1:]
    raw = [np.load(file, allow_pickle=False) for file in files] if files else made_up()
    if len(raw) != len(INPUTS):
        sys.exit("One .npy file for each of: " + ", ".join(name for name, _, _ in INPUTS))
    outputs = predict(session, *raw)
    answers = named(outputs[{judged}])
    if answers is not None:
        print("\\n".join(answers))
        return
    for port, output in zip(session.get_outputs(), outputs):
        print(port.name, output.shape)
        print(output)


if __name__ == "__main__":
    main()
'''


def write_snippet(subject: Subject, exported: Path) -> Path | None:
    """Write the program beside an exported file and return where, or None where it has no room.

    A file of somebody else's is never written over: `NAME.py` may be the user's own module.
    """
    for name in (f"{exported.stem}.py", f"{exported.stem}-run.py"):
        place = exported.with_name(name)
        if not place.exists() or _is_ours(place):
            write_whole(place, snippet(subject, exported.name, name).encode())
            return place
    return None


def snippet(subject: Subject, file: str, name: str) -> str:
    """Return the program that runs `file`, which it stands beside under `name`."""
    network = subject.network
    outputs = [port.name for port in network.outputs]
    done = subject.preprocessing
    return _PROGRAM.format(
        file=file,
        written_by=WRITTEN_BY,
        name=name,
        title=_words(f"Made by this recipe: {subject.title}."),
        licence=_words(f"Licence of the model: {subject.licence}.\n") if subject.licence else "",
        note=_words(done.note.rstrip(".") + "."),
        inputs=_literal([_port(port) for port in network.inputs]),
        mean=_literal(_figures(done, "mean")),
        scale=_literal(_figures(done, "scale")),
        classes=_literal(list(subject.classes)),
        judged=outputs.index(subject.judged) if subject.judged in outputs else 0,
    )


def _is_ours(place: Path) -> bool:
    try:
        with place.open(encoding="utf-8") as file:
            return WRITTEN_BY in file.readline()
    except (OSError, UnicodeDecodeError):
        return False


def _port(port: Port) -> tuple[str, str, tuple[int | None, ...]]:
    shape = tuple(size if isinstance(size, int) else None for size in port.shape)
    return port.name, port.dtype.name, shape


def _figures(done: Preprocessing, name: str) -> list[float]:
    return [float(f"{value:.9g}") for value in getattr(done, name)]  # all that float32 has


def _literal(value: object) -> str:
    return pprint.pformat(value, width=LINE, compact=True)


def _words(text: str) -> str:
    """Return a text that can stand in the program's own first lines and end nothing there."""
    return text.replace("\\", "/").replace('"', "'")
