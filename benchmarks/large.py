"""Whether the layer database of large networks builds: memory, time, progress, cancel and resume.

    python -m benchmarks.large [--networks conv linear] [--json FILE]

`conv`: 3 million parameters in 8 convolutions; `linear`: 21 million in 6 linear layers of 2,200
columns. Random weights, made data, labels from the network itself. Each is built in a process of
its own: once until about half of the levels are tried, where it is cancelled; then again in a
fresh process, which goes on from what is on the disk. Printed: what was estimated before and what
it took, peak resident memory of either process, how many levels the second one had to try, and how
honest the progress was: the time that each quarter of it promised for the whole, beside the truth.

Aim: under 4 GB; cancelled and resumed without trying a level twice.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tinystudio.core.data import Array

LIMIT_BYTES = 4e9
CANCEL_AT, NEVER = 0.32, 2.0  # of the bar: levels are tried from 0.15 to 0.5
SAMPLES = 1200
CONV = ((3, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 256, 1))
CONV_WIDE = ((256, 320, 2), (320, 320, 1))
LINEAR = (784, 2200, 2200, 2200, 2200, 2200, 10)
QUARTERS = (0.25, 0.5, 0.75)


def main() -> None:
    """Build both networks' databases, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--networks", nargs="+", default=["conv", "linear"])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cancel-at", type=float, default=NEVER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        print(json.dumps(build(options.folder, options.cancel_at)))
        return
    rows = []
    for name in options.networks:
        with TemporaryDirectory() as folder:
            rows.append(one(name, Path(folder)))
        _say(rows[-1])
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1))


def one(name: str, folder: Path) -> dict[str, Any]:
    """Build one database in two goes."""
    parameters = write(name, folder)
    first = _process(folder, CANCEL_AT)
    return {
        "network": name, "parameters": parameters, "first": first,
        "second": _process(folder, NEVER),
    }  # fmt: skip


def write(name: str, folder: Path) -> int:
    """Write network and data; return the number of parameters."""
    draw = np.random.default_rng(0)
    model = _convolutions(draw) if name == "conv" else _linears(draw)
    data = model.SerializeToString()
    (folder / "network.onnx").write_bytes(data)
    shape = (3, 32, 32) if name == "conv" else (LINEAR[0],)
    x = draw.standard_normal((SAMPLES, *shape)).astype(np.float32)
    labels = _answers(data, x)
    np.savez(folder / "data.npz", x=x, y=labels)
    return sum(int(np.prod(item.dims)) for item in model.graph.initializer)


def build(folder: Path, cancel_at: float) -> dict[str, Any]:
    """Build in this process; stop when the bar is there."""
    from benchmarks.databases import cached_in
    from tinystudio.engine.engine import Engine
    from tinystudio.jobs.events import Event
    from tinystudio.jobs.job import ExploreJob

    stop, start = threading.Event(), time.perf_counter()
    told: list[tuple[float, float, str]] = []
    states: list[tuple[float, str]] = []
    ends: list[tuple[str, str]] = []

    def hear(event: Event) -> None:
        now = time.perf_counter() - start
        if event.kind == "progressed":
            told.append((now, event.fraction, event.text))
            if event.fraction >= cancel_at:
                stop.set()
        elif event.kind == "database-ready":
            states.append((now, event.stage))
        elif event.kind in ("finished", "cancelled", "failed"):
            ends.append((event.kind, getattr(event, "traceback", "")))

    job = ExploreJob(network=str(folder / "network.onnx"), data=str(folder / "data.npz"), seed=0)
    with cached_in(folder / "cache"):
        Engine(folder / "artifacts").run(job, hear, stop)
        done = [np.load(path) for path in (folder / "cache").rglob("done.npy")]
    return {
        "end": ends[0][0], "error": ends[0][1][-2000:], "seconds": time.perf_counter() - start,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _unit(),
        "estimate": next((text for _, _, text in told if "about" in text), ""),
        "rows_done": int(sum(item.sum() for item in done)),
        "rows": int(sum(item.size for item in done)), "states": states,
        "stages": _by_text(told), "promised": _promised(told), "events": len(told),
    }  # fmt: skip


