"""What a user does with an open project."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from session_events import (
    AT,
    DATA,
    NETWORK,
    ORIGINAL,
    SMALL,
    finished,
    job,
    ready,
    started,
    variant,
    whole_run,
)

from tinystudio.core.data import Split
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.events import Cancelled, EngineReady, Interrupted, PreviewReady
from tinystudio.jobs.job import ExportJob, InspectJob, Job, PreviewJob, VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Variant
from tinystudio.session.board import Change
from tinystudio.session.front import Limits
from tinystudio.session.project import Project, open_project
from tinystudio.session.runs import RunState
from tinystudio.session.session import Session
from tinystudio.session.sweeps import Vary


class Sent:
    """Notes what is sent instead of doing it."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.cancelled: list[str] = []

    def send(self, job: Job) -> None:
        self.jobs.append(job)

    def cancel(self, job: str, pause: bool = False) -> None:
        self.cancelled.append(job)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with open_project(tmp_path / "p") as opened:
        yield opened


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def session(project: Project, sent: Sent) -> Session:
    """Return a session with a network, its original and one variant."""
    made = Session(project, sent)
    made.open_network(NETWORK, DATA)
    made.take(whole_run())
    sent.jobs.clear()
    return made


def small_id() -> str:
    return variant(SMALL).id


def test_opening_a_network_looks_at_it_and_measures_the_original(
    project: Project, sent: Sent
) -> None:
    session = Session(project, sent)
    session.open_network(NETWORK, DATA)
    look, measure = sent.jobs
    assert isinstance(look, InspectJob)
    assert isinstance(measure, VariantsJob)
    assert measure.recipes == ()
    assert measure.split == "validation"
    assert [run.state for run in session.runs] == [RunState.WAITING] * 2


def test_without_data_a_network_is_only_looked_at(project: Project, sent: Sent) -> None:
    session = Session(project, sent)
    session.open_network(NETWORK)
    assert [type(job) for job in sent.jobs] == [InspectJob]
    with pytest.raises(UserError, match="no data"):
        session.measure()
    session.attach_data(DATA)
    assert session.data == DATA


def test_a_measured_original_is_not_measured_again_when_opened_again(
    session: Session, sent: Sent
) -> None:
    session.open_network(NETWORK, DATA)
    assert [type(job) for job in sent.jobs] == [InspectJob]


def test_variants_come_with_the_original_first(session: Session) -> None:
    assert [item.is_original for item in session.variants()] == [True, False]
    assert session.original is not None
    assert session.original.measurement.score == 0.95


def test_figures_measured_again_replace_the_older_ones(session: Session) -> None:
    session.take([started(job("again")), ready(variant(SMALL, 0.7), "again"), finished("again")])
    assert [item.measurement.score for item in session.variants()] == [0.95, 0.7]


def timed(recipe: Recipe, split: Split = "validation", **figures: object) -> Variant:
    found = variant(recipe, split=split)
    update = {"latency_ratio_status": "measured", **figures}
    return found.model_copy(update={"measurement": found.measurement.model_copy(update=update)})


def test_all_times_move_with_the_original_s_newest_one(session: Session) -> None:
    small = timed(
        SMALL, latency_ms=0.8, latency_interval_ms=(0.72, 0.88), latency_p95_ms=0.96,
        latency_ratio=0.8, latency_ratio_interval=(0.72, 0.88),
    )  # fmt: skip
    on_test = timed(SMALL, "test", latency_ms=0.9, latency_ratio=0.75)
    session.take([started(job("a")), ready(timed(ORIGINAL), "a"), ready(small, "a"), finished("a")])
    session.take([started(job("t", "test")), ready(on_test, "t"),
                  ready(timed(ORIGINAL, "test", latency_ms=1.2), "t"), finished("t")])  # fmt: skip
    original, before = session.variants()
    assert before.measurement is small.measurement
    assert original.test is not None and before.test is not None
    assert (original.test.latency_ms, before.test.latency_ms) == (1.0, 0.75)
    # A job is begun by another engine, which times the original anew, and is stopped after that.
    newer = timed(ORIGINAL, latency_ms=1.1)
    session.take([started(job("b")), ready(newer, "b"), Cancelled(job="b", at=AT)])
    original, after = (item.measurement for item in session.variants())
    assert original.latency_ms == 1.1 and after.latency_ratio == 0.8
    assert after.latency_ms == pytest.approx(0.8 * 1.1)
    assert after.latency_interval_ms == pytest.approx((0.72 * 1.1, 0.88 * 1.1))
    assert after.latency_p95_ms == pytest.approx(0.96 * 1.1)
    session.rename(small.id, "mine")
    assert session.variants()[1].measurement is after  # what has not changed is the same object


