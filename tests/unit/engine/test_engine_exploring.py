"""An engine builds a layer database from files: in order, once, and on from where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from engine_examples import Listening, work_in, write_example
from example_networks import network, run
from onnx import helper, version_converter

from tinystudio.core import places
from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset, Samples
from tinystudio.core.reporter import Silent
from tinystudio.engine import work
from tinystudio.engine.making import make
from tinystudio.explorer.building import Builder
from tinystudio.explorer.database import Database, load_database
from tinystudio.explorer.recipes import recipe_of, recipe_of_point
from tinystudio.explorer.space import Choice
from tinystudio.graph.network import Network
from tinystudio.jobs.events import (
    EVENT,
    DatabaseReady,
    Event,
    Failed,
    PreviewReady,
    Progressed,
    VariantReady,
)
from tinystudio.jobs.job import JOB, ExploreJob, PreviewJob, VariantsJob
from tinystudio.measure.running import outputs_of
from tinystudio.metrics import find_metric


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "cache", lambda: tmp_path / "cache")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, ...]]]:
    """Count which choices are made into networks."""
    counted: list[tuple[int, ...]] = []
    for name in ("_network", "_in_float"):
        real = getattr(Builder, name)

        def counting(self: Builder, choice: Choice, real=real) -> Network:  # type: ignore[no-untyped-def]
            counted.append(tuple(choice.tolist()))
            return real(self, choice)  # type: ignore[no-any-return]

        monkeypatch.setattr(Builder, name, counting)
    yield counted


def exploring(folder: Path, images: bool = False, **values: object) -> ExploreJob:
    net, data = write_example(folder, images)
    given = {"measured": 10, "time": False, **values}
    return ExploreJob.model_validate({"network": net, "data": data, **given})


def states(said: list[Event]) -> list[DatabaseReady]:
    return [event for event in said if isinstance(event, DatabaseReady)]


def newest(said: list[Event]) -> Database:
    return load_database(Path(states(said)[-1].path))


@pytest.mark.parametrize("images", [False, True], ids=["linear layers", "convolutions"])
def test_the_states_come_in_order_between_start_and_end(tmp_path: Path, images: bool) -> None:
    said = Listening(tmp_path).run(exploring(tmp_path, images))
    assert (said[0].kind, said[-1].kind) == ("started", "finished")
    assert [event.stage for event in states(said)] == ["levels", "timed", "complete"]
    fractions = [event.fraction for event in said if isinstance(event, Progressed)]
    assert fractions == sorted(fractions)
    known = newest(said)
    assert known.front
    assert known.original_score > 0.8
    assert [EVENT.validate_json(EVENT.dump_json(event)) for event in said] == said


def test_every_state_can_be_read_and_none_is_worse(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(exploring(tmp_path))
    for event in states(said):
        known = load_database(Path(event.path))
        assert known.stage == event.stage
        assert known.predictor.predict(known.space.original).score == known.original_score


def test_a_second_run_comes_from_the_disk(tmp_path: Path, made: list[tuple[int, ...]]) -> None:
    job = exploring(tmp_path)
    first = Listening(tmp_path).run(job)
    made.clear()
    second = Listening(tmp_path).run(job)
    assert made == []
    assert [event.stage for event in states(second)] == ["complete"]
    assert newest(second).front == newest(first).front


def test_another_seed_or_network_is_another_database(tmp_path: Path) -> None:
    job = exploring(tmp_path)
    first = states(Listening(tmp_path).run(job))[-1].path
    other = states(Listening(tmp_path).run(job.model_copy(update={"seed": 1})))[-1].path
    assert Path(first).parent != Path(other).parent


def test_cancelled_on_the_way_it_goes_on_where_it_was(
    tmp_path: Path, made: list[tuple[int, ...]]
) -> None:
    job = exploring(tmp_path)
    said = Listening(tmp_path, stop_at="database-ready").run(job)
    assert said[-1].kind == "cancelled"
    assert [event.stage for event in states(said)] == ["levels"]
    before = set(made)
    made.clear()
    again = Listening(tmp_path).run(job)
    assert [event.stage for event in states(again)] == ["levels", "timed", "complete"]
    known = newest(again)
    checked = {tuple(choice) for choice in known.known.choices.tolist()}
    assert not (set(made) - checked) & before


def test_what_the_database_used_is_what_a_recipe_makes(tmp_path: Path) -> None:
    """Remade from its recipe in a fresh engine, a choice puts out what was measured, to the bit."""
    job = exploring(tmp_path, samples=64)
    known = newest(Listening(tmp_path).run(job))
    for at in (1, 5):
        choice = np.array(known.known.choices[at], np.int16)
        preview = PreviewJob(
            network=job.network, data=job.data, recipe=recipe_of(known.space, choice), number=at,
            samples=known.samples, keep_outputs=True,
        )  # fmt: skip
        said = Listening(tmp_path / str(at)).run(preview)
        (ready,) = (event for event in said if isinstance(event, PreviewReady))
        assert ready.outputs is not None
        outputs = np.load(ready.outputs)
        missed = known.predictor.missed_by(choice, outputs)
        assert np.abs(missed - known.known.missed[at]).max() < 1e-5
        assert ready.measurement.score == pytest.approx(known.known.scores[at])
        assert ready.measurement.size_bytes == pytest.approx(
            known.point(choice).size_bytes, rel=0.1
        )


def test_a_variant_is_the_same_to_the_byte_in_a_fresh_cache(tmp_path: Path) -> None:
    job = exploring(tmp_path)
    known = newest(Listening(tmp_path).run(job))
    choice = np.array(known.front[len(known.front) // 2].choice, np.int16)
    recipe = recipe_of(known.space, choice)
    wanted = VariantsJob(network=job.network, data=job.data, recipes=(recipe,), time=False)
    hashes = set()
    for name in ("one", "two"):
        said = Listening(tmp_path / name).run(wanted)
        *_, ready = (event for event in said if isinstance(event, VariantReady))
        assert ready.variant.artifact is not None
        hashes.add(ready.variant.artifact.sha256)
        if "w8a8" not in known.space.precisions(choice).values():
            assert ready.variant.artifact.size_bytes == known.point(choice).size_bytes
    assert len(hashes) == 1


def test_errors_of_numbers_are_explored_and_lower_is_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    weights = {
        "w": rng.normal(0, 0.3, (24, 16)).astype("f4"),
        "v": rng.normal(0, 0.3, (16, 1)).astype("f4"),
    }
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "one"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "v"], ["y"], "two"),
    ]
    tested = network(nodes, weights, {"x": ("n", 24)}, {"y": ("n", 1)})
    (tmp_path / "net.onnx").write_bytes(tested.data)
    inputs = rng.normal(size=(300, 24)).astype("f4")
    labels = run(tested, (inputs,))[0] + rng.normal(0, 0.1, (300, 1))
    samples = Samples((inputs,), labels, np.arange(300))
    numbers = Dataset("numbers", *[samples] * 4, metric="mean-absolute-error", fingerprint="n")
    monkeypatch.setattr(work, "resolve_dataset", lambda *_: numbers)
    job = ExploreJob(network=str(tmp_path / "net.onnx"), data="numbers", measured=8, time=False)
    known = newest(Listening(tmp_path).run(job))
    assert known.metric == "mean-absolute-error"
    assert not known.higher_is_better
    assert known.original_score == pytest.approx(0.08, abs=0.03)
    scores = [point.score for point in known.front]
    assert scores == sorted(scores)  # smaller files are farther off
    assert all(
        0.0 <= point.interval[0] <= point.score <= point.interval[1] for point in known.front
    )


def bare() -> Network:
    nodes = [helper.make_node("Softmax", ["x"], ["y"], "soft")]
    return network(nodes, {}, {"x": ("n", 4)}, {"y": ("n", 4)})


def tiny() -> Network:
    """Return two layers of so few weights that neither channels nor bits are worth a level."""
    rng = np.random.default_rng(0)
    weights = {"w": rng.normal(size=(4, 2)).astype("f4"), "v": rng.normal(size=(2, 4)).astype("f4")}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"], "one"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "v"], ["y"], "two"),
    ]
    return network(nodes, weights, {"x": ("n", 4)}, {"y": ("n", 4)})


@pytest.mark.parametrize("tested", [bare, tiny])
def test_where_nothing_can_be_chosen_it_says_so(tmp_path: Path, tested) -> None:
    (tmp_path / "net.onnx").write_bytes(tested().data)
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=rng.normal(size=(60, 4)).astype("f4"), y=np.arange(60) % 4)
    job = ExploreJob(
        network=str(tmp_path / "net.onnx"), data=str(tmp_path / "data.npz"), time=False
    )
    failed = Listening(tmp_path).run(job)[-1]
    assert isinstance(failed, Failed)
    assert failed.traceback == ""
    assert "not explored" in failed.title
    assert failed.hint


def test_data_that_does_not_fit_fails_in_words(tmp_path: Path) -> None:
    job = exploring(tmp_path)
    np.savez(tmp_path / "other.npz", x=np.zeros((60, 5), np.float32), y=np.arange(60) % 4)
    job = job.model_copy(update={"data": str(tmp_path / "other.npz")})
    failed = Listening(tmp_path).run(job)[-1]
    assert isinstance(failed, Failed)
    assert failed.traceback == ""


def test_where_the_operator_set_cannot_be_raised_it_is_explored_without_four_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise version_converter.ConvertError("no way to 21")

    monkeypatch.setattr(version_converter, "convert_version", refuse)
    known = newest(Listening(tmp_path).run(exploring(tmp_path)))
    kinds = {precision for layer in known.space.layers for precision in layer.precisions}
    assert kinds == {"float", "w8", "w8a8"}


def test_a_search_adds_measured_points_and_ends(tmp_path: Path) -> None:
    job = exploring(tmp_path)
    first = newest(Listening(tmp_path).run(job))
    more = newest(Listening(tmp_path).run(job.model_copy(update={"search_s": 0.2})))
    assert len(more.known) > len(first.known)
    assert len({choice.tobytes() for choice in more.known.choices}) == len(more.known)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ExploreJob, Database]:
    """Return where a search has trained points for some seconds, its job and what it found."""
    folder = tmp_path_factory.mktemp("searched")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "cache", lambda: folder / "cache")
        patch.setattr("tinystudio.explorer.refining.LOCAL_S", 0.1)
        job = exploring(folder, measured=6, samples=64, search_s=3.0)
        return folder, job, newest(Listening(folder).run(job))


def test_a_search_trains_points_of_the_front(searched) -> None:
    known = searched[2]
    assert any(point.epochs for point in known.front)
    assert all(point.is_measured for point in known.trained)


def test_a_trained_points_recipe_makes_the_file_that_was_measured(searched, tmp_path: Path) -> None:
    """In a fresh engine that keeps nothing: the same bytes, hence the same score."""
    _, job, known = searched
    trained = sorted((p for p in known.front if p.epochs), key=lambda point: point.epochs)
    work = work_in(tmp_path, [])
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network)
    samples, metric = dataset.validation.first(known.samples), find_metric(known.metric)
    for point in trained[:2]:
        recipe = recipe_of_point(known.space, point)
        made = make(network, recipe, dataset, job.seed, Silent(), Cache()).network
        file = work.finished(made, recipe, job.network, dataset).data
        assert len(file) == point.size_bytes
        outputs = outputs_of(file, samples, Silent())
        assert samples.labels is not None
        assert metric.score(outputs, samples.labels) == point.score


def test_a_later_search_still_knows_what_an_earlier_one_has_trained(
    searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, job, known = searched
    monkeypatch.setattr(places, "cache", lambda: folder / "cache")
    said = Listening(folder).run(job.model_copy(update={"search_s": 0.0}))
    assert newest(said).trained == known.trained
    assert newest(said).front == known.front


def test_the_job_goes_through_json_unchanged(tmp_path: Path) -> None:
    job = exploring(tmp_path, search_s=3.0)
    assert JOB.validate_json(JOB.dump_json(job)) == job
