"""The words of this program, each explained to somebody who meets it for the first time.

The window's context help and `docs/glossary.md` are both made from this list.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word; `see` are other words that help to understand it."""

    word: str
    text: str
    see: tuple[str, ...] = ()


GLOSSARY: tuple[Term, ...] = (
    Term("accuracy", "The share of samples that the network answers rightly: 90 % means that one "
         "answer of ten is wrong. Some tasks are judged otherwise, for instance by how far off a "
         "number is; the word above the figures says by what.", ("score", "interval")),
    Term("activation", "What one layer hands on to the next while the network works on a sample. "
         "It takes memory while the network runs, and none in the file.", ("peak memory",)),
    Term("artifact", "The file of a variant: an ONNX network, the very bytes that were measured "
         "and that export writes.", ("variant", "ONNX")),
    Term("baseline", "What everything is compared with: the original, until you make another "
         "variant the baseline.", ("original",)),
    Term("batch", "How many samples go through the network at once. Devices mostly take one.",
         ("throughput",)),
    Term("bits", "How many binary digits one number is stored in. Networks come with 32 for every "
         "weight; 8 make the file about four times smaller, 4 about eight times.",
         ("quantization", "INT8")),
    Term("calibration", "Before a network can compute in 8 bits it has to be known how large the "
         "numbers inside it become. Some samples are sent through it and the ranges are noted: "
         "that is calibration. Too few samples, and a range is missed.", ("INT8", "zero point")),
    Term("channel", "One of the many detectors that make up a layer. Taking channels out makes a "
         "layer narrower: fewer weights, and less to compute.", ("pruning", "coupled channels")),
    Term("coupled channels", "Channels of several layers that can only go together, because their "
         "outputs are added to one another.", ("channel",)),
    Term("distillation", "Training a small network to give the same answers as a larger one, its "
         "teacher. It learns more from them than from right and wrong alone.", ("teacher",)),
    Term("epoch", "One pass of a training through all its samples.", ("fine-tuning",)),
    Term("fine-tuning", "Training a network further for a short while, so that it gets used to "
         "what was taken from it.", ("epoch", "distillation")),
    Term("INT8", "Whole numbers of 8 bits, -128 to 127. Most processors compute faster with them "
         "than with fractions, and they take a quarter of the room.",
         ("quantization", "calibration")),
    Term("interval", "How far a figure can be trusted. A 90 % interval from 85 to 90 says: had "
         "other samples been taken, nine times of ten the figure would have been in there.",
         ("tie",)),
    Term("latency", "How long the network takes for one sample, on this computer, with one "
         "thread.", ("throughput", "verdict")),
    Term("layer", "One step of the computation in a network, with weights of its own.",
         ("channel", "weight")),
    Term("layer database", "What TinyStudio has tried out about every layer: how much worse the "
         "answers become, and how much smaller and faster the layer, at every width and number of "
         "bits. Predictions are made from it.", ("prediction",)),
    Term("limit", "The most that is allowed, for instance at most 100 kB. Drag its line in a plot: "
         "what is beyond goes grey, and the best inside lights up.", ("Pareto front",)),
    Term("MACs", "Multiplications followed by an addition, the work that a network consists of. "
         "Fewer mostly means faster, but not always: data also has to be moved.", ("latency",)),
    Term("model", "The trained neural network that you start from.", ("original", "ONNX")),
    Term("ONNX", "A file format for neural networks that most tools can write and most devices "
         "can run.", ("model",)),
    Term("original", "The model as it came, with nothing changed.", ("baseline",)),
    Term("parameters", "All the numbers a network has learned; its weights, counted.",
         ("weight",)),
    Term("Pareto front", "The variants that no other one beats: whatever is smaller is less "
         "accurate, and whatever is more accurate is larger. It pays to choose among these; all "
         "others lose something for nothing.", ("variant", "limit")),
    Term("peak memory", "The most working memory that the network needs at any one moment while "
         "it runs: what its layers hand on and need to work, not the weights of its file.",
         ("activation",)),
    Term("per-channel", "Quantized with one scale for each channel in place of one for the whole "
         "layer. Channels with small numbers keep more of what they know; the file grows by a few "
         "bytes.", ("quantization", "scale")),
    Term("prediction", "A figure that was worked out from the layer database and not measured. It "
         "is drawn hollow, marked with ≈, and has an interval.", ("layer database", "preview")),
    Term("preview", "A figure measured on some samples while you are still dragging, so that you "
         "see at once where it goes. Measure the recipe for the real one.", ("prediction",)),
    Term("pruning", "Taking out what matters least: whole channels, which makes the network "
         "faster, or single weights, which only makes the file smaller.", ("channel", "sparsity")),
    Term("quantization", "Storing and computing numbers in fewer bits.",
         ("INT8", "scale", "zero point", "bits")),
    Term("random control", "The same technique, but what goes is chosen by chance. A clever "
         "choice has to be better than that to be worth anything.", ("pruning",)),
    Term("recipe", "Techniques in order, with their settings. The same recipe makes the same "
         "file again, here, on the command line and on another computer.",
         ("technique", "variant")),
    Term("sample", "One thing that the network is asked about: a picture, a second of a sensor, a "
         "sentence.", ("split",)),
    Term("scale", "By how much a whole number of a quantized layer has to be multiplied to get the "
         "fraction it stands for.", ("zero point", "quantization")),
    Term("score", "How good the answers are, in the task's own measure.", ("accuracy",)),
    Term("sparsity", "The share that was taken out: 0.4 means that four of ten are gone.",
         ("pruning",)),
    Term("split", "A part of the data. Networks are trained on one, choices are made on the "
         "validation split, and the test split is looked at once, at the end: only so does it "
         "tell what to expect of data that nobody has seen.", ("sample",)),
    Term("stale", "Measured on another processor, or of a file that has changed since. Measure it "
         "again to compare it with others.", ("verdict",)),
    Term("sweep", "The same recipe at many settings, measured one after the other.", ("recipe",)),
    Term("teacher", "The network whose answers another one learns from.", ("distillation",)),
    Term("technique", "One way to make a network smaller or faster.", ("recipe",)),
    Term("throughput", "How many samples are done in a second.", ("latency", "batch")),
    Term("tie", "Two variants whose difference could as well be chance. It is then said that they "
         "tie, and neither is called better.", ("interval",)),
    Term("variant", "What a recipe makes of the model, with its figures.", ("recipe", "artifact")),
    Term("verdict", "Whether the file is really faster on this computer: timed in turns with the "
         "original, and called faster only where the difference is more than chance.",
         ("latency", "tie")),
    Term("weight", "One number that the network has learned.", ("parameters", "bits")),
    Term("zero point", "The whole number that stands for zero in a quantized layer. It is needed "
         "where numbers do not lie evenly around zero.", ("scale", "INT8")),
)  # fmt: skip


def term(word: str) -> Term | None:
    """Return the entry of a word, however it is written."""
    wanted = word.strip().lower()
    return next((item for item in GLOSSARY if item.word.lower() == wanted), None)


def as_markdown() -> str:
    """Return the glossary as a page of the documentation."""
    parts = [
        "# Glossary",
        "The words of TinyStudio, for those who are new to them. *Help > Glossary* shows the same "
        "in the window, and F1 the words that are used where you are.",
    ]
    parts += [f"## {item.word}\n\n{item.text}{_see(item)}" for item in GLOSSARY]
    return "\n\n".join(parts) + "\n"


def _see(item: Term) -> str:
    if not item.see:
        return ""
    links = (f"[{word}](#{word.lower().replace(' ', '-')})" for word in item.see)
    return f"\n\nSee also: {', '.join(links)}."
