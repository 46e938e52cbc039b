"""Figures from other devices: read from tables as people write them, undone, remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from session_events import ORIGINAL, SMALL, variant, whole_run

from tinystudio.core.errors import UserError
from tinystudio.session.device_points import DevicePoint, example, read_device_points
from tinystudio.session.marks import Mark, ProjectVariant
from tinystudio.session.project import open_project
from tinystudio.session.records import ProjectState
from tinystudio.session.session import Session

ITEMS = tuple(
    ProjectVariant(made, Mark(name=name), made.measurement)
    for made, name in ((variant(ORIGINAL), ""), (variant(SMALL), "small one"))
)
FIRST, SECOND = (item.id for item in ITEMS)


class _Nobody:
    def send(self, job: object) -> None: ...
    def cancel(self, job: str, pause: bool = False) -> None: ...
    def put_in_order(self, jobs: object) -> None: ...


def test_a_table_names_variants_by_id_or_title() -> None:
    table = f"Variant,latency_ms,device\n{FIRST},3.5,phone\nsmall one,1.25,phone\n\n".encode()
    found = read_device_points(table, "t.csv", ITEMS)
    assert found == (
        DevicePoint(variant=FIRST, device="phone", latency_ms=3.5),
        DevicePoint(variant=SECOND, device="phone", latency_ms=1.25),
    )


def test_a_german_spreadsheet_is_read_and_the_file_names_the_device() -> None:
    table = f"\ufeffvariant;latency_ms;size_bytes\n{FIRST};3,5;1000\n".encode()
    (found,) = read_device_points(table, "Pi 4.csv", ITEMS)
    assert (found.device, found.latency_ms, found.size_bytes) == ("Pi 4", 3.5, 1000.0)
    assert found.words == "measured on Pi 4, imported"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("a,b\n1,2\n", "no column 'variant'"),
        (f"variant,latency_ms\n{FIRST},fast\n", "Line 2: latency_ms is 'fast'"),
        (f"variant,latency_ms\n{FIRST},-1\n", "above 0"),
        (f"variant,latency_ms\n{FIRST},inf\n", "above 0"),
        (f"variant,latency_ms\n{FIRST},\n", "Line 2 has no latency_ms"),
        ("variant,latency_ms\nnobody,1\n", "'nobody'"),
        ("variant,latency_ms\n", "no rows"),
        ("", "no column"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(table: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        read_device_points(table.encode(), "t.csv", ITEMS)
    assert said in error.value.detail


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UserError, match=r"t\.csv"):
        read_device_points(b"\xff\xfe\x00", "t.csv", ITEMS)


def test_the_table_to_fill_in_can_be_read_once_it_is_filled_in() -> None:
    filled = example(ITEMS).replace(f"{SECOND},,,,", f"{SECOND},board,7,,0.5")
    filled = "\n".join(line for line in filled.splitlines() if not line.endswith(",,,,"))
    (found,) = read_device_points(filled.encode(), "t.csv", ITEMS)
    assert (found.variant, found.device, found.energy_mj) == (SECOND, "board", 0.5)


def test_baseline_and_points_are_undone_and_survive_a_restart(tmp_path: Path) -> None:
    with open_project(tmp_path / "p") as project:
        project.write([*whole_run(), ProjectState(network="net.onnx", data="data.npz")])
        session = Session(project, _Nobody())
        point = DevicePoint(variant=SECOND, device="phone", latency_ms=1.0)
        session.add_device_points((point,))
        session.add_device_points((point.model_copy(update={"latency_ms": 2.0}),))
        session.set_baseline(SECOND)
        assert session.baseline is not None and session.baseline.id == SECOND
        assert [item.is_reference for item in session.compared()] == [False, True]
        session.undo()
        assert session.baseline is session.original
        session.redo()
    with open_project(tmp_path / "p") as project:
        again = Session(project, _Nobody())
        assert again.baseline is not None and again.baseline.id == SECOND
        assert [it.latency_ms for it in again.device_points] == [2.0]
        again.remove_device_points()
        assert again.device_points == ()
        again.undo()
        assert len(again.device_points) == 1
