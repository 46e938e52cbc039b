"""Models saved by torch become ONNX that answers alike, or say why not."""

from __future__ import annotations

from pathlib import Path

import import_examples as files
import pytest
import torch

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import peek
from tinystudio.graph.opening import open_network
from tinystudio.importers import importer_of
from tinystudio.importers.importer import ImportSettings, InputShape, Source

NAMES = ("Picture", "Series", "Text")
PLAIN = ImportSettings()


def shape_of(name: str) -> InputShape:
    return InputShape(files.SHAPES[name], "int64" if name == "Text" else "float32")


def convert(path: Path, settings: ImportSettings = PLAIN) -> Path:
    """Convert in this process; what limits it is tested with the process of its own."""
    found = importer_of(peek(path))
    assert found is not None
    said: list[str] = []
    code = Path(settings.module.rpartition(":")[0]).read_bytes() if settings.module else b""
    data = found.convert(Source(path, path.read_bytes(), settings, code), said.append)
    assert said
    made = path.with_suffix(".converted.onnx")
    made.write_bytes(data)
    return made


def check_same(path: Path, name: str, batch: int) -> None:
    network = open_network(path)
    assert network.inputs[0].shape[1:] == files.SHAPES[name][1:]
    value = files.example(name, batch)
    with torch.no_grad():
        expected = files.module(name)(value).numpy()
    assert files.answers(path, value.numpy()) == pytest.approx(expected, abs=1e-5)


def refused(path: Path, settings: ImportSettings) -> UserError:
    with pytest.raises(UserError) as caught:
        convert(path, settings)
    assert caught.value.title == f"{path.name} was not opened"
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_a_torch_export_archive_answers_alike_at_any_batch(tmp_path: Path, name: str) -> None:
    made = convert(files.save_pt2(tmp_path, name))
    assert open_network(made).inputs[0].shape[0] == "batch"
    check_same(made, name, 5)


def test_a_batch_that_the_export_fixed_stays_fixed(tmp_path: Path) -> None:
    made = convert(files.save_pt2(tmp_path, "Picture", dynamic=False))
    assert open_network(made).inputs[0].shape[0] == 2
    check_same(made, "Picture", 2)


def test_nothing_of_the_exporters_computer_is_left_in_the_file(tmp_path: Path) -> None:
    made = convert(files.save_pt2(tmp_path, "Series"))
    assert b"stack_trace" not in made.read_bytes()
    assert str(Path(torch.__file__).parent).encode() not in made.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_torchscript_archive_answers_alike_at_any_batch(tmp_path: Path, name: str) -> None:
    settings = ImportSettings(shapes=(shape_of(name),))
    check_same(convert(files.save_torchscript(tmp_path, name), settings), name, 5)


def test_inputs_keep_their_names_and_batch_normalization_is_kept(tmp_path: Path) -> None:
    settings = ImportSettings(shapes=(shape_of("Picture"),))
    network = open_network(convert(files.save_torchscript(tmp_path, "Picture"), settings))
    assert [port.name for port in network.inputs] == ["image"]
    assert "BatchNormalization" in {node.op_type for node in network.nodes}


def test_a_shape_that_does_not_fit_is_named_with_the_reason(tmp_path: Path) -> None:
    path = files.save_torchscript(tmp_path, "Picture")
    error = refused(path, ImportSettings(shapes=(InputShape((1, 4, 16, 16)),)))
    assert "1,4,16,16" in error.detail
    assert "3 channels" in error.detail


@pytest.mark.parametrize("name", NAMES)
def test_safetensors_go_into_the_users_module(tmp_path: Path, name: str) -> None:
    path = files.save_safetensors(tmp_path / "w.safetensors", files.module(name).state_dict())
    module = f"{files.module_file(tmp_path)}:{name}"
    check_same(convert(path, ImportSettings(module, (shape_of(name),))), name, 3)


def test_plain_weights_of_a_pickle_go_into_the_users_module(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pth"
    torch.save({"epoch": 3, "state_dict": files.module("Series").state_dict()}, path)
    module = f"{files.module_file(tmp_path)}:Series"
    check_same(convert(path, ImportSettings(module, (shape_of("Series"),))), "Series", 3)


def test_a_pickle_with_more_than_weights_is_refused_and_not_run(tmp_path: Path) -> None:
    trace, path = tmp_path / "trace", tmp_path / "checkpoint.pth"
    path.write_bytes(files.trap(trace))
    module = f"{files.module_file(tmp_path)}:Series"
    error = refused(path, ImportSettings(module, (shape_of("Series"),)))
    assert "pickle" in error.detail or "could not be read" in error.detail
    assert not trace.exists()


def test_a_module_with_two_inputs_and_outputs_is_written_with_both(tmp_path: Path) -> None:
    path = files.save_safetensors(tmp_path / "w.safetensors", files.module("Two").state_dict())
    settings = ImportSettings(f"{files.module_file(tmp_path)}:Two", (InputShape((1, 4)),) * 2)
    network = open_network(convert(path, settings))
    assert [port.name for port in network.inputs] == ["left", "right"]
    assert len(network.outputs) == 2


def test_weights_of_another_module_are_named_the_first_few(tmp_path: Path) -> None:
    weights = dict(files.module("Picture").state_dict())
    weights["head.weight"] = torch.zeros(7, 16)
    del weights["head.bias"]
    weights |= {f"extra.{number}": torch.zeros(1) for number in range(5)}
    path = files.save_safetensors(tmp_path / "w.safetensors", weights)
    module = f"{files.module_file(tmp_path)}:Picture"
    detail = refused(path, ImportSettings(module, (shape_of("Picture"),))).detail
    assert "head.bias" in detail
    assert "head.weight is 7x16 and should be 5x16" in detail
    assert "extra.0, extra.1, extra.2 and 2 more" in detail


@pytest.mark.parametrize(
    ("factory", "word"),
    [("broken", "no such width"), ("number", "returned int"), ("missing", "missing")],
)
def test_a_factory_that_makes_no_module_says_so(tmp_path: Path, factory: str, word: str) -> None:
    path = files.save_safetensors(tmp_path / "w.safetensors", {"a": torch.zeros(1)})
    module = f"{files.module_file(tmp_path)}:{factory}"
    assert word in refused(path, ImportSettings(module, (InputShape((1, 4)),))).detail


@pytest.mark.parametrize(
    "table",
    [
        b"[]",
        b"{",
        b'{"a": 3}',
        b'{"a": {"dtype": "F32", "shape": [100000000000], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}',
        b'{"a": {"dtype": "Q9", "shape": [1], "data_offsets": [0, 4]}}',
    ],
)
def test_a_damaged_safetensors_file_is_refused(tmp_path: Path, table: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(table).to_bytes(8, "little") + table + bytes(4))
    source = Source(path, path.read_bytes(), ImportSettings("m.py:f", (InputShape((1,)),)))
    from tinystudio.importers.safetensors import SafeTensors

    with pytest.raises(UserError) as caught:
        SafeTensors().convert(source, lambda _: None)
    assert "safetensors" in caught.value.detail or "Q9" in caught.value.detail


@pytest.mark.parametrize("text", ["", "a", "1,,2", "0,3", "1,-3", "1,3:text", "9" * 30, "1," * 20])
def test_a_shape_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        InputShape.parse(text)


def test_a_shape_reads_as_it_is_written() -> None:
    for text in ("1,3,32,32", "1,7:int64"):
        assert str(InputShape.parse(text)) == text