def _process(folder: Path, cancel_at: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.large", "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--cancel-at", str(cancel_at)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[1],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode:
        return {"end": f"died with {done.returncode}", "error": done.stderr[-2000:]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _by_text(told: list[tuple[float, float, str]]) -> dict[str, float]:
    """Return the seconds spent under each text, numbers left out."""
    found: dict[str, float] = {}
    for (at, _, text), (end, _, _) in pairwise(told):
        name = re.sub(r"[\d.]+", "#", text)[:40]
        found[name] = found.get(name, 0.0) + end - at
    return found


def _promised(told: list[tuple[float, float, str]]) -> dict[str, float]:
    """Return the seconds for the whole that the bar promised at each quarter."""
    found = {}
    for share in QUARTERS:
        at = next((now for now, fraction, _ in told if fraction >= share), None)
        if at is not None:
            found[f"{share:.0%}"] = at / share
    return found


def _unit() -> int:
    return 1 if sys.platform == "darwin" else 1024


def _convolutions(draw: np.random.Generator) -> ModelProto:
    nodes: list[NodeProto] = []
    weights: dict[str, Array] = {}
    name = "input"
    for number, (given, made, stride) in enumerate((*CONV, *CONV_WIDE), 1):
        weights[f"conv{number}.weight"] = _drawn(draw, (made, given, 3, 3), given * 9)
        weights[f"conv{number}.bias"] = 0.1 * draw.standard_normal(made)
        inputs = [name, f"conv{number}.weight", f"conv{number}.bias"]
        nodes.append(
            helper.make_node(
                "Conv", inputs, [f"conv{number}.out"], f"conv{number}", strides=[stride] * 2,
                pads=[1] * 4, kernel_shape=[3, 3],
            )
        )  # fmt: skip
        name = f"relu{number}.out"
        nodes.append(helper.make_node("Relu", [f"conv{number}.out"], [name], f"relu{number}"))
    nodes.append(helper.make_node("GlobalAveragePool", [name], ["mean"], "mean"))
    nodes.append(helper.make_node("Flatten", ["mean"], ["flat"], "flat"))
    weights["classify.weight"] = 8 * _drawn(draw, (10, CONV_WIDE[-1][1]), CONV_WIDE[-1][1])
    nodes.append(
        helper.make_node("Gemm", ["flat", "classify.weight"], ["logits"], "classify", transB=1)
    )
    return _model(nodes, weights, ["batch", 3, 32, 32])


def _linears(draw: np.random.Generator) -> ModelProto:
    nodes: list[NodeProto] = []
    weights: dict[str, Array] = {}
    name = "input"
    for number, (given, made) in enumerate(pairwise(LINEAR), 1):
        last = number == len(LINEAR) - 1
        weights[f"linear{number}.weight"] = _drawn(draw, (made, given), given)
        weights[f"linear{number}.bias"] = 0.1 * draw.standard_normal(made)
        out = "logits" if last else f"linear{number}.out"
        inputs = [name, f"linear{number}.weight", f"linear{number}.bias"]
        nodes.append(helper.make_node("Gemm", inputs, [out], f"linear{number}", transB=1))
        if not last:
            name = f"relu{number}.out"
            nodes.append(helper.make_node("Relu", [out], [name], f"relu{number}"))
    return _model(nodes, weights, ["batch", LINEAR[0]])


def _drawn(draw: np.random.Generator, shape: tuple[int, ...], inputs: int) -> Array:
    return draw.standard_normal(shape) * np.sqrt(2 / inputs)


def _model(nodes: list[NodeProto], weights: dict[str, Array], shape: list[str | int]) -> ModelProto:
    graph = helper.make_graph(
        nodes,
        "large",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
        [
            numpy_helper.from_array(value.astype(np.float32), name)
            for name, value in weights.items()
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _answers(data: bytes, x: Array) -> Array:
    """Return the network's own answers."""
    from tinystudio.measure.running import open_session

    session = open_session(data)
    pieces = [session.run(None, {"input": part})[0] for part in np.array_split(x, 20)]
    logits = np.concatenate(pieces)
    return np.asarray(logits.argmax(axis=1), np.int64)


def _say(row: dict[str, Any]) -> None:
    print(f"{row['network']}: {row['parameters'] / 1e6:.1f} million parameters")
    for which in ("first", "second"):
        part = row[which]
        if "seconds" not in part:
            print(f"  {which}: {part['end']}: {part['error']}")
            continue
        print(f"  {which}: {part['end']} after {part['seconds']:.0f} s, {part['estimate']!r}")
        print(
            f"    peak {part['peak_bytes'] / 1e9:.2f} GB"
            f"{'' if part['peak_bytes'] < LIMIT_BYTES else ' (over)'}; "
            f"levels on disk {part['rows_done']} of {part['rows']}; {part['events']} events"
        )
        print(
            "    seconds: " + ", ".join(f"{k} {v:.0f}" for k, v in part["stages"].items() if v > 1)
        )
        promised = ", ".join(f"{k}: {v:.0f} s" for k, v in part["promised"].items())
        states = ", ".join(f"{stage} {at:.0f} s" for at, stage in part["states"])
        print(f"    whole promised at {promised}; states: {states}")
        if part["error"]:
            print(part["error"])


if __name__ == "__main__":
    main()
