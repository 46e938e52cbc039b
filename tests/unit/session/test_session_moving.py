"""What has moved takes its old place in a project, with everything that was measured on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from session_events import ORIGINAL, SMALL, finished, job, ready, started, variant

from tinystudio.core.errors import UserError
from tinystudio.jobs.events import Event, Inspected
from tinystudio.jobs.inspection import DataInfo, Inspection
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.variant import Variant, variant_id
from tinystudio.session.marks import Mark
from tinystudio.session.moving import Lost, Move, differences, lost_in
from tinystudio.session.project import open_project
from tinystudio.session.records import Marked, ProjectState
from tinystudio.session.runs import Run, Runs
from tinystudio.session.session import Session

SETTINGS = "?target=label"


class Nobody:
    def send(self, job: object) -> None:
        """Take a job and forget it."""

    def cancel(self, job: str) -> None:
        """Nothing runs."""


def of(network: str, data: str, made: Variant) -> Variant:
    split = "test" if made.measurement.split == "test" else "validation"
    identity = variant_id(network, data, 0, made.recipe, split)
    parent = variant_id(network, data, 0, ORIGINAL, split)
    changed = {"network": network, "data": data, "id": identity, "parent": parent}
    return made.model_copy(update=changed)


def written(folder: Path, network: str, data: str) -> Variant:
    """Write a project with two variants on `data`, one of them kept, named and tested."""
    asked = job().model_copy(update={"network": network, "data": data})
    tested = asked.model_copy(update={"id": "test", "split": "test"})
    first, second = of(network, data, variant(ORIGINAL)), of(network, data, variant(SMALL))
    test = of(network, data, variant(SMALL, split="test"))
    events: list[Event] = [
        started(asked), ready(first), ready(second), finished("job"),
        started(tested), ready(test).model_copy(update={"job": "test"}), finished("test"),
    ]  # fmt: skip
    with open_project(folder) as project:
        project.write(events)
        project.write(
            [
                Marked(second.id, Mark(kept=True, name="mine")),
                ProjectState(network=network, data=data, recipe=SMALL, selected=second.id),
            ]
        )
    return second


def test_everything_is_as_if_the_data_had_always_been_there(tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "elsewhere" / "new.csv"
    before = written(tmp_path / "p", "net.onnx", f"{old}{SETTINGS}")
    with open_project(tmp_path / "p") as project:
        assert project.relocate(old, new) == 3
    with open_project(tmp_path / "p") as project:
        session = Session(project, Nobody())
        assert session.data == f"{new}{SETTINGS}"
        mine = next(item for item in session.variants() if item.title == "mine")
        assert len(session.variants()) == 2
        assert mine.mark.kept
        assert mine.has_test
        assert mine.id != before.id
        assert mine.variant.data == f"{new}{SETTINGS}"
        assert mine.variant.parent == session.original.id
        assert session.selected is not None
        assert session.selected.id == mine.id
        jobs = [run.job for run in session.runs if isinstance(run.job, VariantsJob)]
        assert {item.data for item in jobs} == {f"{new}{SETTINGS}"}


def test_a_model_that_has_moved_keeps_its_variants(tmp_path: Path) -> None:
    old, new = tmp_path / "old.onnx", tmp_path / "new.onnx"
    written(tmp_path / "p", str(old), "gallery:watch")
    with open_project(tmp_path / "p") as project:
        project.relocate(old, new)
        session = Session(project, Nobody())
        assert (session.network, session.data) == (str(new), "gallery:watch")
        assert len(session.variants()) == 2


def test_other_data_is_left_alone(tmp_path: Path) -> None:
    written(tmp_path / "p", "net.onnx", "/data/a.csv")
    with open_project(tmp_path / "p") as project:
        before = project.memory()
        assert project.relocate(Path("/data/b.csv"), tmp_path / "c.csv") == 0
        assert project.memory() == before


def test_a_project_that_somebody_writes_to_is_not_changed(tmp_path: Path) -> None:
    written(tmp_path / "p", "net.onnx", "/data/a.csv")
    with (
        open_project(tmp_path / "p"),
        open_project(tmp_path / "p") as second,
        pytest.raises(UserError, match="put back"),
    ):
        second.relocate(Path("/data/a.csv"), tmp_path / "b.csv")


def test_what_is_gone_is_noticed_the_model_first(tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.touch()
    gone = ProjectState(network="/nowhere/m.onnx", data="/nowhere/d.csv?a=b")
    assert [item.kind for item in lost_in(gone)] == ["model", "data"]
    assert lost_in(gone)[1].at(there) == f"{there}?a=b"
    assert lost_in(ProjectState(network="gallery:watch", data=f"{there}?a=b")) == ()
    assert lost_in(ProjectState(network=str(there), data="download:mnist?width=32")) == ()
    assert lost_in(ProjectState()) == ()


def data(**change: object) -> DataInfo:
    known = DataInfo(
        name="d", metric="accuracy", classes=("a", "b"), train=60, calibration=60, validation=20,
        test=20, fingerprint="1",
    )  # fmt: skip
    return known.model_copy(update=change)


def look(data_info: DataInfo | None = None, **change: object) -> Inspection:
    made = Inspection(
        title="m", parameters=10, macs=None, weight_bytes=40, size_bytes=50,
        peak_activation_bytes=None, opset=17, producer="", inputs=(), outputs=(), layers=(),
        groups=(), preflight=(), data=data_info, fingerprint="f",
    )  # fmt: skip
    return made.model_copy(update=change)


def looked(found: Inspection) -> Runs:
    asked = InspectJob(network="m.onnx", data="d.csv", id="look")
    return Runs([started(asked), Inspected(job="look", inspection=found), finished("look")])


@pytest.mark.parametrize(
    ("before", "found", "words"),
    [
        (data(), data(), None),
        (data(), data(fingerprint="2"), "samples in it are others"),
        (data(), data(fingerprint="2", train=61), "train has 61 samples instead of 60"),
        (data(), data(fingerprint="2", classes=("a", "c")), "a, c instead of a, b"),
        (data(fingerprint=""), data(), None),  # of an older project, which noted no content
        (data(fingerprint=""), data(test=7), "test has 7 samples instead of 20"),
    ],
)
def test_data_is_compared_by_its_content(
    before: DataInfo, found: DataInfo, words: str | None
) -> None:
    told = differences(Lost("data", "d.csv"), looked(look(before)), look(found))
    assert (words is None) == (told == ())
    assert words is None or words in " ".join(told)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (look(), None),
        (look(fingerprint="g"), "weights are others"),
        (look(fingerprint="g", parameters=11), "11 parameters instead of 10"),
    ],
)
def test_models_are_compared_by_their_content(found: Inspection, words: str | None) -> None:
    told = differences(Lost("model", "m.onnx"), looked(look()), found)
    assert (words is None) == (told == ())
    assert words is None or words in " ".join(told)


def test_where_nothing_was_known_nothing_is_taken_for_the_same() -> None:
    runs: list[Run] = []
    assert differences(Lost("data", "d.csv"), runs, look(data()))
    assert differences(Lost("model", "m.onnx"), runs, look())


def test_a_move_leaves_the_gallery_and_other_paths() -> None:
    move = Move(Path("/a"), Path("/b"))
    assert move.reference("gallery:watch") == "gallery:watch"
    assert move.reference("download:mnist") == "download:mnist"
    assert move.reference("/a/c.csv") == "/a/c.csv"
    assert move.reference("/a?x=y") == "/b?x=y"
