"""Searches over titles, tags, notes and marks; and that marks survive the disk and undo."""

from __future__ import annotations

from pathlib import Path

import pytest
from session_events import DATA, NETWORK, SMALL, variant, whole_run

from tinystudio.session.marks import Mark
from tinystudio.session.project import open_project
from tinystudio.session.records import ProjectState
from tinystudio.session.searching import Query, tags_of, tags_text
from tinystudio.session.session import Session

MARK = Mark(kept=True, note="Fits the new phone", tags=("small", "shop"))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", True), ("int8", True), ("int4", False), ("tag:small", True), ("tag:sm", True),
        ("tag:phone", False), ("note:phone", True), ("note:small", False), ("phone", True),
        ("is:kept", True), ("is:starred", False), ("tag:small is:kept INT8", True),
        ("tag:small is:starred", False), ("tag:", True), ("is:unheard-of", False),
    ],
)  # fmt: skip
def test_all_that_is_typed_must_hold(search: str, found: bool) -> None:
    assert Query.of(search).matches("channels −40 %, INT8", MARK) is found


def test_what_is_no_variant_has_no_tags() -> None:
    assert not Query.of("tag:small").matches("small", None)
    assert Query.of("small").matches("small", None)


def test_tags_are_read_once_each_in_order_without_signs() -> None:
    assert tags_of("small, #phone small,,shop") == ("small", "phone", "shop")
    assert tags_of(tags_text(("a", "b"))) == ("a", "b")


class Nobody:
    def send(self, job: object) -> None: ...
    def cancel(self, job: str, pause: bool = False) -> None: ...
    def put_in_order(self, jobs: object) -> None: ...


def test_tags_and_notes_are_there_again_after_a_restart_and_undo_takes_them_back(
    tmp_path: Path,
) -> None:
    folder, id = tmp_path / "p.tinystudio", variant(SMALL).id
    with open_project(folder) as project:
        project.write([*whole_run(), ProjectState(network=NETWORK, data=DATA)])
        session = Session(project, Nobody())
        session.tag(id, ("sm",), typing=True)
        session.tag(id, ("small",), typing=True)
        session.annotate(id, "for the shop")
    with open_project(folder) as project:
        session = Session(project, Nobody())
        found = session.variant(id)
        assert found is not None
        assert (found.mark.tags, found.mark.note) == (("small",), "for the shop")
        session.tag(id, ("a",), typing=True)
        session.tag(id, ("a", "b"), typing=True)
        session.undo()
        again = session.variant(id)
        assert again is not None
        assert again.mark.tags == ("small",)  # typed in one go, taken back in one
