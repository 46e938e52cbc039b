"""Everything that changes a project can be taken back, or says here why it cannot."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from session_events import DATA, NETWORK, ORIGINAL, SMALL, variant, whole_run

from tinystudio.jobs.job import Job, VariantsJob
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.draft import limits_words
from tinystudio.session.front import Limits
from tinystudio.session.project import Project, open_project
from tinystudio.session.records import Memory
from tinystudio.session.session import Session

PACKAGE = Path(__file__).resolve().parents[3] / "tinystudio"
Do = Callable[[Session], object]
ID = variant(SMALL).id
POINT = DevicePoint(variant=ID, device="Pi 4", latency_ms=2.0)

# How each is called, what has to be done before, and what the Edit menu says of it then.
UNDONE: dict[str, tuple[Do, Do, str]] = {
    "edit": (lambda s: None, lambda s: s.edit(SMALL, "Load"), "Load"),
    "add_step": (
        lambda s: None, lambda s: s.add_step("weight-pruning"), "Add Weight pruning",
    ),
    "set_parameter": (
        lambda s: s.add_step("weight-pruning"),
        lambda s: s.set_parameter(0, "sparsity", 0.3), "Change sparsity",
    ),
    "remove_step": (
        lambda s: s.add_step("weight-pruning"), lambda s: s.remove_step(0), "Remove Weight pruning",
    ),
    "move_step": (
        lambda s: (s.add_step("weight-pruning"), s.add_step("dynamic-quantization")),
        lambda s: s.move_step(0, 1), "Move Weight pruning",
    ),
    "set_limits": (
        lambda s: None, lambda s: s.set_limits(Limits(size_bytes=50.0)), "Limit size",
    ),
    "set_baseline": (
        lambda s: None, lambda s: s.set_baseline(ID), f"Compare with {variant(SMALL).recipe.title}",
    ),
    "add_device_points": (
        lambda s: None, lambda s: s.add_device_points((POINT,)), "Import figures of other devices",
    ),
    "remove_device_points": (
        lambda s: s.add_device_points((POINT,)), lambda s: s.remove_device_points(),
        "Remove figures of other devices",
    ),
    "rename": (lambda s: None, lambda s: s.rename(ID, "mine"), "Rename"),
    "star": (lambda s: None, lambda s: s.star(ID), "Star"),
    "annotate": (lambda s: None, lambda s: s.annotate(ID, "so"), "Note"),
    "tag": (lambda s: None, lambda s: s.tag(ID, ("a", "b")), "Tag"),
    "keep": (lambda s: None, lambda s: s.keep(ID), "Keep"),
    "delete": (lambda s: None, lambda s: s.delete(ID), "Delete"),
    "undelete": (lambda s: s.delete(ID), lambda s: s.undelete(ID), "Bring back"),
    "dismiss": (lambda s: None, lambda s: s.dismiss("too-large"), "Dismiss advice"),
    "recall_dismissed": (
        lambda s: s.dismiss("too-large"), lambda s: s.recall_dismissed(), "Show all advice again",
    ),
    "open_network": (
        lambda s: None, lambda s: s.open_network("other.onnx", "other.npz", 3), "Open other.onnx",
    ),
    "attach_data": (lambda s: None, lambda s: s.attach_data("other.npz"), "Attach data"),
    "detach_data": (lambda s: None, lambda s: s.detach_data(), "Detach the data"),
}  # fmt: skip
MEASURED = "it asks an engine; what is measured is a fact and stays"
LOOKED_AT = "it is about what is looked at, and not about the project"
CANNOT = {
    **dict.fromkeys(
        ("measure", "measure_original", "measure_recipes", "measure_on_test", "sweep", "explore",
         "diagnose", "submit", "retry", "keep_learned", "export", "ask_preview", "cancel", "pause",
         ), MEASURED,
    ),
    "move_job": "undo puts it back (test_session_queueing), but what waits is not in the project",
    "take": "an engine has said so", "apply": "an engine has said so",
    "select": LOOKED_AT, "observe": LOOKED_AT, "end_drag": "it parts two steps of undo",
    "undo": "it is undo", "redo": "it is redo",
    "clean_up": "the files are gone; measuring the recipes again makes the same ones",
    "choose_point": "it is `edit`, with the recipe of a place of the layer database",
}  # fmt: skip
LOOKS = {
    "variants", "variants_anywhere", "variant", "compared", "front", "best", "kept_files",
    "trains_anew",
}  # fmt: skip
# Who else writes a project, and why there is no step of undo for it.
WRITERS = {
    "session/board.py": "the session itself, tested here",
    "session/project.py": "what was open when the program ended is marked as interrupted",
    "session/moving.py": "where a file lies now is a fact; the project is opened anew after it",
    "session/sharing.py": "a copy is written for others",
    "gui/engines.py": "the thread that writes what the session and the engines say",
}


class Nobody:
    def send(self, job: Job) -> None:
        """Drop it."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """There is nothing to end."""

    def put_in_order(self, jobs: object) -> None:
        """There is nothing that waits."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with open_project(tmp_path / "p") as opened:
        yield opened


