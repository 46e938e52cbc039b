"""A foreign file is read in a process of its own, which may end in any way."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Sequence
from pathlib import Path

import import_examples as files
import psutil
import pytest

from tinystudio.core.child_words import Doing, Refused
from tinystudio.core.watched_child import GIB, Limits
from tinystudio.importers.importer import ImportSettings, InputShape
from tinystudio.runners import conversion_process, converting
from tinystudio.runners.conversion import Conversion
from tinystudio.runners.conversion_words import Convert, LookAt, Looked, Word

PATIENCE_S = 60.0
ENDLESS = "import time\ndef make():\n    while True:\n        time.sleep(1)\n"
GREEDY = "def make():\n    held = []\n    while True:\n        held.append(bytearray(50_000_000))\n"
DYING = "import os\ndef make():\n    os._exit(3)\n"
LOUD = "def make():\n    print('hello from the module')\n    raise ValueError('enough')\n"


def heard(conversion: Conversion) -> list[Word]:
    said: list[Word] = []
    end = time.monotonic() + PATIENCE_S
    while not conversion.is_over:
        assert time.monotonic() < end
        said.extend(conversion.words(0.05))
    return said


def looked_at(path: Path, settings: ImportSettings, data: str = "") -> Looked:
    last = heard(Conversion(LookAt(path, settings, data)))[-1]
    assert isinstance(last, Looked), last
    return last


def convert(tmp_path: Path, code: str, limits: Limits | None = None) -> Sequence[Word]:
    """Convert weights with a module of this source."""
    (tmp_path / "m.py").write_text(code)
    weights = {"a": files.module("Two").state_dict()["head.bias"]}
    path = files.save_safetensors(tmp_path / "w.safetensors", weights)
    settings = ImportSettings(f"{tmp_path / 'm.py'}:make", (InputShape((1, 4)),))
    found = looked_at(path, settings)
    output = tmp_path / "out" / "w.onnx"
    said = heard(Conversion(Convert(path, settings, found.hash, output), limits))
    assert not output.exists()
    return said


def refusal(said: Sequence[Word]) -> Refused:
    assert isinstance(said[-1], Refused)
    assert said[-1].title == "w.safetensors was not opened"
    return said[-1]


def test_looking_tells_kind_hash_source_and_what_is_open(tmp_path: Path) -> None:
    path = files.save_safetensors(tmp_path / "w.safetensors", {})
    module = f"{files.module_file(tmp_path)}:Text"
    found = looked_at(path, ImportSettings(module))
    assert found.title == "safetensors checkpoint"
    assert len(found.sha256) == len(found.code_sha256) == 64
    assert found.code == files.SOURCE
    assert found.needs_module and found.needs_shapes


def test_its_last_word_is_heard_where_the_process_has_ended_long_before(tmp_path: Path) -> None:
    path = files.save_safetensors(tmp_path / "w.safetensors", {})
    conversion = Conversion(LookAt(path, ImportSettings()))
    assert conversion.pid is not None
    child = next(item for item in multiprocessing.active_children() if item.pid == conversion.pid)
    child.join(PATIENCE_S)
    said = conversion.words(0)
    assert isinstance(said[-1], Looked)
    assert conversion.is_over


def test_the_shape_is_guessed_from_the_data(tmp_path: Path) -> None:
    path = files.save_torchscript(tmp_path, "Picture")
    assert looked_at(path, ImportSettings(), "gallery:watch").guessed_shapes == ("1,6,200",)


def test_looking_runs_nothing_of_the_module(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(f"open({str(tmp_path / 'trace')!r}, 'w').close()\n")
    path = files.save_safetensors(tmp_path / "w.safetensors", {})
    looked_at(path, ImportSettings(f"{tmp_path / 'm.py'}:make"))
    assert not (tmp_path / "trace").exists()


def test_what_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    said = refusal(convert(tmp_path, GREEDY, Limits(memory_bytes=GIB, seconds=PATIENCE_S)))
    assert "more than 1.0 GiB of memory" in said.detail


def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    said = refusal(convert(tmp_path, ENDLESS, Limits(memory_bytes=8 * GIB, seconds=4)))
    assert "longer than 4 seconds" in said.detail


def test_a_process_that_dies_is_an_answer(tmp_path: Path) -> None:
    assert "code 3" in refusal(convert(tmp_path, DYING)).detail


def test_what_a_module_prints_is_kept_off_the_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "enough" in refusal(convert(tmp_path, LOUD)).detail
    assert capfd.readouterr() == ("", "")


def test_it_says_what_it_is_doing(tmp_path: Path) -> None:
    assert any(isinstance(word, Doing) for word in convert(tmp_path, LOUD))


def test_closing_it_ends_the_process(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(ENDLESS)
    path = files.save_safetensors(tmp_path / "w.safetensors", {})
    settings = ImportSettings(f"{tmp_path / 'm.py'}:make", (InputShape((1, 4)),))
    request = Convert(path, settings, looked_at(path, settings).hash, tmp_path / "o.onnx")
    conversion = Conversion(request)
    pid = conversion.pid
    assert pid is not None and pid != os.getpid()
    conversion.close()
    assert not psutil.pid_exists(pid)
    assert conversion.words(0) == ()


def test_a_file_that_has_changed_since_it_was_looked_at_is_not_loaded(tmp_path: Path) -> None:
    path = files.save_torchscript(tmp_path, "Picture")
    settings = ImportSettings(shapes=(InputShape((1, 3, 16, 16)),))
    found = looked_at(path, settings)
    files.save_torchscript(tmp_path, "Series").replace(path)
    said = heard(Conversion(Convert(path, settings, found.hash, tmp_path / "o.onnx")))
    assert isinstance(said[-1], Refused)
    assert "has changed" in said[-1].detail


def test_an_installation_without_torch_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(converting, "answer", fail)
    request = LookAt(tmp_path / "w.safetensors", ImportSettings())
    said = conversion_process.answer_in_words(request, lambda _: None)
    assert "has no torch" in refusal([said]).detail
