"""What the program remembers across projects."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import UserError
from tinystudio.session.settings import (
    MOST_RECENT,
    Settings,
    load_settings,
    save_settings,
)


def test_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    settings = Settings(theme="dark", window_layout="AAEC", columns={"runs": ("score",)})
    settings = settings.with_network("gallery:watch").with_project(tmp_path / "p")
    save_settings(settings, tmp_path / "settings.json")
    assert load_settings(tmp_path / "settings.json") == settings


@pytest.mark.parametrize("text", ["", "{", "[]", '{"theme": "plaid"}', '{"version": 99}'])
def test_settings_that_cannot_be_read_count_as_never_set(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert load_settings(path) == Settings()
    assert load_settings(tmp_path / "nowhere.json") == Settings()


def test_what_a_newer_program_added_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"theme": "light", "hologram": true}')
    assert load_settings(path).theme == "light"


@given(st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=60))
def test_the_recent_list_is_short_without_repeats_and_the_last_is_first(opened: list[str]) -> None:
    settings = Settings()
    for name in opened:
        settings = settings.with_network(name)
    recent = settings.recent_networks
    assert len(recent) == len(set(recent)) <= MOST_RECENT
    assert list(recent[:1]) == opened[-1:]


def test_settings_that_cannot_be_written_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError):
        save_settings(Settings(), tmp_path / "file" / "settings.json")
