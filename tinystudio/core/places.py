"""Where things are: resources that ship, settings, caches, the log.

Of the user's folders only the paths are told: who writes there makes them, and says so where
that cannot be.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs

import tinystudio

_APP = "tinystudio"


def resources() -> Path:
    """Return the folder of icons, gallery networks and data, device profiles.

    It stands beside the package in a checkout, and inside it once installed.
    """
    package = Path(tinystudio.__file__).parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def config() -> Path:
    """Return the folder for settings."""
    return Path(platformdirs.user_config_dir(_APP, appauthor=False))


def cache() -> Path:
    """Return the folder for what can be rebuilt."""
    return Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def data() -> Path:
    """Return the folder for projects that the user has not put anywhere else."""
    return Path(platformdirs.user_data_dir(_APP, appauthor=False))


def log() -> Path:
    """Return the folder for log files."""
    return Path(platformdirs.user_log_dir(_APP, appauthor=False))
