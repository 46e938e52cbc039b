"""What the program remembers for its user across projects: theme, layout, recent files."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tinystudio.core import places
from tinystudio.core.files import write_whole

MOST_RECENT = 12  # what fits a menu without scrolling
MOST_VIEWS = 500  # of plots and projects; the ones not looked at for longest are forgotten
MOST_TRUSTED = 1000  # the oldest are asked about again


class Settings(BaseModel):
    """Immutable; every change is a new value, written whole."""

    # Settings of a newer version must not keep an older one from starting.
    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1
    theme: Literal["system", "light", "dark"] = "system"
    recent_networks: tuple[str, ...] = ()
    recent_projects: tuple[str, ...] = ()
    last_project: str | None = None
    window_geometry: str = ""  # base64 of what Qt saves
    window_layout: str = ""
    language: str = ""  # a code such as "de"; empty: the system's
    text_scale: float = 1.0  # of the system's font
    reduce_motion: bool = False
    layout: str = ""  # which of the layouts is on
    layouts: dict[str, str] = {}  # of the window, by what it is used for
    columns: dict[str, tuple[str, ...]] = {}  # shown columns by table
    folders: dict[str, str] = {}  # last used folder by dialog
    tour_step: int = Field(default=0, ge=0)  # of the guided tour: where it was left
    tour_done: bool = False
    views: dict[str, str] = {}  # how something is looked at: axes, zoom, what is on; oldest first
    trusted: tuple[str, ...] = ()  # SHA-256 of files that may run code when they are converted

    def with_network(self, reference: str) -> Settings:
        """Return these settings with a network on top of the recent ones."""
        return self.model_copy(update={"recent_networks": _on_top(reference, self.recent_networks)})

    def with_project(self, folder: Path) -> Settings:
        """Return these settings with a project on top of the recent ones, and as the last."""
        projects = _on_top(str(folder), self.recent_projects)
        return self.model_copy(update={"recent_projects": projects, "last_project": str(folder)})

    def with_network_moved(self, old: Path, new: Path) -> Settings:
        """Return these settings with a recent network at another path."""
        names = tuple(str(new) if name == str(old) else name for name in self.recent_networks)
        return self.model_copy(update={"recent_networks": tuple(dict.fromkeys(names))})

    def without(self, path: Path) -> Settings:
        """Return these settings without something that is not there any more."""
        networks = tuple(name for name in self.recent_networks if name != str(path))
        projects = tuple(name for name in self.recent_projects if name != str(path))
        last = None if self.last_project == str(path) else self.last_project
        changed = {"recent_networks": networks, "recent_projects": projects, "last_project": last}
        return self.model_copy(update=changed)

    def with_view(self, view: str, how: str) -> Settings:
        """Return these settings with how something is looked at; nothing forgets it."""
        views = {name: value for name, value in self.views.items() if name != view}
        if how:
            views[view] = how
        newest = list(views.items())[-MOST_VIEWS:]
        return self.model_copy(update={"views": dict(newest)})

    def with_trusted(self, sha256: str) -> Settings:
        """Return these settings with a file trusted, by what it holds and not by its name."""
        return self.model_copy(update={"trusted": (*self.trusted, sha256)[-MOST_TRUSTED:]})


def settings_path() -> Path:
    """Return where the settings are kept."""
    return places.config() / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; what cannot be read counts as never set."""
    try:
        return Settings.model_validate_json((path or settings_path()).read_bytes())
    except (OSError, ValidationError):
        return Settings()


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings, whole or not at all; raises `UserError` where that cannot be."""
    write_whole(path or settings_path(), settings.model_dump_json(indent=2).encode())


def _on_top(item: str, items: tuple[str, ...]) -> tuple[str, ...]:
    return (item, *(other for other in items if other != item))[:MOST_RECENT]
