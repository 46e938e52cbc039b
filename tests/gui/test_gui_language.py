"""A translation is read, found text by text and sentence by sentence, and seen in the window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from english_left import left_in
from hypothesis import given, settings
from hypothesis import strategies as st
from idle_workers import AT, pruned
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tinystudio.core import places
from tinystudio.gui import texts
from tinystudio.gui.forms.help_mark import HelpMark
from tinystudio.gui.forms.step_card import StepCard
from tinystudio.gui.language.catalogue import Catalogue
from tinystudio.gui.language.po import Entry, merged, read_po, written
from tinystudio.gui.language.templates import Template, Templates, filled, template_of
from tinystudio.gui.language_desk import LanguageDesk, language_name
from tinystudio.gui.plots.learning_plot import LearningPlot
from tinystudio.gui.remembered import Remembered
from tinystudio.gui.texts import ENGLISH, chosen, languages, speak, speak_english, tr
from tinystudio.jobs.events import Failed
from tinystudio.jobs.job import VariantsJob
from tinystudio.session.settings import Settings
from tinystudio.techniques import techniques

ROOT = Path(__file__).resolve().parents[2]
WORDS = st.text(st.sampled_from("abcdefgh"), min_size=1, max_size=8)
VALUES = st.text(st.sampled_from("XYZ0123456789.-"), min_size=1, max_size=10)
SAID = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
COMPOSED = (
    "Undo: Choose channels −80 %",
    "Not for this model: it has no blocks that can be left out.",
    "8 variants · took 1 min 12 s",
    "✓ Terra, 50 % sure",
    "preview on 500 samples · original 92.0 % on the same samples",
    "Measure channels −31 %",
    "random channels −50 %",
    "A call takes 32 % less time than the original's.",
    "4 groups narrower, INT8 entropy heavy layers for ARM",
    "accuracy 91.2 % (88.9 … 93.1), measured on 12 samples · latency ≈ 8.2 µs, predicted",
    "“channels −40 %, INT8”",
)
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"


@pytest.fixture
def collect() -> Iterator[object]:
    sys.path.insert(0, str(ROOT / "tools"))
    import collect_texts

    yield collect_texts
    sys.path.remove(str(ROOT / "tools"))


def german(*pairs: tuple[str, str]) -> Catalogue:
    entries = [Entry(text, forms=(said,)) for text, said in pairs]
    return Catalogue(entries, lambda count: int(count != 1))


# Files


@settings(max_examples=40)
@given(st.lists(st.tuples(st.text(min_size=1), st.text(), st.booleans()), max_size=5))
def test_what_is_written_is_read_again(made: list[tuple[str, str, bool]]) -> None:
    path = places.cache() / "round.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [
        Entry(text, f"{text}s" if many else "", (said, said) if many else (said,), ("a.py",))
        for text, said, many in made
    ]
    path.write_text(written(entries, {"Language": "de"}), encoding="utf-8", newline="\n")
    assert list(read_po(path).entries) == entries


def test_translators_files_are_read_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    path.write_text(
        '# by hand\nmsgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        '#, fuzzy\nmsgid "Keep"\nmsgstr "Vielleicht"\n\n'
        'msgid ""\n"Measure "\n"this"\nmsgstr "Messen"\n\n#~ msgid "Old"\n#~ msgstr "Alt"\n',
        encoding="utf-8",
    )
    found = read_po(path)
    assert [(entry.text, entry.forms, entry.is_fuzzy) for entry in found.entries] == [
        ("Keep", ("Vielleicht",), True), ("Measure this", ("Messen",), False),
    ]  # fmt: skip
    new = merged([Entry("Measure this"), Entry("New")], found)
    assert [(entry.text, entry.forms) for entry in new] == [
        ("Measure this", ("Messen",)),
        ("New", ()),
    ]
    path.write_text("this is no catalogue\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        read_po(path)


# Templates


@given(st.lists(SAID, min_size=2, max_size=4), st.data())
def test_finding_is_the_inverse_of_filling(said: list[str], data: st.DataObject) -> None:
    text = said[0] + "".join(f" {{place{at}}} {part}" for at, part in enumerate(said[1:]))
    values = {f"place{at}": data.draw(VALUES) for at in range(len(said) - 1)}
    found = Templates([text, "{place0} and {place1}"]).find(filled(text, values))
    assert found == (text, values)


@given(st.lists(st.text(max_size=30), max_size=6), st.text(max_size=60))
def test_whatever_is_looked_for_nothing_is_raised_and_nothing_lost(
    some: list[str], sentence: str
) -> None:
    found = Templates(some).find(sentence)
    if found is not None:
        assert filled(*found) == sentence
    catalogue = Catalogue([Entry(text, forms=(text,)) for text in some if text], lambda _: 0)
    assert catalogue.say(sentence) == sentence


def test_of_two_templates_the_one_that_says_more_wins() -> None:
    known = Templates(["{a} of {b}", "{a} of {b} layers", "Channels of {name}"])
    assert known.find("5 of 6 layers") == ("{a} of {b} layers", {"a": "5", "b": "6"})
    assert known.find("Channels of conv1") == ("Channels of {name}", {"name": "conv1"})
    assert known.find("5 of 6") == ("{a} of {b}", {"a": "5", "b": "6"})


def test_halves_of_sentences_are_no_values() -> None:
    known = Templates(["{a} is {b}", "{name} was not opened"])
    assert known.find("There is no MatMul with weights in it") is None
    assert known.find("It is late. Nothing was not opened") is None
    assert template_of("{a}{b} touch") is None
    assert template_of("a { brace") is None


def test_a_place_takes_no_words_of_the_sentence_around_it() -> None:
    known = Templates(
        ["{kind}channels −{value} %", "{many} can be left out.", "{whole} min {whole2} s",
         "took {duration}", "Choose {title}", "{first} to {last}", "{name} was not written",
         "{words}, {share} % sure"]
    )  # fmt: skip
    assert known.find("Choose channels −80 %") == ("Choose {title}", {"title": "channels −80 %"})
    assert known.find("it has no blocks that can be left out.") is None
    assert known.find("Not for this model: 3 blocks can be left out.") is None
    assert known.find("took 1 min 12 s") == ("took {duration}", {"duration": "1 min 12 s"})
    assert known.find("about 1 min 12 s") is None
    assert known.find("for each band (0 to 255), taken from it") is None
    assert known.find("The export was not written") is None
    sure = {"words": "Vegetation stubble", "share": "50"}
    assert known.find("Vegetation stubble, 50 % sure") == ("{words}, {share} % sure", sure)


def test_sentences_of_the_program_are_said_whole(qapp: QApplication) -> None:
    speak(qapp, texts.PSEUDO)
    try:
        left = {text: english for text in COMPOSED if (english := left_in(tr(text)))}
        torn = "Scaled by the mean of each band (0 to 255)"
        assert left == {}
        assert tr(torn) == torn
        assert tr("sample 5 · Very damp grey soil").endswith("· Very damp grey soil")
        assert not left_in(tr("sample 5 · Very damp grey soil").partition("·")[0])
    finally:
        speak_english(qapp)


def test_a_sentence_is_compared_with_few_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Templates(f"{{a}} says word{at} to {{b}} number{at % 50}" for at in range(4000))
    compared: list[str] = []
    compare = Template.values_in

    def noted(template: Template, sentence: str) -> dict[str, str] | None:
        compared.append(template.text)
        return compare(template, sentence)

    monkeypatch.setattr(Template, "values_in", noted)
    assert made.find("somebody says word1234 to another number34") is not None
    assert made.find("nobody says anything like it") is None
    assert len(compared) == 1


# What is said


def test_sentences_are_put_together_from_what_is_known() -> None:
    say = german(
        ("{count} done", "{count} fertig"), ("{time} left", "noch {time}"), ("Keep", "Behalten"),
        ("{name} was not opened", "{name} ging nicht auf"), ("It is empty.", "Es ist leer."),
        ("Tied with {other}.", "Gleich auf mit {other}."), ("the original", "dem Original"),
    ).say  # fmt: skip
    assert say("3 done · 10 s left") == "3 fertig · noch 10 s"
    assert (
        say("a b.csv was not opened\nIt is empty. Keep")
        == "a b.csv ging nicht auf\nEs ist leer. Behalten"
    )
    assert say("Tied with the original.") == "Gleich auf mit dem Original."
    assert say("Nobody knows this.") == "Nobody knows this."
    assert say("<p>It is empty.</p>") == "<p>Es ist leer.</p>"
    assert say("87.9 % · 71 kB") == "87.9 % · 71 kB"


def test_plurals_follow_the_language() -> None:
    path = places.cache() / "pl.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = Entry(
        "{count} file", "{count} files", ("{count} plik", "{count} pliki", "{count} plików")
    )
    path.write_text(written([entry], {"Plural-Forms": POLISH}), encoding="utf-8")
    read = read_po(path)
    say = Catalogue(read.entries, read.form).say
    assert say("1 file") == "1 plik"
    assert say("3 files") == "3 pliki"
    assert say("12 files · 1,022 files") == "12 plików · 1,022 pliki"
    assert say("many files") == "many plików"


def test_the_count_before_the_word_decides() -> None:
    one, many = "{done} of {count} layer", "{done} of {count} layers"
    say = Catalogue([Entry(one, many, (one, many))], lambda count: int(count != 1)).say
    for text in ("1 of 6 layers", "0 of 1 layer", "3 of 1 layer", "no of many layers"):
        assert say(text) == text


def test_in_a_language_that_is_english_every_sentence_stays() -> None:
    texts = read_po(ROOT / "resources" / "translations" / "tinystudio.pot")
    same = [
        Entry(
            entry.text, entry.plural, (entry.text, entry.plural) if entry.plural else (entry.text,)
        )
        for entry in texts.entries
    ]
    say, changed = Catalogue(same, texts.form).say, []
    for entry in texts.entries:
        template = template_of(entry.text)
        places = () if template is None else template.places
        values = {
            place: ("1" if entry.plural else f"{at + 2} kB") for at, place in enumerate(places)
        }
        sentence = filled(entry.text, values)
        if say(sentence) != sentence:
            changed.append((sentence, say(sentence)))
    assert changed == []


def test_a_translation_with_places_of_its_own_is_left_out() -> None:
    for wrong in ("{nome} kopieren", "{name kopieren", "{} kopieren", "{name:d} kopieren", ""):
        say = german(("Copy {name}", wrong)).say
        assert say("Copy it") == "Copy it"
        assert say("Copy {name}").format(name="it") == "Copy it"
    assert german(("Copy {name}", "Kopieren")).say("Copy it") == "Kopieren"


# The catalogue


def test_the_catalogue_has_every_text(collect) -> None:
    catalogue = read_po(collect.CATALOGUE)
    found = list(collect.stale(collect.collected(), catalogue))
    assert found == [], "run `make texts`"
    known = {entry.text for entry in catalogue.entries}
    assert {"Keep", "Sparsity", "Measure this recipe", "epoch", "{count} point"} <= known
    missing = [Entry("A new text", files=("a.py",))]
    told = next(collect.stale(missing, catalogue))
    assert told.startswith("not in the catalogue: 'A new text'")


def test_texts_are_found_in_sources(collect) -> None:
    from english_texts import Text, texts_in

    source = '''"""Documentation."""
log.info("read %s of it", name)
def told(count, name):
    if name == "not this one":
        raise UserError(f"{name} was not read", "It is empty.", hint)
    more = f"{count} layer{'s' if count != 1 else ''} of {len(names)}"
    return plural(count, "point"), {"key of it": "Size"}, "random " if name else ""
'''
    found = set(texts_in(source, in_window=True))
    assert found == {
        Text("{name} was not read"), Text("It is empty."), Text("Size"), Text("random "),
        Text("{count} layer of {names}", "{count} layers of {names}"),
        Text("{count} point", "{count} points"),
    }  # fmt: skip


# The window


@pytest.fixture
def speaking_german(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A tiny translation in the user's own folder."""
    help_text = " ".join(techniques()["channel-pruning"].help.split("\n\n")[0].split())
    said = {
        help_text: "Nimmt ganze Kanäle heraus.", "epoch": "Epoche", "&File": "&Datei",
        "File": "Datei", "Undo": "Zurück", "Keep": "Behalten",
        "{name} was not opened": "{name} wurde nicht geöffnet",
        "Line {line} is not {encoding} text (byte 0x{data}).": "Zeile {line} ist kein {encoding}.",
        "Help": "Hilfe",
    }  # fmt: skip
    folder = texts.own_translations()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "de.po"
    entries = [Entry(text, forms=(word,)) for text, word in said.items()]
    file.write_text(written(entries, {"Language": "de"}), encoding="utf-8")
    monkeypatch.setenv(texts.LANGUAGE_ENV, "de")
    assert speak(qapp) == "de"
    yield
    speak_english(qapp)
    file.unlink()


