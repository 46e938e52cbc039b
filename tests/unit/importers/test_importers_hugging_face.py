"""Folders of the package transformers: converted where it is installed, else told of it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import import_examples as files
import numpy as np
import pytest
import torch

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import peek
from tinystudio.graph.class_names import class_names
from tinystudio.graph.opening import open_network
from tinystudio.importers import hugging_face, importer_of, is_foreign, whole_model
from tinystudio.importers.hugging_face import HuggingFaceFolder
from tinystudio.importers.importer import ImportSettings, InputShape, Source
from tinystudio.runners.conversion_words import LookAt
from tinystudio.runners.converting import answer

CLASSES = {0: "bad", 1: "fair", 2: "good"}
CODE = "open(__file__ + '.trace', 'w').close()\n"
HAS_LIBRARY = importlib.util.find_spec("transformers") is not None
needs_library = pytest.mark.skipif(not HAS_LIBRARY, reason="transformers is an extra")


def folder(path: Path, **config: object) -> Path:
    """Make a folder that looks like a model's."""
    path.mkdir()
    (path / "config.json").write_text(json.dumps({"model_type": "bert", **config}))
    files.save_safetensors(path / "model.safetensors", {"a": torch.zeros(2)})
    return path


def source_of(path: Path, *shapes: InputShape) -> Source:
    held = {item.name: item.read_bytes() for item in path.iterdir() if item.suffix != ".py"}
    return Source(path, b"", ImportSettings(shapes=shapes), b"", held)


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        HuggingFaceFolder().convert(source_of(path, InputShape((1, 8), "int64")), lambda _: None)
    assert caught.value.title == f"{path.name} was not opened"
    return caught.value


def test_a_folder_with_description_and_weights_is_a_model(tmp_path: Path) -> None:
    path = folder(tmp_path / "bert")
    assert is_foreign(path)
    assert isinstance(importer_of(peek(path)), HuggingFaceFolder)
    (path / "config.json").unlink()
    assert not is_foreign(path)


def test_weights_stand_for_their_folder_unless_a_module_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(tmp_path / "bert")
    monkeypatch.setattr("tinystudio.importers.LIBRARY", "json")  # some package that is there
    assert whole_model(path / "model.safetensors", has_module=False) == path
    assert whole_model(path / "model.safetensors", has_module=True) == path / "model.safetensors"
    monkeypatch.setattr("tinystudio.importers.LIBRARY", "no_such_package")
    assert whole_model(path / "model.safetensors", has_module=False) == path / "model.safetensors"


def test_without_the_package_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hugging_face, "LIBRARY", "no_such_package")
    with pytest.raises(UserError) as caught:
        answer(LookAt(folder(tmp_path / "bert"), ImportSettings()), lambda _: None)
    assert "not installed" in caught.value.detail
    assert "tinystudio[huggingface]" in caught.value.hint


def test_weights_that_only_another_package_reads_are_refused(tmp_path: Path) -> None:
    path = folder(tmp_path / "q", quantization_config={"quant_method": "gptq"})
    assert "stored quantized" in refused(path).detail


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"model_type": 3}'])
def test_a_description_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    path = folder(tmp_path / "odd")
    (path / "config.json").write_text(text)
    assert "config.json" in refused(path).detail


@needs_library
def test_code_in_the_folder_is_never_run(tmp_path: Path) -> None:
    path = folder(
        tmp_path / "own", architectures=["OwnModel"], auto_map={"AutoModel": "own.OwnModel"}
    )
    (path / "own.py").write_text(CODE)
    assert "never run" in refused(path).detail
    assert not (path / "own.py.trace").exists()


@needs_library
def test_a_saved_classifier_of_text_answers_as_before(tmp_path: Path) -> None:
    import transformers

    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=60, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=40, id2label=CLASSES,
    )  # fmt: skip
    model = transformers.BertForSequenceClassification(config).eval()
    path = tmp_path / "bert"
    model.save_pretrained(path)
    assert HuggingFaceFolder().guess(source_of(path)) == ("1,16:int64",)
    given = InputShape((1, 16), "int64")
    data = HuggingFaceFolder().convert(source_of(path, given), lambda _: None)
    made = tmp_path / "bert.onnx"
    made.write_bytes(data)
    network = open_network(made)
    assert [port.name for port in network.inputs] == ["input_ids"]
    assert class_names(network) == tuple(CLASSES.values())
    ids = torch.arange(32).reshape(2, 16)
    with torch.no_grad():
        expected = model(ids).logits.numpy()
    np.testing.assert_allclose(files.answers(made, ids.numpy()), expected, atol=1e-4)
