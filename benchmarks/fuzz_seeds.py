"""The whole files that `fuzz` damages, small ones of every kind."""

from __future__ import annotations

import io
import json
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tinystudio.core import places

LARGEST = 450_000  # bytes; larger files are only slower to change


def _networks() -> list[bytes]:
    root = places.resources() / "gallery"
    files = [file.read_bytes() for file in sorted(root.glob("*/network.onnx"))]
    return [data for data in files if len(data) < LARGEST]


def _projects() -> list[bytes]:
    museum = Path(__file__).resolve().parents[1] / "tests" / "museum"
    return [file.read_bytes() for file in sorted(museum.glob("*/*/project.sqlite"))]


def _arrays(seed: int) -> bytes:
    rng, file = np.random.default_rng(seed), io.BytesIO()
    x = rng.standard_normal((60, 3, 8)).astype(np.float32)
    save = np.savez_compressed if seed % 2 else np.savez
    save(file, x=x, y=np.arange(60) % 3, groups=np.arange(60) // 4)
    return file.getvalue()


def _zip(model: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.onnx", model)
    return file.getvalue()


def _weights(seed: int) -> bytes:
    values = np.random.default_rng(seed).standard_normal((8, 4)).astype(np.float32).tobytes()
    entry = {"dtype": "F32", "shape": [8, 4], "data_offsets": [0, len(values)]}
    table = json.dumps({"layer.weight": entry}).encode()
    return len(table).to_bytes(8, "little") + table + values


def _table(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    rows = [f"{a:.3f},{b},{'red' if a > 0 else 'blue'},{b % 2}" for a, b in _pairs(rng)]
    return "\n".join(["width,count,colour,label", *rows]).replace(",", ",;\t"[seed]).encode()


def _sensor(seed: int) -> bytes:
    values = np.random.default_rng(seed).standard_normal((160, 2)).round(3).tolist()
    rows = [f"{at / 50:.2f}\t{x}\t{y}" for at, (x, y) in enumerate(values)]
    return "\n".join(["time\tx\ty", *rows]).encode()


def _text(seed: int) -> bytes:
    words = ("a rose is a rose\n", "über alle Berge, weit\r\n", "\t{ 0: 'x' },\n")
    return (words[seed] * 80).encode()


def _pairs(rng: np.random.Generator) -> list[tuple[float, int]]:
    return list(zip(rng.standard_normal(60).tolist(), range(60), strict=True))


def _picture(seed: int) -> bytes:
    values = np.random.default_rng(seed).integers(0, 256, (12, 12, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(values if seed else values[:, :, 0]).save(file, format="PNG")
    return file.getvalue()


def _recording(seed: int) -> bytes:
    values = np.random.default_rng(seed).integers(-9000, 9000, 4000).astype("<i2").tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1 + seed % 2, 2, 8000, 0, "NONE", ""))
        sound.writeframes(values)
    return file.getvalue()


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "onnx": _networks,
    "npz": lambda: [_arrays(seed) for seed in range(3)],
    "project": _projects,
    "zip": lambda: [_zip(data) for data in _networks()[:2]],
    "safetensors": lambda: [_weights(seed) for seed in range(2)],
    "csv": lambda: [_table(seed) for seed in range(3)],
    "tsv": lambda: [_sensor(seed) for seed in range(3)],
    "txt": lambda: [_text(seed) for seed in range(3)],
    "png": lambda: [_picture(seed) for seed in range(3)],
    "wav": lambda: [_recording(seed) for seed in range(3)],
}
