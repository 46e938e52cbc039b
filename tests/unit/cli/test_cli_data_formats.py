"""Every command takes folders and tables as data, with options, from start to file."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
import pytest
from cli_words import MEASUREMENT_KEYS, PRUNE, in_json
from example_networks import network
from onnx import helper
from PIL import Image

from tinystudio.cli.main import run
from tinystudio.session.project import open_project

Capture = pytest.CaptureFixture[str]
SIDE = 8


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Return a folder of dark and bright noise."""
    random = np.random.default_rng(0)
    for name, low in (("bright", 128), ("dark", 0)):
        folder = tmp_path / "images" / name
        folder.mkdir(parents=True)
        for number in range(30):
            pixels = random.integers(low, low + 128, (SIDE, SIDE, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "images"


@pytest.fixture
def image_model(tmp_path: Path) -> Path:
    """Return a CNN that tells bright from dark pixels of 0 to 1."""
    random = np.random.default_rng(1)
    first = np.abs(random.normal(size=(16, 3, 3, 3))).astype(np.float32) / 27
    second = np.abs(random.normal(size=(16, 16, 3, 3))).astype(np.float32) / 144
    brightness = float(first.sum(axis=(1, 2, 3)) @ second.sum(axis=(2, 3)).T @ np.ones(16))
    made = network(
        [
            helper.make_node("Conv", ["x", "w1"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("Conv", ["b", "w2"], ["c"]),
            helper.make_node("Relu", ["c"], ["d"]),
            helper.make_node("GlobalAveragePool", ["d"], ["e"]),
            helper.make_node("Flatten", ["e"], ["f"]),
            helper.make_node("Gemm", ["f", "w3", "bias"], ["y"]),
        ],
        {
            "w1": first, "w2": second,
            "w3": np.repeat([[1.0, -1.0]], 16, axis=0).astype(np.float32),
            "bias": np.array([-brightness, brightness], np.float32) / 2,
        },
        {"x": ("n", 3, SIDE, SIDE)},
        {"y": ("n", 2)},
    )  # fmt: skip
    path = tmp_path / "images.onnx"
    path.write_bytes(made.data)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table whose class is the sign of the sum of two columns."""
    random = np.random.default_rng(2)
    rows = []
    for number in range(80):
        a, b = random.normal(size=2)
        rows.append(f"{number};{a:.4f};{b:.4f};{'up' if a + b > 0 else 'down'}".replace(".", ","))
    path = tmp_path / "table.csv"
    path.write_text("id;a;b;way\n" + "\n".join(rows))
    return path


@pytest.fixture
def table_model(tmp_path: Path) -> Path:
    """Return a linear model of two features and two classes, with a hidden layer of 32."""
    hidden = np.zeros((2, 32), np.float32)
    hidden[:, ::2], hidden[:, 1::2] = 1.0, -1.0
    out = np.zeros((32, 2), np.float32)
    out[::2, 1], out[1::2, 0] = 1.0, 1.0
    made = network(
        [
            helper.make_node("MatMul", ["x", "w1"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("MatMul", ["b", "w2"], ["y"]),
        ],
        {"w1": hidden, "w2": out},
        {"x": ("n", 2)},
        {"y": ("n", 2)},
    )
    path = tmp_path / "table.onnx"
    path.write_bytes(made.data)
    return path


def test_a_folder_of_images_is_evaluated_as_the_model_wants_it(
    capsys: Capture, images: Path, image_model: Path
) -> None:
    found = in_json(capsys, "evaluate", str(image_model), "--data", str(images))
    assert set(found) >= MEASUREMENT_KEYS
    assert (found["accuracy"], found["samples"]) == (1.0, 12)


def test_an_option_changes_how_images_are_read(
    capsys: Capture, images: Path, image_model: Path
) -> None:
    option = ("--data-option", "normalization=none")
    found = in_json(capsys, "evaluate", str(image_model), "--data", str(images), *option)
    assert found["accuracy"] == 0.5  # all looks bright


def test_options_may_stand_in_the_reference(
    capsys: Capture, images: Path, image_model: Path
) -> None:
    data = f"{images}?normalization=none"
    found = in_json(capsys, "evaluate", str(image_model), "--data", data)
    assert found["accuracy"] == 0.5


def test_a_folder_of_images_is_compressed_on(
    capsys: Capture, images: Path, image_model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "small.onnx"
    found = in_json(
        capsys, "compress", str(image_model), "--data", str(images), *PRUNE,
        "--output", str(output), "--no-time",
    )  # fmt: skip
    assert found["variant"]["accuracy"] == 1.0
    assert found["variant"]["size_bytes"] == output.stat().st_size
    again = in_json(capsys, "evaluate", str(output), "--data", str(images))
    assert again["accuracy"] == found["variant"]["accuracy"]


def test_a_folder_of_images_is_explored_and_the_project_remembers_the_options(
    capsys: Capture,
    images: Path,
    image_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(images.parent)
    folder = tmp_path / "p.tinystudio"
    found = in_json(
        capsys, "explore", str(image_model), "--data", "images", "--data-option", "fit=crop",
        "--project", str(folder), "--measure", "1", "--no-time",
    )  # fmt: skip
    assert found["front"]
    with open_project(folder) as project:
        assert project.memory().state.data == f"{images}?fit=crop"


def test_a_table_is_evaluated_and_compressed_on(
    capsys: Capture, table: Path, table_model: Path, tmp_path: Path
) -> None:
    data = ("--data", str(table), "--data-option", "target=way", "--data-option", "left_out=id")
    found = in_json(capsys, "evaluate", str(table_model), *data)
    assert (found["accuracy"], found["samples"]) == (1.0, 16)
    output = tmp_path / "small.onnx"
    made = in_json(
        capsys, "compress", str(table_model), *data, *PRUNE, "--output", str(output), "--no-time"
    )
    assert made["variant"]["accuracy"] >= 0.8


def test_a_folder_of_recordings_is_evaluated(capsys: Capture, tmp_path: Path) -> None:
    for name, loud in (("loud", 20_000), ("quiet", 20)):
        for number in range(10):
            path = tmp_path / "sounds" / name / f"{number}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng(number).integers(-loud, loud, 400).astype("<i2")
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(noise.tobytes())
    weights = np.zeros((2, 1), np.float32)
    weights[0] = 1.0
    made = network(
        [
            helper.make_node("Abs", ["x"], ["a"]),
            helper.make_node("GlobalAveragePool", ["a"], ["b"]),
            helper.make_node("Flatten", ["b"], ["c"]),
            helper.make_node("Gemm", ["c", "w", "bias"], ["y"], transB=1),
        ],
        {"w": weights, "bias": np.array([0.0, 0.1], np.float32)},
        {"x": ("n", 1, 200)},
        {"y": ("n", 2)},
    )
    (tmp_path / "sounds.onnx").write_bytes(made.data)
    found = in_json(
        capsys, "evaluate", str(tmp_path / "sounds.onnx"), "--data", str(tmp_path / "sounds")
    )
    assert (found["accuracy"], found["samples"]) == (1.0, 8)  # 2 of 10 files, 2 windows each


def test_inspect_shows_what_the_data_looks_like(
    capsys: Capture, images: Path, image_model: Path
) -> None:
    os.link(images / "dark" / "1.png", images / "dark" / "twin.png")
    found = in_json(capsys, "inspect", str(image_model), "--data", str(images))
    card = found["data"]["card"]
    assert [(part["name"], part["samples"]) for part in card["splits"]] == [
        ("train", 37), ("validation", 12), ("test", 12),
    ]  # fmt: skip
    assert card["settings"]["normalization"] == "unit"
    assert any("test has only 12 samples" in remark for remark in card["remarks"])
    assert run(["inspect", str(image_model), "--data", str(images)]) == 0
    said = capsys.readouterr().out
    assert "bright" in said
    assert "read with: width=8 height=8 fit=stretch" in said
    assert "note: test has only 12 samples" in said


def test_inspect_without_data_is_as_before(capsys: Capture, image_model: Path) -> None:
    assert in_json(capsys, "inspect", str(image_model))["data"] is None


def test_formats_are_listed_with_their_settings(capsys: Capture) -> None:
    listed = {part["id"]: part for part in in_json(capsys, "formats")}
    assert {"npz", "image-folder", "table", "wav-folder"} <= set(listed)
    assert "target" in [item["name"] for item in listed["table"]["parameters"]]
    assert run(["formats", "table"]) == 0
    assert "separator=guess  (guess|comma|semicolon|tab|pipe)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--data-option", "target"), "not of the form key=value"),
        (("--data-option", "targets=way"), "there is no parameter 'targets'"),
        (("--data-option", "separator=x"), "separator is 'x'; it can be guess, comma"),
        (("--data-option", "target=where"), "There is no column 'where'"),
    ],
)
def test_options_that_cannot_be_are_told(
    capsys: Capture, table: Path, table_model: Path, words: tuple[str, ...], expected: str
) -> None:
    assert run(["evaluate", str(table_model), "--data", str(table), *words]) == 1
    assert expected in capsys.readouterr().err


def test_gallery_data_takes_no_options_but_its_metric(capsys: Capture) -> None:
    words = ["evaluate", "gallery:breast", "--data", "gallery:breast", "--data-option", "a=b"]
    assert run(words) == 1
    assert "no settings but its metric" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--metric", "auc"), ("--data-option", "metric=auc")])
def test_data_is_judged_by_the_metric_asked_for(
    capsys: Capture, table: Path, table_model: Path, words: tuple[str, ...]
) -> None:
    named = f"{table}?left_out=id"
    found = in_json(capsys, "evaluate", str(table_model), "--data", named, *words)
    assert (found["metric"], found["higher_is_better"]) == ("auc", True)
    low, high = found["score_interval"]
    assert 0 <= low <= found["score"] <= high <= 1
    assert found["accuracy"] is None


def test_a_metric_that_does_not_fit_is_answered_with_those_that_do(
    capsys: Capture, table: Path, table_model: Path
) -> None:
    named = f"{table}?left_out=id"
    words = ["evaluate", str(table_model), "--data", named, "--metric", "psnr"]
    assert run(words) == 1
    said = capsys.readouterr().err
    assert "cannot be judged by PSNR" in said
    assert "macro-f1" in said


def test_a_metric_of_one_s_own_is_run_once_it_is_trusted(
    capsys: Capture, table: Path, table_model: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.py"
    own.write_text("def wrong(outputs, labels):\n    return outputs.argmax(1) != labels\n")
    named, asked = f"{table}?left_out=id", f"{own}:wrong:lower"
    words = ["evaluate", str(table_model), "--data", named, "--metric", asked]
    assert run(words) == 1
    assert "if you trust it" in capsys.readouterr().err
    assert run([*words, "--trust"]) == 0
    assert "wrong (own.py)" in capsys.readouterr().out
    found = in_json(capsys, *words)
    plain = in_json(capsys, "evaluate", str(table_model), "--data", named)
    assert found["score"] == pytest.approx(1 - plain["accuracy"])
    assert (found["higher_is_better"], found["accuracy"]) == (False, None)
    assert run(["explore", *words[1:], "--project", str(tmp_path / "p.tinystudio")]) == 1
    assert "built-in metrics" in capsys.readouterr().err


def test_metrics_are_listed_with_what_they_need(capsys: Capture) -> None:
    listed = {item["id"]: item["higher_is_better"] for item in in_json(capsys, "metrics")}
    assert (listed["perplexity"], listed["psnr"]) == (False, True)
    assert run(["metrics", "ssim"]) == 0
    assert "Wang" in capsys.readouterr().out


def test_amounts_are_judged_and_trained_on(capsys: Capture, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    x = random.normal(size=(120, 2))
    y = np.maximum(x[:, 0], 0) - 2 * np.maximum(-x[:, 1], 0)
    lines = [f"{a:.5f},{b:.5f},{c:.5f}" for (a, b), c in zip(x, y, strict=True)]
    (tmp_path / "t.csv").write_text("a,b,price\n" + "\n".join(lines))
    hidden = np.zeros((2, 32), np.float32)
    hidden[0, :16], hidden[1, 16:] = 1.0, -1.0
    out = np.repeat([[1 / 16], [-2 / 16]], 16, axis=0).astype(np.float32)
    made = network(
        [
            helper.make_node("MatMul", ["x", "w1"], ["a"]),
            helper.make_node("Relu", ["a"], ["b"]),
            helper.make_node("MatMul", ["b", "w2"], ["y"]),
        ],
        {"w1": hidden, "w2": out},
        {"x": ("n", 2)},
        {"y": ("n", 1)},
    )
    (tmp_path / "t.onnx").write_bytes(made.data)
    data = (str(tmp_path / "t.onnx"), "--data", str(tmp_path / "t.csv"))
    found = in_json(capsys, "evaluate", *data)
    assert (found["metric"], found["accuracy"]) == ("mean-absolute-error", None)
    assert found["score"] == pytest.approx(0, abs=1e-4)
    steps = ("--step", "channel-pruning", "sparsity=0.5", "--step", "fine-tuning", "epochs=2")
    output = str(tmp_path / "small.onnx")
    small = in_json(capsys, "compress", *data, *steps, "--output", output, "--no-time")
    assert small["variant"]["score"] < 1
    explored = in_json(
        capsys, "explore", *data, "--project", str(tmp_path / "p"), "--measure", "1", "--no-time"
    )
    assert explored["front"]
