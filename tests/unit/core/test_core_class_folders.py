"""Files in class folders are cut into splits that share no group, and stay where folders say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.class_folders import (
    ROLES,
    ClassFile,
    ClassFolders,
    class_files,
    folder_state,
    has_class_files,
)
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent

KINDS = (".x",)


def listed(roles: list[str | None]) -> ClassFolders:
    """Return files of two classes in turn, with these roles."""
    root = Path("/data")
    files = tuple(
        ClassFile(root / f"{at}.x", at % 2, role)  # type: ignore[arg-type]
        for at, role in enumerate(roles)
    )
    return ClassFolders(root, files, ("a", "b"))


def files(root: Path, *names: str) -> ClassFolders:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return class_files(root, KINDS, "no data", Silent())


@given(
    st.lists(st.sampled_from([None, "train", "validation", "test"]), min_size=12, max_size=40),
    st.integers(0, 9),
)
def test_every_file_is_in_one_split_and_where_its_folder_says(
    roles: list[str | None], seed: int
) -> None:
    if any(roles):  # either all files have roles or none
        roles = [role or "train" for role in roles]
    parts = listed(roles).cut(seed)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(len(roles)))
    assert all(at in parts["test"] for at, role in enumerate(roles) if role == "test")
    assert all(at in parts["validation"] for at, role in enumerate(roles) if role == "validation")


@given(st.lists(st.integers(0, 5), min_size=24, max_size=60), st.booleans(), st.integers(0, 9))
def test_no_group_is_cut_apart(people: list[int], has_test: bool, seed: int) -> None:
    people = [*range(6), *people]
    count = len(people)
    roles: list[str | None] = ["train"] * count if has_test else [None] * count
    parts = listed(roles).cut(seed, np.array(people))
    met = [{people[at] for at in part} for part in parts.values()]
    assert sum(len(some) for some in met) == len(set.union(*met))
    assert all(len(part) for part in parts.values())


def test_the_same_seed_cuts_alike_and_another_otherwise() -> None:
    folders = listed([None] * 40)
    first, again, other = (folders.cut(seed)["test"].tolist() for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize("name", [*ROLES, "TRAIN"])
def test_folders_of_splits_are_known_by_several_names(tmp_path: Path, name: str) -> None:
    found = files(tmp_path, "train/a/1.x", "train/b/1.x", f"{name}/a/2.x")
    assert {file.role for file in found.files} == {"train", ROLES[name.lower()]}


def test_without_a_folder_for_training_such_names_are_classes(tmp_path: Path) -> None:
    found = files(tmp_path, "test/1.x", "val/1.x")
    assert found.classes == ("test", "val")


def test_files_deep_in_a_class_folder_belong_to_the_class(tmp_path: Path) -> None:
    found = files(tmp_path, "a/2020/march/1.x", "a/1.x", "b/1.X", "b/note.txt")
    assert [found.name(at) for at in range(3)] == ["a/1.x", "a/2020/march/1.x", "b/1.X"]


def test_the_fingerprint_tells_names_and_contents_apart(tmp_path: Path) -> None:
    before = files(tmp_path, "a/1.x", "b/1.x").fingerprint()
    assert files(tmp_path).fingerprint() == before
    (tmp_path / "a" / "1.x").write_text("longer")
    changed = files(tmp_path).fingerprint()
    (tmp_path / "a" / "1.x").rename(tmp_path / "a" / "2.x")
    assert len({before, changed, files(tmp_path).fingerprint()}) == 3


def test_a_new_file_anywhere_is_another_state(tmp_path: Path) -> None:
    files(tmp_path, "a/deep/1.x", "b/1.x")
    before = folder_state(tmp_path)
    (tmp_path / "a" / "deep" / "2.x").touch()
    assert folder_state(tmp_path) != before


def test_only_files_in_folders_make_a_folder_data(tmp_path: Path) -> None:
    (tmp_path / "1.x").touch()
    assert not has_class_files(tmp_path, KINDS)
    assert not has_class_files(tmp_path / "1.x", KINDS)
    assert not has_class_files(tmp_path / "nowhere", KINDS)


def test_a_folder_that_is_not_there_is_told() -> None:
    with pytest.raises(UserError, match="/nowhere"):
        class_files(Path("/nowhere"), KINDS, "no data", Silent())
