"""What jobs refer to is opened once, and again when it has changed."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
from example_networks import mlp

from tinystudio.core.cache import Cache
from tinystudio.engine.resolving import resolve_network


def test_a_model_whose_data_file_has_changed_is_opened_anew(tmp_path: Path) -> None:
    path, beside = tmp_path / "model.onnx", tmp_path / "model.bin"
    onnx.save(
        mlp().network.annotated(), path, save_as_external_data=True, location=beside.name,
        size_threshold=0,
    )  # fmt: skip
    cache = Cache()
    before = resolve_network(str(path), cache)
    assert resolve_network(str(path), cache) is before
    beside.write_bytes(bytes(beside.stat().st_size) + b"longer")
    assert resolve_network(str(path), cache) is not before


def test_a_model_replaced_by_one_of_its_size_and_time_is_opened_anew(tmp_path: Path) -> None:
    path, other = tmp_path / "model.onnx", tmp_path / "other.onnx"
    network = mlp().network
    name, weights = next(iter(network.weights.items()))
    path.write_bytes(network.data)
    other.write_bytes(network.with_weights({name: weights + 1}).data)
    was = path.stat()
    cache = Cache()
    before = resolve_network(str(path), cache)
    other.replace(path)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert path.stat().st_size == was.st_size
    assert resolve_network(str(path), cache).fingerprint != before.fingerprint
