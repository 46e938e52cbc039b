"""Words in the user's language: `tr` for every text that a widget shows.

A text is its own key: `tr("Keep")` is "Keep" where there is no translation of it. Sentences that
were composed in English, here or in an engine, are translated in the same way, where they are
shown: `tr("Export to ONNX")` finds "Export to {target}". In words of our own, values are put in
afterwards, `tr("Copy {name}").format(name=name)`, which finds nothing by guessing.

`tools/mark_texts.py` marks literals that were forgotten, `tools/collect_texts.py` writes the
catalogue that translators work from.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from tinystudio.core import places
from tinystudio.gui.language.catalogue import Catalogue
from tinystudio.gui.language.po import Entry, read_po

LANGUAGE_ENV = "TINYSTUDIO_LANGUAGE"  # a code such as "de", or PSEUDO
PSEUDO = "pseudo"  # every text longer and accented, to see what is cut and what was forgotten
ENGLISH = "en"
TEXTS = "tinystudio.pot"
LONGER = 0.4

_ACCENTS = str.maketrans("aeiounyscAEIOUNYSC", "åéîöûñýšçÅÉÎÖÛÑÝŠÇ")
# What has to stay as it is: places for values, tags, entities, the filters of file dialogs.
_KEPT = re.compile(r"(\{[^}]*\}|<[^>]*>|&\w+;|\(\*[^)]*\))")
_log = logging.getLogger(__name__)


class _Spoken:
    """The language that is on; one for the program."""

    say: Callable[[str], str] | None = None  # None: English, the texts as they are


def tr(text: str) -> str:
    """Return a text, or a sentence composed in English, in the user's language."""
    say = _Spoken.say
    return text if say is None else say(text)


def tr_help(text: str) -> str:
    """Return the help of a part in the user's language: each paragraph in one line."""
    return "\n\n".join(tr(" ".join(paragraph.split())) for paragraph in text.split("\n\n"))


def speak(parent: QObject, language: str = "") -> str:
    """Turn a language on; return its code.

    The environment decides, then `language`, then the system; where there is no translation, it is
    English.
    """
    wanted = os.environ.get(LANGUAGE_ENV, "") or language
    code = chosen([wanted] if wanted else QLocale.system().uiLanguages())
    _Spoken.say = None if code == ENGLISH else _catalogue(code).say
    if code not in (ENGLISH, PSEUDO):
        _speak_of_qt(parent, code)
    return code


def speak_english(parent: QObject) -> None:
    """Go back to English."""
    _Spoken.say = None
    for translator in parent.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()


def chosen(wanted: Iterable[str]) -> str:
    """Return the first of the wanted languages that there is: "de" for "de-AT"."""
    there = {PSEUDO, *languages()}
    for code in wanted:
        whole = code.replace("-", "_")
        for known in (whole, whole.split("_")[0]):
            if known in there:
                return known
    return ENGLISH


def languages() -> list[str]:
    """Return the languages that there is a file of, and English."""
    files = (file for folder in _folders() for file in folder.glob("*.po"))
    return sorted({ENGLISH, *(file.stem for file in files)})


def own_translations() -> Path:
    """Return where a user puts files of translations; they go before those of the program."""
    return places.config() / "translations"


def _folders() -> tuple[Path, Path]:
    return places.resources() / "translations", own_translations()


def _catalogue(code: str) -> Catalogue:
    if code == PSEUDO:
        texts = read_po(_folders()[0] / TEXTS)
        return Catalogue(map(in_pseudo, texts.entries), texts.form)
    entries: dict[str, Entry] = {}
    form = None
    for file in (folder / f"{code}.po" for folder in _folders()):
        try:
            read = read_po(file)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            _log.warning("the translation %s was not read: %s", file, error)
            continue
        entries |= {entry.text: entry for entry in read.entries if any(entry.forms)}
        form = read.form
    return Catalogue(entries.values(), form or (lambda count: int(count != 1)))


def _speak_of_qt(parent: QObject, code: str) -> None:
    """Let Qt's own buttons and menus speak the language as well."""
    translator = QTranslator(parent)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(code), "qtbase", "_", folder):
        QCoreApplication.installTranslator(translator)


def in_pseudo(entry: Entry) -> Entry:
    """Return a text with its translation into the pseudo-language."""
    forms = (entry.text, entry.plural) if entry.plural else (entry.text,)
    return Entry(entry.text, entry.plural, tuple(map(pseudo, forms)))


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
