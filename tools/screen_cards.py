"""The cards, sheets and menus that lie over the window, one after the other, to be grabbed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget
from screen_waiting import settle, turn

from tinystudio.gui.disk_sheet import LOOKING
from tinystudio.gui.photographer import Photographer
from tinystudio.gui.texts import tr

# Not those that ask for a file: that dialog is the system's.
ACTIONS = (
    "first-steps", "shortcuts", "glossary", "context-help", "palette", "about", "show-data",
    "download-data", "disk-use", "notes", "making",
)  # fmt: skip


def cards(application: QApplication, photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield what actions open, then every menu."""
    parts = photographer.parts
    for name in ACTIONS:
        action = parts.window.actions_by_id[name]
        if not action.isEnabled():
            continue
        if name == "context-help":
            parts.browser.setFocus()  # it explains where the keyboard is
        opened = _opened(application, action.trigger)
        turn(application, lambda opened=opened: not any(map(_is_looking, opened)))
        for widget in opened:
            yield f"card-{name}", widget
            widget.close()
    yield from menus(photographer)


def _is_looking(card: QWidget) -> bool:
    """Say whether what it lists is still on its way."""
    return any(label.text() == tr(LOOKING) for label in card.findChildren(QLabel))


def _opened(application: QApplication, opens: Callable[[], object]) -> list[QWidget]:
    before = set(application.topLevelWidgets())
    opens()
    settle(application)
    now = application.topLevelWidgets()
    return [widget for widget in now if widget not in before and widget.isVisible()]


def menus(photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield every menu of the window: preferences are in View."""
    bar = photographer.parts.window.menuBar()
    for number, action in enumerate(bar.actions(), 1):
        menu = action.menu()
        if isinstance(menu, QMenu):
            menu.ensurePolished()
            menu.resize(menu.sizeHint())
            yield f"menu-{number}", menu
