"""Next-character keyboard: which character comes next in English text."""

from __future__ import annotations

import itertools

import numpy as np

from tinystudio.core.archives import read_arrays
from tinystudio.core.assembling import assemble
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.gallery.task import GalleryTask

SEED = 0
SEEN = 48  # characters that the next one is guessed from
HELD_OUT = 0.1  # of the text, at its end, for the test; as much before that for validation
TRAIN_STRIDE = 40  # windows for training overlap a little


class Keyboard(GalleryTask):
    """Suggest the next character, as the keyboard of a phone does.

    From the last 48 characters of English text, in lower case and 43 symbols, the network scores
    every symbol that could come next. A keyboard shows three suggestions, so an answer counts as
    right where the true character is among the best three. The network is a recurrent one: a
    table of symbols, a gated recurrent unit of 128 (GRU) and a linear layer, about 69,000
    parameters.

    Data: the Jargon File 4.4.7, a dictionary of programmers' slang that its editors have put in
    the public domain. Its introduction and glossary were taken, without entries that one would
    rather not have a keyboard suggest. The last tenth of the text is the test, the tenth before
    it the validation; windows of these do not overlap. It is the language of one book: on text
    messages the network would do worse.
    """

    id = "keyboard"
    title = "Next-character keyboard"
    area = "Phones and wearables"
    question = "Which character comes next?"
    look_at = (
        "Nearly all weights are in the recurrent layer. Its channels can be removed and its "
        "weights stored in few bits; static INT8 leaves it in float, and dynamic INT8 supports "
        "only LSTM."
    )
    licence = "Public domain (the Jargon File 4.4.7, E. S. Raymond and others)"
    source = "The Jargon File, from the Debian package jargon-text"

    def dataset(self) -> Dataset:
        """Return about 20,000 training and 2,000 windows (48,) of symbols to judge by, each."""
        arrays = read_arrays(self.folder / "data.npz")
        text = arrays["text"]
        held_out = int(HELD_OUT * len(text))
        ends = (0, len(text) - 2 * held_out, len(text) - held_out, len(text))
        shuffled = np.random.default_rng(SEED).permutation
        train, validation, test = (
            _windows(text, start, end, TRAIN_STRIDE if not start else SEEN + 1)
            for start, end in itertools.pairwise(ends)
        )
        return assemble(
            self.title,
            train=train.take(shuffled(len(train))),
            validation=validation.take(shuffled(len(validation))),
            test=test,
            seed=SEED,
            metric="top-3-accuracy",
            classes=tuple(_name(str(symbol)) for symbol in arrays["symbols"]),
            preprocessing=Preprocessing(
                note="each character's position in the table of 43 symbols"
            ),
        )


def _windows(text: Array, start: int, end: int, stride: int) -> Samples:
    """Return windows and the character after each; an id is where the window begins."""
    begins = np.arange(start, end - SEEN, stride)
    windows = np.lib.stride_tricks.sliding_window_view(text, SEEN + 1)[begins].astype(np.int64)
    return Samples((np.ascontiguousarray(windows[:, :-1]),), windows[:, -1].copy(), begins)


def _name(symbol: str) -> str:
    return "space" if symbol == " " else symbol
