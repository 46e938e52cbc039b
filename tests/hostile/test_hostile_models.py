"""Every hostile file is refused soon, by one error that names it and the cause; nothing runs."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import hostile_archives  # noqa: F401 - its makers are noted when it is loaded
import numpy as np
import pytest
from hostile_files import MAKERS, TRACE, a_loop_without_end, a_range_of_a_trillion, custom_operator

from tinystudio.cli.main import run
from tinystudio.core import places
from tinystudio.core.errors import UserError
from tinystudio.graph import opening
from tinystudio.measure import memory, running

SOON_S = 30.0  # also where the machine has much else to do

# What the answer has to say; of pickles it is always the same.
CAUSES = {
    "pickle_in_a_forged_torchscript": "torch.jit could not read it",
    "pickle_in_a_forged_pt2": "torch.export could not read it",
    "pickle_beside_a_model_in_a_zip": "It is a pickle",
    "zip_bomb": "It would grow from",
    "zip_that_declares_gigabytes": "at most 2 GiB",
    "zip_that_is_longer_than_it_says": "not a whole .zip",
    "zip_of_very_many_files": "60,000 files",
    "zip_in_a_zip": "no .onnx file",
    "zip_with_two_models": "2 .onnx files",
    "zip_that_climbs_out": "outside of its folder",
    "zip_with_an_absolute_path": "outside of its folder",
    "zip_with_a_path_of_windows": "outside of its folder",
    "zip_with_a_link": "is a link",
    "zip_whose_file_is_also_a_folder": "not a whole .zip",
    "zip_cut_short": "missing or damaged",
    "zip_of_noise": "missing or damaged",
    "zip_with_data_outside_of_it": "outside the model's folder",
    "data_in_the_folder_above": "outside the model's folder",
    "data_at_an_absolute_path": "outside the model's folder",
    "data_behind_a_link": "outside the model's folder",
    "data_in_a_device": "outside the model's folder",
    "data_of_a_hundred_gigabytes": "93.1 GiB",
    "a_weight_of_a_hundred_gigabytes": "93.1 GiB",
    "a_constant_of_a_hundred_gigabytes": "93.1 GiB",
    "a_sparse_weight_of_a_hundred_gigabytes": "93.1 GiB",
    "a_weight_whose_size_overflows": "GiB",
    "an_expansion_to_a_terabyte": "Expand_1",
    "a_tensor_filled_to_a_terabyte": "ConstantOfShape_1",
    "a_tiling_to_a_terabyte": "Tile_1",
    "a_range_of_a_trillion": "makes 1.1e+12 numbers",
    "a_node_of_very_many_inputs": "50,000 inputs",
    "very_many_nodes": "100,001 nodes",
    "padding_to_a_terabyte": "Pad_1",
    "doubling_forty_times": "Concat_",
    "an_input_of_a_terabyte": "GiB",
    "branches_within_branches": "more than 100 deep",
    "functions_that_call_one_another": "more than 100 deep",
    "functions_that_double_forty_times": "more than 200,000 nodes",
    "functions_in_a_long_chain": "more than 100 deep",
    "a_cycle": "topologically sorted",
    "safetensors_with_a_table_of_a_terabyte": "longer than the file",
    "safetensors_with_a_table_nested_deeply": "table could not be read",
}


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "data", lambda: tmp_path / "data")


@pytest.mark.parametrize("name", MAKERS)
def test_a_hostile_file_is_refused_soon_with_its_name_and_the_cause(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    path = MAKERS[name](folder)
    before = {file for file in tmp_path.rglob("*") if file.is_file()}
    words = ["--trust", "--input-shape", "1,4"]
    if path.suffix == ".safetensors" and not name.startswith("pickle"):
        (folder / "m.py").write_text("import torch\ndef make(): return torch.nn.Linear(4, 2)\n")
        words += ["--module", f"{folder / 'm.py'}:make"]
        before.add(folder / "m.py")
    began = time.monotonic()
    code = run(["inspect", str(path), *words])
    took = time.monotonic() - began
    said = capsys.readouterr().err.splitlines()[-1]
    assert code == 1
    assert said.startswith(f"error: {path.name} was not opened - "), said
    assert CAUSES.get(name, "It is a pickle") in said
    assert took < SOON_S
    assert not (folder / TRACE).exists()
    assert {file for file in tmp_path.rglob("*") if file.is_file()} == before  # nothing got out


def test_a_library_of_custom_operators_is_never_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = custom_operator(tmp_path)
    assert run(["inspect", str(path)]) == 0  # its graph can be looked at
    capsys.readouterr()
    assert run(["profile", str(path)]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "evil:Evil" in said
    assert "not a registered" in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux caps a process's memory")
def test_what_no_check_foresees_meets_a_cap_of_memory_while_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "check_ranges", lambda *_: None)
    monkeypatch.setattr(opening, "LEAST_ROOM", 2**29)
    with pytest.raises(UserError) as caught:
        opening.open_network(a_range_of_a_trillion(tmp_path))
    assert "too much memory" in caught.value.detail
    assert np.ones(2**27, np.float32).nbytes == 2**29  # the cap is gone: so much may be had again


def test_a_loop_without_end_is_stopped_when_it_is_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "FIRST_CALL_S", 0.5)
    path = a_loop_without_end(tmp_path)
    assert run(["inspect", str(path)]) == 0
    assert run(["profile", str(path)]) == 1
    assert "never ends" in capsys.readouterr().err.splitlines()[-1]
    monkeypatch.setattr(running, "FIRST_CALL_S", 0.5)
    np.savez(tmp_path / "d.npz", x=np.zeros((20, 4), np.float32), y=np.arange(20) % 2)
    assert run(["evaluate", str(path), "--data", str(tmp_path / "d.npz")]) == 1
    assert "never ends" in capsys.readouterr().err.splitlines()[-1]