@pytest.mark.usefixtures("speaking_german")
def test_a_small_translation_is_seen_all_over_the_window(opened, qtbot: QtBot) -> None:
    assert opened.window.menuBar().actions()[0].text() == "Datei"
    card = StepCard(pruned(0.4).steps[0], True)
    plot = LearningPlot("loss")
    for widget in (card, plot):
        qtbot.addWidget(widget)
    marks = [mark.accessibleDescription() for mark in card.findChildren(HelpMark)]
    assert any(text.startswith("Nimmt ganze Kanäle heraus.") for text in marks)
    assert plot.getAxis("bottom").labelText == "Epoche"
    assert QCoreApplication.translate("QPlatformTheme", "Close") == "Schließen"  # Qt's own
    opened.assembly.studio.open_network("gallery:watch")
    job = opened.engines.last(VariantsJob)
    opened.engines.say(
        Failed(job=job.id, title="my data.csv was not opened", hint="Unknown advice.", at=AT,
               detail="Line 3 is not UTF-8 text (byte 0xff).")
    )  # fmt: skip
    opened.window.show_notices()

    def shown() -> list[str]:
        return [label.text() for label in opened.assembly.notices.findChildren(QLabel)]

    qtbot.waitUntil(lambda: any("my data.csv wurde nicht geöffnet" in text for text in shown()))
    assert any("Zeile 3 ist kein UTF-8." in text for text in shown())
    assert "Unknown advice." in shown()


