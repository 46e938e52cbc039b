"""Models that are no ONNX files yet: what is said about them, and their conversion."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinystudio.cli.arguments import positive
from tinystudio.cli.console import Console
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.gallery import PREFIX
from tinystudio.graph.trying import LEAST_S, try_opening
from tinystudio.importers import is_foreign
from tinystudio.importers.importer import SHAPE_HINT, ImportSettings, InputShape
from tinystudio.importers.user_module import MODULE_HINT, split_module
from tinystudio.runners.conversion import CONVERT_S, Conversion, conversion_limits
from tinystudio.runners.conversion_words import Looked
from tinystudio.session.importing import Import, ImportState

MODEL_HELP = (
    "an .onnx, .zip, .pt2, TorchScript or .safetensors file, a Hugging Face folder, or gallery:TASK"
)
STEP_S = 0.05


def add_model(parser: argparse.ArgumentParser, also: str = "", optional: bool = False) -> None:
    """Let a command take a model of any kind; an optional one may be left out."""
    count = "?" if optional else None
    parser.add_argument("model", nargs=count, metavar="MODEL", help=f"{MODEL_HELP}{also}")
    parser.add_argument(
        "--trust", action="store_true",
        help="MODEL (.pt2, TorchScript, --module) or your own --metric can run code: do it all the "
        "same; for a metric it is remembered, for this content of its file",
    )  # fmt: skip
    parser.add_argument(
        "--input-shape", action="append", default=[], metavar="SIZES",
        help="sizes of an input, the batch in front: 1,3,32,32 or 1,7:int64; one for each input "
        "(TorchScript, --module; default: as the data has it)",
    )  # fmt: skip
    parser.add_argument(
        "--module", default="", metavar="FILE.py:FACTORY",
        help="what makes the network that the weights in MODEL belong to",
    )  # fmt: skip
    parser.add_argument(
        "--time-limit", type=positive, metavar="SECONDS",
        help=f"end a conversion (default {CONVERT_S:.0f}) or a first opening (default "
        f"{LEAST_S:.0f}, more for large files) of MODEL that takes longer",
    )  # fmt: skip


def opened(
    reference: str, args: argparse.Namespace, console: Console, data: str | None = None
) -> str:
    """Return what can be opened for `reference`: itself, or the ONNX file it was converted to.

    Raises `UserError` where it cannot be converted, or something about it was not said.
    """
    path = Path(reference)
    if reference.startswith(PREFIX):
        return reference
    if not is_foreign(path):
        if args.time_limit is not None:  # else the engine opens it within its own limits
            try_opening(path, _Telling(console), args.time_limit)
        return reference
    if args.module:
        split_module(args.module)
    shapes = tuple(InputShape.parse(text) for text in args.input_shape)
    settings = ImportSettings(args.module, shapes)
    coming = Import(
        path, settings, data or "", is_trusted=lambda _: args.trust,
        start=lambda request: Conversion(request, conversion_limits(request, args.time_limit)),
    )  # fmt: skip
    try:
        return _converted(coming, console)
    finally:
        coming.close()


class _Telling(Silent):
    """Shows how far the first opening of a model is."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def progress(self, done: float, total: float, text: str) -> None:
        self._console.progress(done / total, text, None)


def _converted(coming: Import, console: Console) -> str:
    while coming.state is not ImportState.DONE:
        if coming.state is ImportState.ASKING:
            _answer(coming, console)
            coming.go_on()
        coming.step(STEP_S)
        if coming.problem is not None:
            raise coming.problem
        console.progress(0, coming.text, None)
    return str(coming.output)


def _answer(coming: Import, console: Console) -> None:
    """Take the shapes from the data; raises `UserError` for what only the user can say."""
    looked, questions = coming.looked, coming.questions
    assert looked is not None  # or there would be no questions
    title = f"{coming.path.name} was not opened"
    if "module" in questions:
        raise UserError(title, looked.help, f"{MODULE_HINT} (--module file.py:factory)")
    if "trust" in questions:
        raise UserError(title, f"{looked.help} {_named(looked)}", "If you trust it, add --trust.")
    if "shapes" in questions:
        if not coming.guess:
            detail = "The shape of its input is not known."
            raise UserError(title, detail, f"{SHAPE_HINT} (--input-shape 1,3,32,32)")
        coming.use_guess()
        shapes = " and ".join(str(shape) for shape in coming.guess)
        whose = "data" if looked.guessed_from == "data" else "model's description"
        console.note(f"Input shape {shapes}, as the {whose} has it.")


def _named(looked: Looked) -> str:
    return f"The SHA-256 of what can run is {looked.code_sha256}."