def test_a_kept_variant_is_measured_once_on_test(session: Session, sent: Sent) -> None:
    session.keep(small_id())
    (test_job,) = sent.jobs
    assert isinstance(test_job, VariantsJob)
    assert (test_job.split, test_job.recipes) == ("test", (SMALL,))
    session.take(whole_run(test_job.id, "test"))
    kept = session.variant(small_id())
    assert kept is not None
    assert kept.mark.kept
    assert kept.test is not None
    assert kept.test.split == "test"
    assert len(session.variants()) == 2
    session.keep(small_id(), kept=False)
    session.keep(small_id())
    assert len(sent.jobs) == 1


def test_a_deleted_variant_is_gone_until_undo_brings_it_back(session: Session) -> None:
    session.select(small_id())
    session.delete(small_id())
    assert session.variant(small_id()) is None
    assert session.selected is None
    assert session.undo_text == "Delete"
    session.undo()
    assert session.variant(small_id()) is not None


def test_the_original_cannot_be_deleted(session: Session) -> None:
    assert session.original is not None
    session.delete(session.original.id)
    assert session.original is not None


def test_a_drag_is_undone_as_one_step(session: Session) -> None:
    session.add_step("channel-pruning", sparsity=0.1)
    for value in (0.2, 0.3, 0.4):
        session.set_parameter(0, "sparsity", value, dragging=True)
    session.end_drag()
    session.undo()
    assert session.recipe.steps[0].params.model_dump()["sparsity"] == 0.1
    session.undo()
    assert session.recipe.steps == ()
    session.redo()
    session.redo()
    assert session.recipe.steps[0].params.model_dump()["sparsity"] == 0.4


def test_everything_is_there_after_opening_again(
    session: Session, project: Project, sent: Sent
) -> None:
    session.rename(small_id(), " tiny ")
    session.star(small_id())
    session.annotate(small_id(), "for the watch")
    session.edit(SMALL, "Edit")
    session.set_limits(Limits(size_bytes=50))
    session.select(small_id())
    again = Session(project, sent)
    assert again.recipe == SMALL
    assert again.limits == Limits(size_bytes=50)
    assert again.selected is not None
    assert again.selected.title == "tiny"
    assert again.selected.mark.starred
    assert again.selected.mark.note == "for the watch"
    assert [item.id for item in again.variants()] == [item.id for item in session.variants()]


def test_a_mark_that_was_undone_stays_undone_after_opening_again(
    session: Session, project: Project, sent: Sent
) -> None:
    session.star(small_id())
    session.undo()
    again = Session(project, sent).variant(small_id())
    assert again is not None
    assert not again.mark.starred


def test_a_sweep_leaves_out_what_is_already_measured(session: Session, sent: Sent) -> None:
    session.edit(SMALL, "Edit")
    name = next(iter(type(SMALL.steps[0].params).model_fields))
    value = getattr(SMALL.steps[0].params, name)
    session.sweep([Vary(name, (value,))])
    session.sweep([Vary(name, (value,))], again=True)
    first, second = sent.jobs
    assert isinstance(first, VariantsJob)
    assert isinstance(second, VariantsJob)
    assert first.recipes == ()
    assert second.recipes == (SMALL,)


def test_an_interrupted_sweep_is_retried_without_what_it_finished(
    session: Session, sent: Sent
) -> None:
    other = SMALL.with_added(SMALL.steps[0])
    session.take([started(job("s", "validation", SMALL, other)), ready(variant(SMALL), "s")])
    session.take([Interrupted(job="s", reason="died", at="now")])
    session.retry("s")
    (again,) = sent.jobs
    assert isinstance(again, VariantsJob)
    assert again.id != "s"
    assert again.recipes == (other,)