def test_the_language_is_chosen_by_environment_setting_and_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(texts, "languages", lambda: ["de", ENGLISH, "pt_BR"])
    assert chosen(["de-AT", "en"]) == "de"
    assert chosen(["pt-BR"]) == "pt_BR"
    assert chosen(["en-GB", "de"]) == ENGLISH
    assert chosen(["pt-PT", "xx"]) == ENGLISH


@pytest.mark.usefixtures("speaking_german")
def test_the_view_menu_offers_what_there_is(opened) -> None:
    assert languages() == ["de", ENGLISH]
    told: list[object] = []
    remembered = Remembered(Settings(), told.append)
    desk = LanguageDesk(opened.window, remembered, told.append)
    offered = {action.text(): action for action in desk.menu.actions()}
    assert list(offered) == ["As the system has it", "Deutsch", "English"]
    assert offered["As the system has it"].isChecked()
    offered["Deutsch"].trigger()
    assert remembered.settings.language == "de"
    assert len(told) == 1
    assert language_name("xx") == "xx"


def test_a_file_that_cannot_be_read_leaves_english(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    folder = texts.own_translations()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "fr.po"
    file.write_text("nothing of the kind\n", encoding="utf-8")
    try:
        assert speak(qapp, "fr") == "fr"
        assert tr("Keep") == "Keep"
        assert "fr.po" in caplog.text
        caplog.clear()
    finally:
        file.unlink()
        speak_english(qapp)
