"""Pickles: refused, but for plain weights that go with the user's own module."""

from __future__ import annotations

import io
import pickle
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import Peek
from tinystudio.importers.importer import Importer, ImportSettings, Say, Source
from tinystudio.importers.pickle_names import holds_plain_weights
from tinystudio.importers.torch_export import module_to_onnx
from tinystudio.importers.torch_program import first_words
from tinystudio.importers.user_module import module_with

if TYPE_CHECKING:
    import torch

REFUSED = "It is a pickle: reading it could run any program, so pickles are not opened."
INSTEAD = (
    "Where it was made, export it to ONNX (torch.onnx.export), save it with torch.export.save "
    "(.pt2), or save its weights as .safetensors. A checkpoint of plain weights "
    "(torch.save(module.state_dict(), path)) is taken together with your own module."
)
# Where training programs keep the weights among other things.
_KEPT_UNDER = ("state_dict", "model_state_dict", "model")


class PickledWeights(Importer):
    """A checkpoint saved by torch.save. It is a pickle, of which only plain tensors are read;
    your own Python file makes the network, so its code runs."""

    id = "pickled-weights"
    title = "torch checkpoint"
    suffixes = (".pt", ".pth", ".pkl", ".ckpt", ".bin")
    runs_code = needs_module = needs_shapes = True

    def recognizes(self, peek: Peek) -> bool:
        """A bare pickle, or the archive that torch.save puts one into."""
        is_torch = peek.kind == "zip" and peek.holds("data.pkl") and not peek.holds("constants.pkl")
        return peek.kind == "pickle" or is_torch

    def refusal(self, path: Path, settings: ImportSettings) -> tuple[str, str] | None:
        """What is no table of weights is not asked a module for."""
        is_open = bool(settings.module) or holds_plain_weights(path)
        return None if is_open else (REFUSED, INSTEAD)

    def convert(self, source: Source, say: Say) -> bytes:
        """Read its tensors and nothing else, give them to the module, write it."""
        say("Reading the weights")
        weights = _weights(source)
        say("Making the module")
        return module_to_onnx(module_with(weights, source), source, say)


def _weights(source: Source) -> dict[str, torch.Tensor]:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = torch.load(io.BytesIO(source.data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        detail = (
            f"It holds more than plain weights, which are all that is read of a pickle. {REFUSED}"
        )
        raise UserError(source.title, detail, INSTEAD) from error
    except (RuntimeError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        detail = f"Its weights could not be read: {first_words(error)}."
        raise UserError(source.title, detail, INSTEAD) from error
    weights = _state_of(found)
    if weights is None:
        detail = "It does not hold a table of weights (a state_dict)."
        raise UserError(source.title, detail, "Save it with torch.save(module.state_dict(), path).")
    return weights


def _state_of(found: Any) -> dict[str, torch.Tensor] | None:
    import torch

    inner = [found.get(name) for name in _KEPT_UNDER] if isinstance(found, dict) else []
    for item in (found, *inner):
        is_state = isinstance(item, dict) and bool(item)
        if is_state and all(isinstance(value, torch.Tensor) for value in item.values()):
            return dict(item)
    return None
