"""Recordings, text, amounts and classes in the model's own order, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_words import in_json
from example_networks import network
from onnx import helper

from tinystudio.cli.main import run
from tinystudio.graph.network import Network
from tinystudio.session.project import open_project

Capture = pytest.CaptureFixture[str]


def saved(folder: Path, made: Network, **metadata: str) -> str:
    path = folder / "model.onnx"
    path.write_bytes(made.with_metadata(metadata).data)
    return str(path)


def evaluated(capsys: Capture, model: str, data: str, *options: str) -> dict[str, object]:
    words = [word for option in options for word in ("--data-option", option)]
    found: dict[str, object] = in_json(capsys, "evaluate", model, "--data", data, *words)
    return found


def test_recordings_are_measured_and_shown_by_the_command_line(
    tmp_path: Path, capsys: Capture
) -> None:
    draw = np.random.default_rng(0)
    for person in range(6):
        for label, mean in (("rest", -1.0), ("run", 1.0)):
            values = draw.normal(mean, 0.1, (60, 2))
            rows = [f"p{person},{label},{x:.4f},{y:.4f}" for x, y in values]
            path = tmp_path / "data" / f"{person}_{label}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(["subject,activity,x,y", *rows]))
    made = network(
        [
            helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=0),
            helper.make_node("MatMul", ["mean", "w"], ["y"]),
        ],
        {"w": np.array([[-1.0, 1.0], [-1.0, 1.0]], np.float32)},
        {"x": ("n", 20, 2)},
        {"y": ("n", 2)},
    )
    model = saved(tmp_path, made)
    found = evaluated(capsys, model, str(tmp_path / "data"))
    assert (found["accuracy"], found["samples"]) == (1.0, 6)
    assert run(["inspect", model, "--data", str(tmp_path / "data")]) == 0
    said = capsys.readouterr().out
    assert "window=20" in said
    assert "layout=time-first" in said
    assert "subject=subject" in said


def test_text_in_the_models_own_vocabulary(tmp_path: Path, capsys: Capture) -> None:
    tokens = "dcba\n"
    (tmp_path / "t.txt").write_text("abcd\n" * 400)
    follows = {"a": "b", "b": "c", "c": "d", "d": "\n", "\n": "a"}
    weights = np.zeros((5, 5), np.float32)
    for one, other in follows.items():
        weights[tokens.index(one), tokens.index(other)] = 5.0
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    made = network(nodes, {"w": weights}, {"x": ("n", 8, 5)}, {"y": ("n", 8, 5)})
    model = saved(tmp_path, made, chars=tokens)
    found = evaluated(capsys, model, str(tmp_path / "t.txt"))
    assert found["accuracy"] == 1.0
    doubt = in_json(
        capsys, "evaluate", model, "--data", str(tmp_path / "t.txt"), "--metric", "perplexity"
    )
    assert doubt["score"] == pytest.approx(1 + 4 * np.exp(-5), rel=1e-3)


@pytest.fixture
def two_outputs(tmp_path: Path) -> str:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["scores"]),
        helper.make_node("MatMul", ["x", "v"], ["place"]),
    ]
    draw = np.random.default_rng(0)
    weights = {name: draw.normal(size=(64, 8)).astype(np.float32) for name in "wv"}
    x = draw.normal(size=(100, 64)).astype(np.float32)
    np.savez(tmp_path / "d.npz", x=x, y=x @ weights["v"])
    made = network(nodes, weights, {"x": ("n", 64)}, {"scores": ("n", 8), "place": ("n", 8)})
    return saved(tmp_path, made)


def test_the_judged_output_can_be_set(two_outputs: str, tmp_path: Path, capsys: Capture) -> None:
    data = str(tmp_path / "d.npz")
    first = evaluated(capsys, two_outputs, data)
    other = evaluated(capsys, two_outputs, data, "output=place")
    assert first["metric"] == other["metric"] == "mean-absolute-error"
    assert first["score"] > 0.5
    assert other["score"] == pytest.approx(0, abs=1e-4)
    done = in_json(
        capsys, "compress", two_outputs, "--data", f"{data}?output=place", "--step",
        "half-precision", "--output", str(tmp_path / "half.onnx"), "--no-time",
    )  # fmt: skip
    assert done["variant"]["score"] == pytest.approx(0, abs=0.05)
    written = in_json(
        capsys, "export", two_outputs, "--data", f"{data}?output=place", "--to", "onnx",
        "--output", str(tmp_path / "same.onnx"),
    )  # fmt: skip
    assert all(check["passed"] for check in written["checks"])


@pytest.mark.parametrize("way", ["metadata", "setting"])
def test_classes_in_the_models_own_order(tmp_path: Path, capsys: Capture, way: str) -> None:
    draw = np.random.default_rng(0)
    rows = ["x,label"]
    for name, mean in (("apple", 0.0), ("pear", 3.0), ("plum", 6.0)):
        rows += [f"{value:.4f},{name}" for value in draw.normal(mean, 0.1, 60)]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    # The model's order: plum, apple, pear. Scores are the negative distances to the means.
    weights = {"w": np.array([[12.0, 0.0, 6.0]], np.float32), "b": -np.float32([36, 0, 9])}
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["y"])]
    said = {"id2label": '{"0": "Plum", "1": "Apple", "2": "Pear"}'} if way == "metadata" else {}
    made = network(nodes, weights, {"x": ("n", 1)}, {"y": ("n", 3)})
    model, data = saved(tmp_path, made, **said), str(tmp_path / "t.csv")
    if way == "setting":
        assert run(["evaluate", model, "--data", data]) == 0
        told = capsys.readouterr().err
        assert "no better than guessing" in told
        assert "Set classes=plum,apple,pear" in told
        found = evaluated(capsys, model, data, "classes=plum,apple,pear")
    else:
        found = evaluated(capsys, model, data)
    assert found["accuracy"] == 1.0


def test_a_project_whose_data_has_moved_goes_on_with_it(tmp_path: Path, capsys: Capture) -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(120, 16)).astype(np.float32)
    w = draw.normal(size=(16, 3)).astype(np.float32)
    old, new, other = (tmp_path / f"{name}.npz" for name in ("old", "new", "other"))
    np.savez(old, x=x, y=(x @ w).argmax(axis=1))
    np.savez(other, x=x, y=(x @ -w).argmax(axis=1))
    nodes = [
        helper.make_node("MatMul", ["x", "v"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("MatMul", ["b", "u"], ["y"]),
    ]
    weights = {"v": np.concatenate([np.eye(16)] * 2, axis=1).astype(np.float32)}
    weights["v"][:, 16:] *= -1
    weights["u"] = np.concatenate([w, -w])
    model = saved(tmp_path, network(nodes, weights, {"x": ("n", 16)}, {"y": ("n", 3)}))

    def swept(data: Path) -> list[str]:
        return [
            "sweep", model, "--data", str(data), "--step", "weight-pruning", "--vary",
            "sparsity=0.5:0.5:0.1", "--project", str(tmp_path / "p"), "--no-time",
        ]  # fmt: skip

    first = in_json(capsys, *swept(old))
    old.rename(new)
    assert run(swept(old)) == 1
    told = capsys.readouterr().err
    assert "The data of the project p was not found" in told
    assert f"nothing at {old}" in told
    assert "--data NEW" in told
    assert run(swept(other)) == 0
    assert "is not the same" in capsys.readouterr().err
    with open_project(tmp_path / "p.tinystudio") as project:  # as it was, but for the new data
        project.write([project.memory().state.model_copy(update={"data": str(old)})])
    assert run([*swept(new), "--json"]) == 0
    said = capsys.readouterr()
    assert "3 measurements on it stay" in said.err
    again = json.loads(said.out)
    scores = [item["measurement"]["score"] for item in first["variants"]]
    assert [item["measurement"]["score"] for item in again["variants"]] == scores
