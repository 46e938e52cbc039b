"""What jobs refer to is opened once, and again when it has changed."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest
from example_networks import mlp

from tinystudio.core.cache import Cache
from tinystudio.core.data import Preprocessing
from tinystudio.engine.resolving import resolve_dataset, resolve_network, wanted_by
from tinystudio.exporters.stamping import stamped


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


def table(folder: Path) -> Path:
    path = folder / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in range(30)))
    return path


def test_data_is_read_once_for_each_reference_and_seed(tmp_path: Path) -> None:
    path, cache, made = table(tmp_path), Cache(), mlp().network
    first = resolve_dataset(str(path), 0, made, cache)
    assert resolve_dataset(str(path), 0, made, cache) is first
    other = resolve_dataset(f"{path}?left_out=a", 0, made, cache)
    assert other.fingerprint != first.fingerprint
    assert resolve_dataset(str(path), 1, made, cache).fingerprint != first.fingerprint


def test_data_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    path, cache, made = table(tmp_path), Cache(), mlp().network
    first = resolve_dataset(str(path), 0, made, cache)
    path.write_text(path.read_text() + "1,2,1\n")
    assert resolve_dataset(str(path), 0, made, cache).fingerprint != first.fingerprint


def test_what_a_network_wants_is_told_by_its_shapes_and_its_notes() -> None:
    made = mlp().network
    assert wanted_by(made).inputs == tuple(port.shape for port in made.inputs)
    noted = stamped(
        made, recipe_json="{}", preprocessing=Preprocessing((1.0, 2.0), (3.0, 4.0), "as such")
    )
    assert (wanted_by(noted).mean, wanted_by(noted).scale) == ((1.0, 2.0), (3.0, 4.0))


@pytest.mark.parametrize(
    "note", ["", "no JSON", "[]", '{"mean":[1],"scale":[0]}', '{"mean":[1,2],"scale":[1]}',
             '{"mean":[NaN],"scale":[1]}', '{"mean":["x"],"scale":[1]}', '{"mean":3,"scale":4}'],
)  # fmt: skip
def test_a_note_of_preprocessing_that_is_not_sound_is_none(note: str) -> None:
    made = mlp().network.with_metadata({"tinystudio.preprocessing": note})
    assert wanted_by(made).mean == ()
