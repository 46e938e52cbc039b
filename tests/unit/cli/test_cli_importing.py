"""Models of other kinds on the command line: trusted, described, converted once."""

from __future__ import annotations

from pathlib import Path

import import_examples as files
import numpy as np
import pytest
import torch
from cli_words import in_json

from tinystudio.cli.main import run
from tinystudio.core import places


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "data", lambda: tmp_path / "data")


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(list(words)) == 1
    return capsys.readouterr().err.splitlines()[-1]


def pictures(folder: Path) -> str:
    rng = np.random.default_rng(0)
    path = folder / "pictures.npz"
    x = rng.standard_normal((120, 3, 16, 16)).astype(np.float32)
    np.savez(path, x=x, y=np.arange(120) % 5)
    return str(path)


def test_a_pt2_archive_is_refused_without_trust_and_opened_with_it(tmp_path, capsys):
    path = files.save_pt2(tmp_path, "Picture")
    before = path.read_bytes()
    said = refused(capsys, "inspect", str(path))
    assert "picture.pt2 was not opened" in said
    assert "can carry code" in said
    assert "--trust" in said
    assert in_json(capsys, "inspect", str(path), "--trust")["inputs"][0]["shape"][0] == "batch"
    assert path.read_bytes() == before


def test_a_torchscript_archive_asks_for_the_shape_of_its_input(tmp_path, capsys):
    path = str(files.save_torchscript(tmp_path, "Picture"))
    assert "--input-shape" in refused(capsys, "inspect", path, "--trust")
    found = in_json(capsys, "inspect", path, "--trust", "--input-shape", "1,3,16,16")
    assert found["title"] == "picture.onnx"


def test_a_torchscript_archive_takes_the_shape_from_the_data_and_is_compressed(tmp_path, capsys):
    path, output = str(files.save_torchscript(tmp_path, "Picture")), tmp_path / "small.onnx"
    made = in_json(
        capsys, "compress", path, "--trust", "--data", pictures(tmp_path), "--step",
        "channel-pruning", "sparsity=0.5", "--output", str(output), "--no-time",
    )  # fmt: skip
    assert made["variant"]["size_bytes"] < made["original"]["size_bytes"]
    assert output.is_file()


def test_safetensors_ask_for_the_module_and_for_trust_in_it(tmp_path, capsys):
    path = str(
        files.save_safetensors(tmp_path / "w.safetensors", files.module("Text").state_dict())
    )
    module = f"{files.module_file(tmp_path)}:Text"
    assert "--module" in refused(capsys, "inspect", path)
    assert "--trust" in refused(capsys, "inspect", path, "--module", module)
    words = ("--module", module, "--trust", "--input-shape", "1,7:int64")
    assert in_json(capsys, "inspect", path, *words)["inputs"][0]["dtype"] == "int64"


def test_a_module_that_is_not_there_is_named(tmp_path, capsys):
    path = str(files.save_safetensors(tmp_path / "w.safetensors", {}))
    said = refused(capsys, "inspect", path, "--trust", "--module", f"{tmp_path}/no.py:f")
    assert "no.py was not read" in said
    assert "not of the form" in refused(capsys, "inspect", path, "--module", "no.py")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".bin", ".onnx", ".pt2", ".safetensors"])
def test_a_pickle_is_refused_whatever_it_is_called(tmp_path, capsys, suffix):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(files.trap(tmp_path / "trace"))
    said = refused(capsys, "inspect", str(path), "--trust")
    assert "It is a pickle" in said
    assert "torch.onnx.export" in said
    assert not (tmp_path / "trace").exists()


def test_a_checkpoint_of_plain_weights_asks_for_the_module(tmp_path, capsys):
    path = tmp_path / "text.pth"
    torch.save(files.module("Text").state_dict(), path)
    said = refused(capsys, "inspect", str(path))
    assert "only plain tensors are read" in said
    assert "--module" in said


def test_a_conversion_without_end_is_ended_at_the_time_limit(tmp_path, capsys):
    endless = tmp_path / "m.py"
    endless.write_text("import time\ndef make():\n    while True:\n        time.sleep(1)\n")
    path = str(files.save_safetensors(tmp_path / "w.safetensors", {}))
    words = ("--module", f"{endless}:make", "--trust", "--input-shape", "1,4", "--time-limit", "1")
    said = refused(capsys, "inspect", path, *words)
    assert "longer than 1 second." in said
    assert "--time-limit" in said


def test_a_zip_of_model_and_data_needs_no_trust(tmp_path, capsys):
    model = files.onnx_with_data(tmp_path / "net")
    path = files.zipped(tmp_path / "net.zip", model, model.with_name("model.data"))
    found = in_json(capsys, "inspect", str(path))
    assert found["parameters"] == 12


def test_what_was_converted_is_not_converted_again(tmp_path, capsys):
    model = files.onnx_with_data(tmp_path / "net")
    path = files.zipped(tmp_path / "net.zip", model, model.with_name("model.data"))
    in_json(capsys, "inspect", str(path))
    assert run(["inspect", str(path)]) == 0
    assert "Unpacking" not in capsys.readouterr().err


def test_a_project_goes_on_with_the_converted_model(tmp_path, capsys):
    path, project = str(files.save_torchscript(tmp_path, "Picture")), str(tmp_path / "p.tinystudio")
    words = (
        "sweep", path, "--trust", "--data", pictures(tmp_path), "--step", "weight-pruning",
        "--vary", "sparsity=0.2,0.4", "--project", project, "--no-time",
    )  # fmt: skip
    assert len(in_json(capsys, *words)["variants"]) == 3
    assert len(in_json(capsys, *words)["variants"]) == 3
