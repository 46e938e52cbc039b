"""Lets the user choose a language, in the View menu; it holds from the next start on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale, QObject, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from tinystudio.gui.notice import Notice
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.texts import ENGLISH, languages, own_translations, tr
from tinystudio.gui.window import MainWindow

BELOW = "reduce-motion"  # the action that it stands above
SYSTEM = ""


class LanguageDesk(QObject):
    """Offers every language that there is a translation into."""

    def __init__(
        self, window: MainWindow, remembered: Remembered, tell: Callable[[Notice], object]
    ) -> None:
        super().__init__(window)
        self._remembered, self._tell = remembered, tell
        self.menu, self._group = QMenu(tr("Language"), window), QActionGroup(self)
        self.menu.setToolTipsVisible(True)
        self.menu.setToolTip(
            tr("Translations are .po files in {folder}.").format(folder=own_translations())
        )
        for code in (SYSTEM, *languages()):
            self._offer(code)
        holders = window.actions_by_id[BELOW].associatedObjects()
        view = next(holder for holder in holders if isinstance(holder, QMenu))
        view.insertMenu(window.actions_by_id[BELOW], self.menu)
        self._group.triggered.connect(self._on_chosen)

    def _offer(self, code: str) -> None:
        action = self.menu.addAction(language_name(code))
        action.setData(code)
        action.setCheckable(True)
        action.setChecked(code == self._remembered.settings.language)
        self._group.addAction(action)

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        settings = self._remembered.settings
        if action.data() == settings.language:
            return
        self._remembered.change(settings.model_copy(update={"language": action.data()}))
        detail = "What is open stays as it is until then."
        self._tell(Notice("The language changes at the next start", detail, gravity="news"))


def language_name(code: str) -> str:
    """Return how a language calls itself."""
    if code == SYSTEM:
        return tr("As the system has it")
    if code == ENGLISH:
        return "English"
    name = QLocale(code).nativeLanguageName()
    return name[:1].upper() + name[1:] if name else code
