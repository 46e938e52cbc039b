"""A database on disk: what was written comes back, what is damaged is as if it were not there."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from explorer_examples import database, random_choice
from level_examples import case

from tinystudio.core.errors import UserError
from tinystudio.explorer.database import array_files, load_database, save_database
from tinystudio.explorer.estimating import affordable_samples, estimate
from tinystudio.explorer.folder import (
    NEWEST,
    SETTLED_S,
    UNFINISHED,
    DatabaseFolder,
    database_folder,
)
from tinystudio.explorer.spaces import space_of


def test_a_database_comes_back_as_it_was_written(tmp_path: Path) -> None:
    before = database()
    after = load_database(save_database(tmp_path, before))
    for name in ("space", "sizes", "metric", "front", "stage", "method", "samples", "seconds"):
        assert getattr(after, name) == getattr(before, name)
    assert np.array_equal(after.changes.rows, before.changes.rows)
    assert np.array_equal(after.labels, before.labels)  # type: ignore[arg-type]
    draw = np.random.default_rng(0)
    for _ in range(10):
        choice = random_choice(before.space, draw)
        assert after.point(choice) == before.point(choice)


def test_labels_may_be_missing(tmp_path: Path) -> None:
    after = load_database(save_database(tmp_path, replace(database(), labels=None)))
    assert after.labels is None
    assert after.original_score == 1.0


def test_a_new_state_is_a_new_file_and_shares_the_arrays_that_stayed(tmp_path: Path) -> None:
    first = save_database(tmp_path, database())
    second = save_database(tmp_path, replace(database(), seconds=9.0))
    assert first != second
    assert array_files(first) == array_files(second)
    assert load_database(first).seconds == 1.5


def test_the_newest_state_is_the_last_one_saved(tmp_path: Path) -> None:
    folder = DatabaseFolder(tmp_path / "deep" / "folder")
    assert folder.newest() is None
    folder.save(database())
    folder.save(replace(database(), seconds=3.0))
    newest = folder.newest()
    assert newest is not None
    assert newest.seconds == 3.0


def test_tidying_removes_what_no_state_needs(tmp_path: Path) -> None:
    folder = DatabaseFolder(tmp_path)
    folder.save(database(seed=1))
    path = folder.save(database(seed=2))
    folder.save_unfinished(np.zeros((2, 3), np.float32), np.zeros(2, bool))
    (tmp_path / "latency-abc.json").write_text("{}")
    settle(tmp_path)
    folder.tidy()
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {path.name, NEWEST, *UNFINISHED, *array_files(path), "latency-abc.json"}
    assert folder.newest() is not None


def test_tidying_leaves_what_another_program_is_just_writing(tmp_path: Path) -> None:
    folder = DatabaseFolder(tmp_path)
    shared = save_database(tmp_path, database(seed=1))
    folder.save(database(seed=2))
    settle(tmp_path)
    # Another program has arrays for a state that it has not named yet; one of them was there.
    shared.unlink()
    written = array_files(save_database(tmp_path, replace(database(seed=1), seconds=7.0)))
    folder.tidy()
    assert {file.name for file in tmp_path.iterdir()} >= set(written)


def settle(folder: Path) -> None:
    """Let all files be as old as those that nobody is writing any more."""
    long_ago = time.time() - SETTLED_S - 1
    for file in folder.iterdir():
        os.utime(file, (long_ago, long_ago))


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"words", b'{"database": 3}', b"\x00" * 40])
@pytest.mark.parametrize("which", ["newest", "json", "arrays"])
def test_what_is_damaged_is_as_if_it_were_not_there(
    tmp_path: Path, damage: bytes, which: str
) -> None:
    folder = DatabaseFolder(tmp_path)
    path = folder.save(database())
    for file in {"newest": [NEWEST], "json": [path.name], "arrays": array_files(path)}[which]:
        (tmp_path / file).write_bytes(damage)
    assert folder.newest() is None
    folder.tidy()
    folder.save(replace(database(), seconds=2.0))
    if which != "arrays":
        assert folder.newest() is not None


def test_damaged_arrays_are_written_anew(tmp_path: Path) -> None:
    folder = DatabaseFolder(tmp_path)
    path = folder.save(database())
    for file in array_files(path):
        (tmp_path / file).write_bytes(b"cut off")
    folder.save(database())
    assert folder.newest() is not None


@pytest.mark.parametrize("cut", [0, 5, 200])
def test_an_array_that_was_cut_off_is_not_read(tmp_path: Path, cut: int) -> None:
    path = save_database(tmp_path, database())
    for file in array_files(path):
        whole = (tmp_path / file).read_bytes()
        (tmp_path / file).write_bytes(whole[:cut])
    with pytest.raises(UserError):
        load_database(path)


def test_another_version_is_said_and_not_read(tmp_path: Path) -> None:
    path = save_database(tmp_path, database())
    text = json.loads(path.read_text())
    path.write_text(json.dumps(text | {"version": 99}))
    with pytest.raises(UserError, match="99"):
        load_database(path)


def test_unfinished_changes_come_back_where_they_fit(tmp_path: Path) -> None:
    folder = DatabaseFolder(tmp_path)
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    folder.save_unfinished(rows, np.array([True, False]))
    found, done = folder.unfinished(2, 3)
    assert np.array_equal(found, rows)
    assert done.tolist() == [True, False]
    other, none = folder.unfinished(2, 4)
    assert other.shape == (2, 4)
    assert not none.any()


@pytest.mark.parametrize("damage", [b"", b"words", b"\x93NUMPY"])
@pytest.mark.parametrize("which", UNFINISHED)
def test_damaged_unfinished_changes_are_begun_anew(
    tmp_path: Path, damage: bytes, which: str
) -> None:
    folder = DatabaseFolder(tmp_path)
    folder.save_unfinished(np.ones((2, 3), np.float32), np.ones(2, bool))
    (tmp_path / which).write_bytes(damage)
    found, done = folder.unfinished(2, 3)
    assert not found.any()
    assert not done.any()


def test_the_folder_is_named_by_all_of_its_key(tmp_path: Path) -> None:
    names = {
        database_folder(tmp_path, *key)
        for key in (("net", "data", 1), ("net", "data", 2), ("net2", "data", 1), ("net", "d", 1))
    }
    assert len(names) == 4
    assert database_folder(tmp_path, "a", 1) == database_folder(tmp_path, "a", 1)


def test_an_estimate_grows_with_the_samples_and_says_both_in_words() -> None:
    levels = case("residual").levels()
    space = space_of(levels, 8)
    few, many = estimate(levels, space, 10), estimate(levels, space, 1_000_000)
    assert few.seconds < many.seconds
    assert few.memory_bytes > 0
    assert "MB" in few.text
    assert " s " in few.text
    assert " min " in replace(few, trying_s=600).text


def test_a_tall_product_is_estimated_by_its_inputs_whichever_way_its_weights_lie() -> None:
    from graph_building import GraphBuilder
    from level_examples import levels_of, noise

    sizes = []
    for turned in (0, 1):
        g = GraphBuilder(0)
        x = g.node("Relu", g.gemm(g.input("n", 600), 600, 10, transB=turned))
        tested = g.network(g.gemm(x, 10, 10, transB=turned))
        levels = levels_of(tested, noise((600,), 8))
        sizes.append(estimate(levels, space_of(levels, 8), 10).memory_bytes)
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)
    assert sizes[0] - 150_000_000 > 8 * 600**2


def test_small_networks_are_tried_on_all_samples_and_none_on_too_few() -> None:
    levels = case("linear").levels()
    assert affordable_samples(case("linear").network, space_of(levels, 8)) > 10_000


def test_a_state_that_stands_there_already_is_not_written_again(tmp_path: Path) -> None:
    folder = DatabaseFolder(tmp_path)
    made = database()
    path = folder.save(made)
    written = path.stat().st_mtime_ns, path.stat().st_ino
    assert folder.save(made) == path
    stored = folder.newest()
    assert stored is not None
    assert folder.save(stored) == path
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written
