"""Whatever is done to variants in whatever order, undo, redo and a restart keep it right."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from session_events import DATA, NETWORK, SMALL, finished, ready, started, variant

from tinystudio.jobs.job import Job, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.front import Limits
from tinystudio.session.marks import Mark
from tinystudio.session.project import open_project
from tinystudio.session.session import Session

RECIPES = (SMALL, Recipe(steps=(Step.of("weight-pruning", sparsity=0.5),)))
IDS = tuple(variant(recipe).id for recipe in RECIPES)
WORDS = st.sampled_from(("", "small", "for the shop"))
Shown = tuple[dict[str, Mark], str | None, Limits, str | None]


class Nobody:
    def send(self, job: Job) -> None:
        """Drop it."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """There is nothing to end."""

    def put_in_order(self, jobs: object) -> None:
        """There is nothing that waits."""


class Marks(RuleBasedStateMachine):
    """`past` and `future` are what undo and redo have to show, told by what was shown before."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.project = open_project(Path(self._folder.name) / "p")
        self.session = Session(self.project, Nobody())
        self.session.open_network(NETWORK, DATA)
        asked = VariantsJob(id="job", network=NETWORK, data=DATA, recipes=RECIPES)
        made = [ready(variant(recipe)) for recipe in (Recipe(), *RECIPES)]
        self.session.take([started(asked), *made, finished()])
        self.past: list[Shown] = []
        self.future: list[Shown] = []

    def teardown(self) -> None:
        self.project.close()
        self._folder.cleanup()

    @property
    def shown(self) -> Shown:
        return told(self.session)

    def do(self, before: Shown) -> None:
        """Note what undo has to lead back to, where anything was changed."""
        if self.shown != before:
            self.past.append(before)
            self.future.clear()

    @rule(id=st.sampled_from(IDS), name=WORDS)
    def rename(self, id: str, name: str) -> None:
        before = self.shown
        self.session.rename(id, name)
        self.do(before)

    @rule(id=st.sampled_from(IDS), on=st.booleans())
    def star(self, id: str, on: bool) -> None:
        before = self.shown
        self.session.star(id, on)
        self.do(before)

    @rule(id=st.sampled_from(IDS), on=st.booleans())
    def keep(self, id: str, on: bool) -> None:
        before = self.shown
        self.session.keep(id, on)
        self.do(before)

    @rule(id=st.sampled_from(IDS), tags=st.lists(WORDS, max_size=2))
    def tag(self, id: str, tags: list[str]) -> None:
        before = self.shown
        self.session.tag(id, tuple(tags))
        self.do(before)

    @rule(id=st.sampled_from(IDS), note=WORDS)
    def annotate(self, id: str, note: str) -> None:
        before = self.shown
        self.session.annotate(id, note)
        self.do(before)

    @rule(id=st.sampled_from(IDS))
    def delete(self, id: str) -> None:
        before = self.shown
        self.session.delete(id)
        self.do(before)

    @rule(id=st.sampled_from(IDS))
    def bring_back(self, id: str) -> None:
        before = self.shown
        self.session.undelete(id)
        self.do(before)

    @rule(id=st.sampled_from((*IDS, None)))
    def compare_with(self, id: str | None) -> None:
        before = self.shown
        self.session.set_baseline(id)
        self.do(before)

    @rule(size=st.sampled_from((None, 50.0)))
    def limit(self, size: float | None) -> None:
        before = self.shown
        self.session.set_limits(Limits(size_bytes=size))
        self.do(before)

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        self.future.append(self.shown)
        self.session.undo()
        assert self.shown == self.past.pop()

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        self.past.append(self.shown)
        self.session.redo()
        assert self.shown == self.future.pop()

    @invariant()
    def a_restart_shows_the_same(self) -> None:
        assert told(Session(self.project, Nobody())) == self.shown

    @invariant()
    def what_is_deleted_is_in_no_list(self) -> None:
        marks, *_ = self.shown
        listed = {item.id for item in self.session.variants()}
        assert listed.isdisjoint(id for id, mark in marks.items() if mark.deleted)


def told(session: Session) -> Shown:
    """Return what there is to see of marks, baseline and limits."""
    marks = {id: mark for id, mark in session._history.present.marks if mark != Mark()}
    return marks, session.state.baseline, session.limits, session.data


TestMarks = Marks.TestCase
TestMarks.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)