def test_an_answer_to_an_older_slider_position_does_not_come_back(
    session: Session, sent: Sent
) -> None:
    for _ in range(2):
        session.ask_preview()
    old, new = (job for job in sent.jobs if isinstance(job, PreviewJob))
    for asked in (new, old):
        answer = PreviewReady(
            job=asked.id, number=asked.number, recipe=SMALL, measurement=Measurement()
        )
        session.apply([started(asked), answer])
    assert session.preview is not None
    assert session.preview.number == new.number


def test_observers_hear_once_per_kind_of_change(session: Session) -> None:
    heard: list[Change] = []
    session.observe(heard.append)
    session.take(whole_run("more"))
    assert sorted(item.name for item in heard) == ["RUNS", "VARIANTS"]


def test_times_of_another_cpu_are_stale(session: Session) -> None:
    session.take([EngineReady(pid=1, cpu="another", instruction_sets=())])
    figures = session.variants()[1].measurement
    assert figures.latency_ms_status == "stale"
    assert figures.score_status == "measured"


def test_an_export_of_a_variant_uses_its_file_while_that_is_there(
    session: Session, sent: Sent, project: Project, tmp_path: Path
) -> None:
    session.export("onnx", tmp_path / "out.onnx", {}, small_id())
    file = project.artifacts / f"{SMALL.fingerprint}.onnx"
    file.write_bytes(b"net")
    session.export("onnx", tmp_path / "out.onnx", {}, small_id())
    first, second = sent.jobs
    assert isinstance(first, ExportJob)
    assert isinstance(second, ExportJob)
    assert (first.artifact, second.artifact) == (None, str(file))
    assert first.recipe == SMALL


def test_the_best_lies_inside_the_limits(session: Session) -> None:
    best = session.best()
    assert best is not None
    assert best.is_original
    session.set_limits(Limits(score=0.99))
    assert session.best() is None
    session.set_limits(Limits(size_bytes=1))
    assert session.best() is None


def test_with_nothing_open_nothing_is_measured(project: Project, sent: Sent) -> None:
    session = Session(project, sent)
    assert session.ask_preview() is None
    with pytest.raises(UserError, match="No model"):
        session.measure()
    assert sent.jobs == []


def test_a_deleted_variant_that_is_measured_again_is_shown_again(session: Session) -> None:
    session.edit(SMALL, "Edit")
    session.delete(small_id())
    session.measure()
    assert session.variant(small_id()) is not None


def test_cleaning_up_spares_the_original_and_what_is_kept(
    session: Session, project: Project
) -> None:
    other = SMALL.with_added(SMALL.steps[0])
    session.take([started(job("s", "validation", other)), ready(variant(other), "s")])
    for recipe in (ORIGINAL, SMALL, other):
        (project.artifacts / f"{recipe.fingerprint}.onnx").write_bytes(b"net")
    session.keep(small_id())
    assert session.clean_up() == 3
    left = {item.name for item in project.artifacts.iterdir()}
    assert left == {f"{recipe.fingerprint}.onnx" for recipe in (ORIGINAL, SMALL)}


def test_in_a_read_only_project_one_may_look_and_try_but_not_measure_or_mark(
    session: Session, project: Project, sent: Sent
) -> None:
    with open_project(project.folder) as second:
        visitor = Session(second, sent)
        visitor.open_network("other.onnx", DATA)
        visitor.add_step("channel-pruning")
        visitor.ask_preview()
        assert [type(job) for job in sent.jobs] == [InspectJob, PreviewJob]
        with pytest.raises(UserError) as caught:
            visitor.measure()
        assert "written to by" in caught.value.detail
        visitor.open_network(NETWORK, DATA)
        with pytest.raises(UserError):
            visitor.keep(small_id())
    assert session.network == NETWORK


def test_of_a_preview_nothing_is_stored(session: Session, project: Project, sent: Sent) -> None:
    before = project.memory().events
    session.ask_preview()
    (asked,) = sent.jobs
    session.take([started(asked), finished(asked.id)])
    assert project.memory().events == before
