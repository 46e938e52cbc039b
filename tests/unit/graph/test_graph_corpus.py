"""Every graph that the `onnx` package ships for testing opens, is counted and coupled."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import onnx
from onnx.backend.test.case.node import collect_testcases

from tinystudio.graph.batchnorm import fold_batch_normalization
from tinystudio.graph.coupling import couple
from tinystudio.graph.facts import facts
from tinystudio.graph.opening import open_network

DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"


def corpus() -> Iterator[tuple[str, bytes]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reference results divide by zero on purpose
        cases = collect_testcases(None)
    for case in cases:
        yield case.name, case.model.SerializeToString()
    for path in sorted(DATA.glob("**/*.onnx")):
        yield path.parent.name, path.read_bytes()


def test_when_any_graph_of_the_corpus_is_opened_then_nothing_goes_wrong(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    opened = 0
    for name, data in corpus():
        print(name)  # shown where one fails
        path.write_bytes(data)
        network = open_network(path)
        assert len(facts(network).layers) == len(network.nodes)
        couple(network)
        onnx.checker.check_model(fold_batch_normalization(network).model)
        opened += 1
    assert opened > 1900
