"""Writes the catalogue of all texts that the window shows, and brings translations up to date.

    python tools/collect_texts.py            writes resources/translations/tinystudio.pot and brings
                                             every .po beside it up to date
    python tools/collect_texts.py --check    lists what is not in the catalogue, or not needed any
                                             more, and fails where there is any
    python tools/collect_texts.py FILE.po    begins or brings up to date one translation anywhere

Texts are found in the sources (`english_texts.py`), and in the declarations of parts.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from english_texts import Text, texts_in

from tinystudio.gui.language.po import Entry, PoFile, merged, read_po, written

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"
CATALOGUE = FOLDER / "tinystudio.pot"
# Where a word that stands alone in a choice or a table is one that people read.
WINDOW = (
    "tinystudio/gui/", "tinystudio/engine/diagnosing.py", "tinystudio/session/figure_words.py",
    "tinystudio/session/lineage.py", "tinystudio/session/disk.py",
    "tinystudio/session/comparison_tables.py", "tinystudio/advice/",
    "tinystudio/techniques/student.py", "tinystudio/techniques/distillation.py",
)  # fmt: skip
# Nothing of these is shown in the window: commands and reports are in English, for scripts and
# for whoever a report is sent to.
UNSEEN = (
    "tinystudio/cli/", "tinystudio/reports/", "tinystudio/graph/gradients/",
    "tinystudio/gui/language/", "tinystudio/gui/stylesheet.py", "tinystudio/gui/pictures.py",
)  # fmt: skip
HEADER = {
    "Project-Id-Version": "TinyStudio",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit code."""
    entries = collected()
    if "--check" in arguments:
        differences = list(stale(entries, read_po(CATALOGUE)))
        sys.stdout.writelines(f"{line}\n" for line in differences)
        return 1 if differences else 0
    files = [Path(argument) for argument in arguments] or sorted(FOLDER.glob("*.po"))
    if not arguments:
        FOLDER.mkdir(parents=True, exist_ok=True)
        CATALOGUE.write_text(written(entries, HEADER), encoding="utf-8")
    for file in files:
        bring_up_to_date(file, entries)
    sys.stdout.write(f"{len(entries)} texts\n")
    return 0


def collected() -> list[Entry]:
    """Return every text with the files that it is in, in the order of the alphabet."""
    files: dict[Text, set[str]] = {}
    for name, text in (*in_sources(), *declared()):
        bare = Text(text.text.strip(" \n·"), text.plural.strip(" \n·"))
        files.setdefault(bare, set()).add(name)
    # A text may stand alone in one file and with its plural in another: one entry is enough.
    plural = {form for text in files if text.plural for form in (text.text, text.plural)}
    return [
        Entry(text.text, text.plural, files=tuple(sorted(files[text])))
        for text in sorted(files)
        if text.plural or text.text not in plural
    ]


def in_sources() -> Iterator[tuple[str, Text]]:
    """Yield the texts of all source files, each with its file's name."""
    for path in sorted((ROOT / "tinystudio").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(UNSEEN):
            source = path.read_text(encoding="utf-8")
            yield from ((name, text) for text in texts_in(source, name.startswith(WINDOW)))


def declared() -> Iterator[tuple[str, Text]]:
    """Yield the help of parts, which is their documentation, and words that figures may have."""
    from typing import get_args

    from tinystudio.core.glossary import GLOSSARY
    from tinystudio.core.measurement import Status, Verdict
    from tinystudio.datasets import formats
    from tinystudio.downloads import downloads
    from tinystudio.exporters import targets
    from tinystudio.gallery import gallery
    from tinystudio.gui.variant_numbers import HEADINGS
    from tinystudio.importers import importers
    from tinystudio.metrics import metrics
    from tinystudio.session.devices import devices
    from tinystudio.techniques import techniques

    yield from (("tinystudio/core/measurement.py", Text(word)) for word in get_args(Status))
    yield from (("tinystudio/core/measurement.py", Text(word)) for word in get_args(Verdict))
    yield from (("tinystudio/core/glossary.py", Text(term.word)) for term in GLOSSARY)
    for device in devices().values():
        yield "resources/devices", Text(device.title)
        yield "resources/devices", Text(device.note)
    columns = (heading.replace("_", " ") for heading in HEADINGS)
    yield from (("tinystudio/gui/variant_numbers.py", Text(column)) for column in columns)
    named = (techniques(), targets(), gallery(), downloads())
    parts = [*formats(), *importers(), *metrics(), *(p for kind in named for p in kind.values())]
    for part in parts:
        name = type(part).__module__.replace(".", "/") + ".py"
        for paragraph in part.help.split("\n\n"):  # each is a text
            yield name, Text(" ".join(paragraph.split()))


def stale(entries: list[Entry], catalogue: PoFile) -> Iterator[str]:
    """Yield what is to be written anew in a catalogue, in words."""
    wanted = {(entry.text, entry.plural): entry.files for entry in entries}
    there = {(entry.text, entry.plural) for entry in catalogue.entries}
    for key in wanted.keys() - there:
        yield f"not in the catalogue: {key[0]!r} ({', '.join(wanted[key])})"
    for key in there - wanted.keys():
        yield f"not needed any more: {key[0]!r}"


def bring_up_to_date(file: Path, entries: list[Entry]) -> None:
    """Write a translation anew: with all texts, and what was translated of them."""
    old = read_po(file) if file.is_file() else PoFile(())
    lines = (line.partition(": ") for line in old.header.splitlines())
    header = HEADER | {"Language": file.stem} | {name: value for name, _, value in lines}
    file.write_text(written(merged(entries, old), header), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