@pytest.fixture
def session(project: Project) -> Session:
    made = Session(project, Nobody())
    made.open_network(NETWORK, DATA)
    made.take(whole_run())
    return made


def remembered(project: Project) -> tuple[object, object]:
    """Return what a restart would find, but for what was selected and marks that say nothing."""
    memory: Memory = project.memory()
    marks = {item.variant: item.mark for item in memory.marks if item.mark != type(item.mark)()}
    return memory.state.model_copy(update={"selected": None}), marks


@pytest.mark.parametrize("name", UNDONE)
def test_it_is_taken_back_done_again_and_found_after_a_restart(
    name: str, session: Session, project: Project
) -> None:
    prepare, do, words = UNDONE[name]
    prepare(session)
    before = remembered(project)
    do(session)
    after = remembered(project)
    assert after != before, "it changes nothing"
    assert session.undo_text == words
    session.undo()
    assert remembered(project) == before
    assert session.redo_text == words
    session.redo()
    assert remembered(project) == after
    again = Session(project, Nobody())
    assert again.state == session.state
    assert [item.mark for item in again.variants()] == [item.mark for item in session.variants()]
    assert again.limits == session.limits
    assert again.recipe == session.recipe


def test_whatever_a_session_can_do_is_taken_back_or_says_why_not() -> None:
    public = {
        name for name, member in inspect.getmembers(Session, callable) if not name.startswith("_")
    }
    known = {*UNDONE, *CANNOT, *LOOKS}
    assert not public - known, "give it an undo and an example here, or a reason"
    assert not known - public, "it is gone"


def test_nobody_else_writes_a_project_unless_it_is_known_why() -> None:
    found = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if "project.write" in (text := file.read_text(encoding="utf-8")) or "Marked(" in text
        if file.name not in ("records.py", "store.py", "editing.py")
    }
    assert found <= WRITERS.keys()


def test_taking_back_attached_data_shows_what_was_measured_on_the_other(session: Session) -> None:
    sent: list[Job] = []
    session._jobs.send = sent.append  # type: ignore[method-assign]
    session.attach_data("other.npz")
    assert session.original is None
    assert any(isinstance(job, VariantsJob) for job in sent)
    sent.clear()
    session.undo()
    assert session.original is not None  # it is not measured again
    assert [job.kind for job in sent] == ["inspect"]
    session.detach_data()
    assert (session.data, session.variants()) == (None, ())
    session.undo()
    assert len(session.variants()) == 2


def test_taking_back_that_another_model_was_opened_brings_its_recipe_back(session: Session) -> None:
    session.edit(SMALL, "Load")
    session.open_network("other.onnx")
    assert session.recipe == ORIGINAL
    session.undo()
    assert (session.network, session.data, session.recipe) == (NETWORK, DATA, SMALL)


def test_the_first_model_of_a_project_cannot_be_taken_back(project: Project) -> None:
    session = Session(project, Nobody())
    session.open_network(NETWORK, DATA)
    assert session.undo_text is None


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (Limits(), Limits(latency_ms=1.0), "Limit latency"),
        (Limits(latency_ms=2.0), Limits(latency_ms=1.0), "Move the limit on latency"),
        (Limits(latency_ms=2.0), Limits(), "Remove the limit on latency"),
        (Limits(latency_ms=2.0, score=0.5), Limits(score=0.5), "Remove the limit on latency"),
        (Limits(latency_ms=2.0, score=0.5), Limits(), "Remove the limits"),
        (Limits(), Limits(size_bytes=2.0, score=0.5), "Change the limits"),
    ],
)
def test_limits_are_called_by_what_they_limit(before: Limits, after: Limits, words: str) -> None:
    assert limits_words(before, after) == words
