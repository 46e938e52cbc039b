"""A window beside the work that explains where one is, and the words used there."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtWidgets import QDialog, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from tinystudio.core.glossary import GLOSSARY, Term, term
from tinystudio.gui.help_topics import Topic, topic_of
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

SIZE = (480, 520)  # pixels


class ContextHelp(QDialog):
    """Stays open while one works; F1 anywhere else shows what is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page, self._close = QTextBrowser(), QPushButton(tr("Close"))
        self.setWindowTitle(tr("Help"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(scaled(SIZE[0]), scaled(SIZE[1]))
        self.page.setAccessibleName(tr("Explanation"))
        self.page.setOpenLinks(False)
        self.page.setTabChangesFocus(True)
        self.page.anchorClicked.connect(self._on_word)
        self._close.clicked.connect(self.close)
        self._close.setAutoDefault(False)
        body = QVBoxLayout(self)
        body.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        body.addWidget(self.page, 1)
        body.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignRight)

    def explain(self, widget: QWidget | None) -> None:
        """Explain the widget that has the focus, and the part of the window it is in."""
        topic = topic_of(widget)
        self.page.setHtml(_here(widget) + _topic(topic) + _words(_terms(topic.words)))

    def show_glossary(self) -> None:
        """Show all words."""
        # Without links: Tab would go through a hundred of them, and all of it is on this page.
        words = "".join(_entry(item) for item in GLOSSARY)
        self.page.setHtml(f"<h2>{escape(tr('Glossary'))}</h2>{words}")

    @Slot(QUrl)
    def _on_word(self, link: QUrl) -> None:
        if link.path() == "":
            self.show_glossary()
            return
        found = term(link.path())
        if found is not None:
            back = f"<p><a href='word:'>{escape(tr('All words'))}</a></p>"
            self.page.setHtml(_words((found, *_terms(found.see))) + back)


def _here(widget: QWidget | None) -> str:
    """Return what the focused widget says of itself: its name, and its help."""
    if widget is None or not widget.accessibleName():
        return ""
    told = widget.accessibleDescription() or widget.toolTip()
    text = told if "<" in told else escape(told)  # help of techniques is rich text already
    return f"<p><b>{escape(widget.accessibleName())}</b><br>{text}</p>"


def _topic(topic: Topic) -> str:
    return f"<h2>{escape(tr(topic.title))}</h2><p>{escape(tr(topic.text))}</p>"


def _terms(words: tuple[str, ...]) -> tuple[Term, ...]:
    return tuple(found for word in words if (found := term(word)) is not None)


def _words(terms: tuple[Term, ...]) -> str:
    return "".join(_entry(item, _see(item)) for item in terms)


def _entry(item: Term, see: str = "") -> str:
    return f"<p><b>{escape(tr(item.word))}</b><br>{escape(tr(item.text))}{see}</p>"


def _see(item: Term) -> str:
    links = ", ".join(f"<a href='word:{escape(word)}'>{escape(tr(word))}</a>" for word in item.see)
    # Filled in here: links are no words to be translated.
    return f" <i>{tr('See {links}.').format(links=links)}</i>" if links else ""
