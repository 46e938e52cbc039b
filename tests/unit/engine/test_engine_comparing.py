"""A comparison runs the exact files on the same samples and tells what differs."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_examples import Listening, write_example

from tinystudio.core import places
from tinystudio.core.data_preview import read_preview
from tinystudio.jobs.comparison import Comparison, Contender, LayerSpread
from tinystudio.jobs.events import EVENT, Compared, Failed, SpreadRead
from tinystudio.jobs.job import CompareJob, SpreadJob
from tinystudio.jobs.recipe import Recipe, Step

ORIGINAL = Contender(title="original")
HALVED = Contender(
    title="halved",
    recipe=Recipe(steps=(Step.of("channel-pruning", sparsity=0.8, importance="random"),)),
)
INT8 = Contender(title="INT8", recipe=Recipe(steps=(Step.of("static-quantization"),)))


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "cache", lambda: folder)
        yield


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Listening:
    return Listening(tmp_path_factory.mktemp("engine"))


def compared(engine: Listening, network: str, data: str | None, *who: Contender) -> Comparison:
    job = CompareJob(network=network, data=data, contenders=who, time=False)
    found = [event for event in engine.run(job) if isinstance(event, Compared)]
    assert found, engine.said[-1]
    # What is told has to pass through the pipe.
    again = EVENT.validate_json(EVENT.dump_json(found[0]))
    assert isinstance(again, Compared)
    return again.comparison


@pytest.fixture(scope="module")
def satellite(engine: Listening) -> Comparison:
    return compared(engine, "gallery:satellite", "gallery:satellite", ORIGINAL, HALVED, INT8)


def test_differences_are_paired_and_ties_are_said(satellite: Comparison) -> None:
    pairs = {(pair.first, pair.second): pair for pair in satellite.pairs}
    assert set(pairs) == {(0, 1), (0, 2), (1, 2)}
    assert not pairs[0, 1].tied
    assert pairs[0, 1].change < 0
    assert pairs[0, 2].tied
    scores = [item.measurement.score for item in satellite.contenders if item.measurement]
    assert pairs[0, 1].change == pytest.approx((scores[1] or 0) - (scores[0] or 0))
    lost = pairs[0, 1].mended - pairs[0, 1].new_mistakes
    assert lost / satellite.samples == pytest.approx(pairs[0, 1].change)


def test_classes_come_worst_first_and_add_up(satellite: Comparison) -> None:
    changes = [row.changes[1] or 0.0 for row in satellite.class_rows]
    assert changes[0] == min(changes) < 0
    assert sum(row.samples for row in satellite.class_rows) == satellite.samples
    for at, matrix in enumerate(satellite.matrices):
        assert sum(map(sum, matrix)) == satellite.samples
        right = sum(matrix[k][k] for k in range(len(matrix)))
        assert right == sum(row.right[at] for row in satellite.class_rows)


def test_changed_samples_are_pictured_new_mistakes_first(satellite: Comparison) -> None:
    first = satellite.changed[0]
    assert first.kind == "new mistake"
    assert first.said[0].is_right
    assert not all(said.is_right for said in first.said)
    assert first.said[0].words == first.truth
    shown = read_preview(satellite.pictures)
    assert shown is not None
    if shown.samples:
        assert [item.number for item in shown.samples] == [i.number for i in satellite.changed]
    else:
        assert len(shown.rows) == len(satellite.changed)


def test_layers_stand_beside_those_they_come_from(satellite: Comparison) -> None:
    rows = {row.name: row for row in satellite.layers}
    original, halved, int8 = rows["conv2"].cells
    assert original is not None
    assert halved is not None
    assert int8 is not None
    assert (original.precision, int8.precision) == ("float32", "INT8")
    assert original.channels is not None
    assert halved.channels is not None
    assert halved.channels < original.channels
    assert halved.size_bytes < original.size_bytes
    assert "conv2" in original.runtime[0].nodes
    assert any("conv2" in node.nodes for node in int8.runtime)
    for at, total in enumerate(satellite.totals_us):
        cells = [row.cells[at] for row in satellite.layers]
        times = [cell.time_us or 0 for cell in cells if cell is not None]
        assert sum(times) == pytest.approx(total)


def test_numbers_are_told_by_the_largest_changes(engine: Listening) -> None:
    task = "gallery:denoise"
    found = compared(engine, task, task, ORIGINAL, HALVED)
    assert "no classes" in found.why["classes"]
    assert found.changed[0].kind == "worse"
    scores = [item.said[1].score for item in found.changed[:2]]
    assert scores[0] is not None
    outputs = [read_preview(path) for path in (found.pictures, found.truths, *found.outputs)]
    assert all(item is not None and len(item.samples) == len(found.changed) for item in outputs)
    assert found.outputs[0] != found.outputs[1]


def test_without_data_there_are_layers_and_reasons(engine: Listening, tmp_path: Path) -> None:
    network, _ = write_example(tmp_path, images=True)
    pruned = Contender(title="p", recipe=Recipe(steps=(Step.of("half-precision"),)))
    found = compared(engine, network, None, ORIGINAL, pruned)
    assert "no data" in found.why["samples"]
    assert "layers" not in found.why  # timed on random numbers
    assert found.layers
    assert all(total is not None and total > 0 for total in found.totals_us)


def test_one_variant_is_not_enough(engine: Listening) -> None:
    task = "gallery:satellite"
    said = engine.run(CompareJob(network=task, data=task, contenders=(ORIGINAL,)))
    (failed,) = [event for event in said if isinstance(event, Failed)]
    assert "2 to 4" in failed.hint


def test_a_ready_file_is_run_as_it_is(engine: Listening, tmp_path: Path) -> None:
    network, data = write_example(tmp_path)
    ready = Contender(title="ready", file=network)
    found = compared(engine, network, data, ORIGINAL, ready)
    assert found.why["samples"] == "All variants answer every sample alike."
    assert found.pairs[0].tied
    assert found.changed == ()


def spread(engine: Listening, layer: str) -> LayerSpread | Failed:
    task = "gallery:satellite"
    job = SpreadJob(network=task, data=task, contenders=(ORIGINAL, HALVED, INT8), layer=layer)
    said = engine.run(job)
    return next(
        event.spread if isinstance(event, SpreadRead) else event
        for event in said
        if isinstance(event, (SpreadRead, Failed))
    )


def test_weights_of_a_layer_are_read_as_they_are_computed_with(engine: Listening) -> None:
    found = spread(engine, "conv2")
    assert isinstance(found, LayerSpread)
    original, halved, int8 = found.weights
    assert original is not None
    assert halved is not None
    assert int8 is not None
    assert int8.low == pytest.approx(original.low, rel=0.02)  # its codes, as the floats they mean
    assert halved.channels < original.channels == len(original.channel_lows)
    assert sum(original.shares) == pytest.approx(1.0, abs=1e-3)
    assert all(item is not None and item.low >= 0 for item in found.activations)  # rectified


def test_an_unknown_layer_is_refused_in_words(engine: Listening) -> None:
    found = spread(engine, "nowhere")
    assert isinstance(found, Failed)
    assert "nowhere" in found.detail
