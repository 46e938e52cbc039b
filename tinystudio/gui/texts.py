"""Words in the user's language: `tr` for every text that a widget shows.

A text is its own key: `tr("Keep")` is "Keep" where there is no translation of it. Numbers and names
are put in afterwards, `tr("Copy {name}").format(name=name)`, so that a language may order them as
it likes. `tools/mark_texts.py` marks literals that were forgotten, and lists all of them.
"""

from __future__ import annotations

import os
import re

from PySide6.QtCore import QCoreApplication, QObject, QTranslator

from tinystudio.core.places import resources

CONTEXT = "tinystudio"
LANGUAGE_ENV = "TINYSTUDIO_LANGUAGE"  # a code such as "de", or PSEUDO
PSEUDO = "pseudo"  # every text longer and accented, to see what is cut and what was forgotten
LONGER = 0.4

_ACCENTS = str.maketrans("aeiounyscAEIOUNYSC", "åéîöûñýšçÅÉÎÖÛÑÝŠÇ")
# What has to stay as it is: places for values, tags, entities, the filters of file dialogs.
_KEPT = re.compile(r"(\{[^}]*\}|<[^>]*>|&\w+;|\(\*[^)]*\))")


def tr(text: str) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate(CONTEXT, text) if text else text


class PseudoTranslator(QTranslator):
    """Makes every text longer and strange, but readable."""

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        """Return a text of ours in the pseudo-language, any other as it is."""
        return pseudo(source) if context == CONTEXT else source

    def isEmpty(self) -> bool:
        """Say that there are texts: Qt asks no translator that has none."""
        return False


def pseudo(text: str) -> str:
    """Return a text accented and 40 % longer."""
    parts = _KEPT.split(text)
    words = "".join(part if at % 2 else part.translate(_ACCENTS) for at, part in enumerate(parts))
    letters = sum(len(part) for part in parts[::2])
    # In words, so that what wraps can wrap; one word grows by itself.
    more = round(letters * LONGER)
    if " " not in text.strip():
        return words.rstrip("…") + "~" * more + "…" * text.endswith("…")
    fill = ("~~~~ " * (more // 5 + 1))[:more].rstrip()
    return f"{words} {fill}" if fill else words


def speak(parent: QObject, language: str | None = None) -> QTranslator | None:
    """Install a language, by the environment where none is named; None: the texts as they are."""
    wanted = language or os.environ.get(LANGUAGE_ENV, "")
    if not wanted:
        return None
    translator: QTranslator = PseudoTranslator(parent)
    if wanted != PSEUDO:
        translator = QTranslator(parent)
        if not translator.load(f"{CONTEXT}_{wanted}", str(resources() / "translations")):
            return None
    QCoreApplication.installTranslator(translator)
    return translator
