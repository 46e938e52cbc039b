"""One string names data and the settings it is read with, and gives both back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.data_reference import DataReference

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


def test_a_bare_path_has_no_settings() -> None:
    assert DataReference.parse("/data/mine.csv") == DataReference("/data/mine.csv")
    assert DataReference("/data/mine.csv").text == "/data/mine.csv"


def test_settings_stand_behind_the_path_in_order_of_their_names() -> None:
    named = DataReference("mine.csv", {"target": "label", "separator": ";"})
    assert named.text == "mine.csv?separator=%3B&target=label"
    assert DataReference.parse(named.text) == named


@pytest.mark.parametrize("path", ["what?.csv", "a?b=c", "x?", "C:\\data\\a.csv", "gallery:watch"])
def test_odd_paths_come_back_as_they_were(path: str) -> None:
    assert DataReference.parse(DataReference(path).text) == DataReference(path)


@given(st.text(), st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]))))
def test_whatever_is_written_is_read_again(path: str, settings: dict[str, str]) -> None:
    named = DataReference(path, settings)
    assert DataReference.parse(named.text) == named


@given(st.text())
def test_any_text_is_a_reference(text: str) -> None:
    assert DataReference.parse(DataReference.parse(text).text) == DataReference.parse(text)
