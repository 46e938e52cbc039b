"""One job at a time, whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine_examples import DYNAMIC, PRUNED, Listening, write_example

from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256
from tinystudio.engine import engine as engine_module
from tinystudio.engine.variants import series_of
from tinystudio.graph.opening import open_network
from tinystudio.jobs.events import (
    ENDINGS,
    EVENT,
    Exported,
    Failed,
    Inspected,
    Measured,
    Progressed,
    VariantFailed,
    VariantReady,
)
from tinystudio.jobs.job import ExportJob, InspectJob, MeasureJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step


def sweep(folder: Path, *recipes: Recipe) -> VariantsJob:
    network, data = write_example(folder)
    return VariantsJob(network=network, data=data, recipes=recipes, time=False)


def variants(said: list[object]) -> list[VariantReady]:
    return [event for event in said if isinstance(event, VariantReady)]


def test_the_original_comes_first_and_is_the_parent_of_the_others(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(sweep(tmp_path, DYNAMIC, PRUNED))
    original, *others = (event.variant for event in variants(list(said)))
    assert original.series == "original"
    assert original.recipe == Recipe()
    assert original.parent is None
    assert [item.recipe for item in others] == [DYNAMIC, PRUNED]
    assert {item.parent for item in others} == {original.id}
    assert len({item.id for item in (original, *others)}) == 3


def test_the_figures_are_those_of_the_bytes_on_disk(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(sweep(tmp_path, DYNAMIC))
    for event in variants(list(said)):
        artifact = event.variant.artifact
        assert artifact is not None
        data = Path(artifact.path).read_bytes()
        assert (sha256(data), len(data)) == (artifact.sha256, artifact.size_bytes)
        assert event.variant.measurement.size_bytes == len(data)


def test_variants_and_a_look_tell_which_file_they_are_of(tmp_path: Path) -> None:
    job = sweep(tmp_path, DYNAMIC)
    fingerprint = open_network(Path(job.network)).fingerprint
    said = Listening(tmp_path).run(job)
    assert {event.variant.source for event in variants(list(said))} == {fingerprint}
    (look,) = (
        event
        for event in Listening(tmp_path).run(InspectJob(network=job.network))
        if isinstance(event, Inspected)
    )
    assert look.inspection.fingerprint == fingerprint


def test_a_variants_file_tells_its_recipe(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(sweep(tmp_path, DYNAMIC))
    artifact = variants(list(said))[-1].variant.artifact
    assert artifact is not None
    network = open_network(Path(artifact.path))
    assert "dynamic-quantization" in network.metadata["tinystudio.recipe"]


def test_where_no_files_are_wanted_none_are_written(tmp_path: Path) -> None:
    job = sweep(tmp_path, DYNAMIC).model_copy(update={"keep_files": False})
    said = Listening(tmp_path).run(job)
    assert [event.variant.artifact for event in variants(list(said))] == [None, None]
    assert not (tmp_path / "artifacts").exists()


def test_asked_twice_the_same_recipe_gives_the_same_variant_and_bytes(tmp_path: Path) -> None:
    job = sweep(tmp_path, PRUNED)
    first = variants(list(Listening(tmp_path).run(job)))[-1].variant
    second = variants(list(Listening(tmp_path).run(job)))[-1].variant
    assert (first.id, first.artifact) == (second.id, second.artifact)
    assert first.measurement.score == second.measurement.score


def test_a_recipe_that_cannot_be_carried_out_is_said_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UserError("Not this one", "It is refused.", "Take another.")

    monkeypatch.setattr(type(PRUNED.steps[0].part), "apply", refuse)
    said = Listening(tmp_path).run(sweep(tmp_path, PRUNED, DYNAMIC))
    (failure,) = (event for event in said if isinstance(event, VariantFailed))
    assert (failure.recipe, failure.title, failure.hint) == (
        PRUNED,
        "Not this one",
        "Take another.",
    )
    assert [event.variant.recipe for event in variants(list(said))] == [Recipe(), DYNAMIC]
    assert said[-1].kind == "finished"


def test_progress_never_goes_back_and_the_time_left_is_said_once_known(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(sweep(tmp_path, DYNAMIC, PRUNED))
    progress = [event for event in said if isinstance(event, Progressed)]
    fractions = [event.fraction for event in progress]
    assert fractions == sorted(fractions)
    assert progress[0].seconds_left is None
    assert progress[-1].seconds_left is not None


def test_a_cancelled_sweep_keeps_what_is_finished_and_ends_as_cancelled(tmp_path: Path) -> None:
    said = Listening(tmp_path, stop_at="variant-ready").run(sweep(tmp_path, DYNAMIC, PRUNED))
    assert len(variants(list(said))) == 1
    assert said[-1].kind == "cancelled"
    assert sum(isinstance(event, ENDINGS) for event in said) == 1


@pytest.mark.parametrize("network", ["nowhere.onnx", "gallery:nothing"])
def test_what_the_user_can_mend_fails_with_its_words_and_no_traceback(
    tmp_path: Path, network: str
) -> None:
    failed = Listening(tmp_path).run(InspectJob(network=network))[-1]
    assert isinstance(failed, Failed)
    assert failed.hint
    assert failed.traceback == ""


def test_a_fault_of_the_program_is_said_as_such_with_the_traceback_for_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(engine_module, "inspect", break_down)
    failed = Listening(tmp_path).run(InspectJob(network="n"))[-1]
    assert isinstance(failed, Failed)
    assert "inside TinyStudio" in failed.title
    assert "ZeroDivisionError" in failed.traceback
    caplog.clear()


def test_running_out_of_memory_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def eat(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(engine_module, "inspect", eat)
    failed = Listening(tmp_path).run(InspectJob(network="n"))[-1]
    assert isinstance(failed, Failed)
    assert "memory" in failed.title.lower()


def test_what_was_said_goes_through_json_unchanged(tmp_path: Path) -> None:
    said = Listening(tmp_path).run(sweep(tmp_path, DYNAMIC))
    assert [EVENT.validate_json(EVENT.dump_json(event)) for event in said] == said


def test_a_file_is_measured_alone_and_against_another(tmp_path: Path) -> None:
    network, data = write_example(tmp_path)
    listening = Listening(tmp_path)
    alone = listening.run(MeasureJob(network=network, data=data, time=False))
    against = listening.run(MeasureJob(network=network, data=data, against=network, time=False))
    (one,) = (event for event in alone if isinstance(event, Measured))
    (two,) = (event for event in against if isinstance(event, Measured))
    assert one.original is None
    assert one.measurement.split == "test"
    assert two.original is not None
    assert two.original.score == two.measurement.score


def test_without_data_a_file_still_has_a_size(tmp_path: Path) -> None:
    network, _ = write_example(tmp_path)
    said = Listening(tmp_path).run(MeasureJob(network=network, time=False))
    (measured,) = (event for event in said if isinstance(event, Measured))
    assert measured.measurement.size_bytes == Path(network).stat().st_size
    assert measured.measurement.score is None


def test_an_exported_file_is_the_measured_one_and_passes_its_checks(tmp_path: Path) -> None:
    listening = Listening(tmp_path)
    job = sweep(tmp_path, DYNAMIC)
    artifact = variants(list(listening.run(job)))[-1].variant.artifact
    assert artifact is not None
    output = tmp_path / "out.onnx"
    said = listening.run(
        ExportJob(
            network=job.network, data=job.data, recipe=DYNAMIC, artifact=artifact.path,
            target="onnx", output=str(output),
        )
    )  # fmt: skip
    (exported,) = (event for event in said if isinstance(event, Exported))
    assert sha256(output.read_bytes()) == artifact.sha256
    assert exported.artifacts[0].sha256 == artifact.sha256
    assert exported.checks
    assert all(check.passed for check in exported.checks)
    assert exported.measurement is not None
    assert exported.measurement.split == "test"


def test_an_export_without_its_file_makes_the_same_bytes_again(tmp_path: Path) -> None:
    listening = Listening(tmp_path)
    job = sweep(tmp_path, DYNAMIC)
    artifact = variants(list(listening.run(job)))[-1].variant.artifact
    assert artifact is not None
    fresh = Listening(tmp_path)
    output = tmp_path / "out.onnx"
    fresh.run(
        ExportJob(
            network=job.network, data=job.data, recipe=DYNAMIC, target="onnx", output=str(output)
        )
    )
    assert sha256(output.read_bytes()) == artifact.sha256


def test_an_unknown_target_fails_and_writes_nothing(tmp_path: Path) -> None:
    network, _ = write_example(tmp_path)
    output = tmp_path / "out.x"
    failed = Listening(tmp_path).run(ExportJob(network=network, target="x", output=str(output)))[-1]
    assert isinstance(failed, Failed)
    assert not output.exists()


def test_a_series_is_that_of_the_last_step_unless_an_earlier_one_is_a_control() -> None:
    random = Step.of("channel-pruning", importance="random")
    assert series_of(Recipe(steps=(*PRUNED.steps, *DYNAMIC.steps))) == "dynamic-quantization"
    control = random.part.series(random.params)
    assert series_of(Recipe(steps=(random, *DYNAMIC.steps))) == control
