"""Folders as `save_pretrained` of the package transformers writes them."""

from __future__ import annotations

import importlib.util
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
from onnx import helper

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import FOLDER_MARK, WEIGHTS_SUFFIX, Peek
from tinystudio.importers.importer import Importer, ImportSettings, Say, Source
from tinystudio.importers.torch_export import module_to_onnx
from tinystudio.importers.torch_program import EXPORT_AGAIN, first_words

if TYPE_CHECKING:
    import torch

LIBRARY = "transformers"  # an extra: most people have no use for it
INSTALL = "Install it: pip install 'tinystudio[huggingface]' (or pip install transformers)."
PREPARATION = "preprocessor_config.json"
OWN_CODE = ("auto_map", "custom_pipelines")  # entries that name Python files to be run
LONGEST_TEXT, SOUND, PIXELS, FRAMES = 16, 16_000, 224, 3000  # where the description says nothing
OUTPUTS = ("logits", "last_hidden_state", "pooler_output")


class HuggingFaceFolder(Importer):
    """A folder with config.json and .safetensors, as transformers saves it. The network is made
    by that package, which has to be installed; Python files in the folder are never run."""

    id = "hugging-face"
    title = "Hugging Face folder"
    suffixes = ()
    needs_shapes = True
    members = (FOLDER_MARK, PREPARATION, f"*{WEIGHTS_SUFFIX}", f"*{WEIGHTS_SUFFIX}.index.json")

    def recognizes(self, peek: Peek) -> bool:
        """By the description and the weights in the folder."""
        has_weights = any(name.endswith(WEIGHTS_SUFFIX) for name in peek.names)
        return peek.kind == "folder" and FOLDER_MARK in peek.names and has_weights

    def refusal(self, path: Path, settings: ImportSettings) -> tuple[str, str] | None:
        """Without the package nothing knows what network the description means."""
        if importlib.util.find_spec(LIBRARY) is None:
            return f"The package {LIBRARY}, which makes such networks, is not installed.", INSTALL
        return None

    def guess(self, source: Source) -> tuple[str, ...]:
        """Return the inputs' shapes by the description: a picture, a sentence, a second."""
        config = _config(source)
        _check_code(config, source)
        names = input_names(_class(config, source), config)
        return tuple(_shape(name, config) for name in names)

    def convert(self, source: Source, say: Say) -> bytes:
        """Make the network from the description, give it the weights, write it."""
        config = _config(source)
        _check_code(config, source)
        made = _class(config, source)
        say("Making the network")
        names = input_names(made, config)
        names = _matched(names, len(source.settings.shapes))
        module = _wrapped(_loaded(made, config, source), names)
        model = onnx.load_model_from_string(module_to_onnx(module, source, say))
        _name_inputs(model, names)
        _note(model, config, source)
        made_bytes: bytes = model.SerializeToString()
        return made_bytes


def input_names(made: Any, config: Mapping[str, Any]) -> list[str]:
    """Return what a network of this class has to be given, by the names of its parameters."""
    main = str(getattr(made, "main_input_name", "input_ids"))
    return [main, "decoder_input_ids"] if config.get("is_encoder_decoder") else [main]


def _matched(names: list[str], count: int) -> list[str]:
    """Take a mask as well, where one more shape is given than the network has to have."""
    if count == len(names) + 1:
        mask = "pixel_mask" if names[0] == "pixel_values" else "attention_mask"
        return [names[0], mask, *names[1:]]
    return names


def _config(source: Source) -> dict[str, Any]:
    try:
        config = json.loads(source.files[FOLDER_MARK])
    except (ValueError, KeyError, RecursionError) as error:
        detail = f"Its {FOLDER_MARK} could not be read ({type(error).__name__})."
        raise UserError(source.title, detail, "Save the model again.") from error
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        detail = f"Its {FOLDER_MARK} names no kind of model (model_type)."
        raise UserError(source.title, detail, "Choose a folder that save_pretrained has written.")
    return config


def _check_code(config: Mapping[str, Any], source: Source) -> None:
    """Raise `UserError` where only code in the folder, or another package, could read it."""
    if "quantization_config" in config:
        detail = "Its weights are stored quantized, in a form that only its own packages read."
        raise UserError(source.title, detail, "Choose the float weights of the same model.")
    named = next((key for key in OWN_CODE if config.get(key)), None)
    if named is not None and not _is_known(config):
        detail = f"Its network is code in the folder ({named}), which is never run."
        raise UserError(source.title, detail, EXPORT_AGAIN)


def _is_known(config: Mapping[str, Any]) -> bool:
    return _found(config) is not None


def _found(config: Mapping[str, Any]) -> Any:
    """Return the class of the package that the description names, or None."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    import transformers

    named = config.get("architectures") or ()
    for name in named if isinstance(named, list) else ():
        made = getattr(transformers, name, None) if isinstance(name, str) else None
        if isinstance(made, type) and issubclass(made, transformers.PreTrainedModel):
            return made
    if named:
        return None
    kinds = transformers.CONFIG_MAPPING
    kind = kinds.get(config["model_type"], None)
    return transformers.MODEL_MAPPING.get(kind) if kind is not None else None


def _class(config: Mapping[str, Any], source: Source) -> Any:
    made = _found(config)
    if made is None:
        named = ", ".join(map(str, config.get("architectures") or [config["model_type"]]))
        detail = f"The package {LIBRARY} that is installed knows no {named}."
        raise UserError(source.title, detail, f"Install another version of it, or: {EXPORT_AGAIN}")
    return made


def _loaded(made: Any, config: Mapping[str, Any], source: Source) -> torch.nn.Module:
    """Load from copies of the bytes that were hashed, with no other file beside them."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    plain = {key: value for key, value in config.items() if key not in OWN_CODE}
    with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
        for name, data in source.files.items():
            Path(folder, name).write_bytes(data)
        Path(folder, FOLDER_MARK).write_text(json.dumps(plain))
        try:
            module, told = made.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True,
                dtype=torch.float32, attn_implementation="eager", output_loading_info=True,
            )  # fmt: skip
        except Exception as error:  # the package raises of many kinds
            detail = f"{LIBRARY} could not load it: {first_words(error)}."
            raise UserError(source.title, detail, EXPORT_AGAIN) from error
    module.config.use_cache, module.config.return_dict = False, True
    missing = sorted(told.get("missing_keys", ()))
    if missing:
        detail = f"It lacks weights of the network: {', '.join(missing[:3])}"
        more = f" and {len(missing) - 3} more." if len(missing) > 3 else "."
        raise UserError(source.title, detail + more, "Copy the folder again, with all its files.")
    loaded: torch.nn.Module = module.eval()
    return loaded


def _wrapped(network: torch.nn.Module, names: Sequence[str]) -> torch.nn.Module:
    """Return a module that takes tensors in order and answers with tensors alone."""
    import torch

    class Wrapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network, self.input_names = network, tuple(names)

        # One after the other, since torch.export does not take open sizes of a *list.
        def forward(
            self,
            first: torch.Tensor,
            second: torch.Tensor | None = None,
            third: torch.Tensor | None = None,
        ) -> tuple[torch.Tensor, ...]:
            given = [item for item in (first, second, third) if item is not None]
            said = self.network(**dict(zip(self.input_names, given, strict=True)))
            found = [said[key] for key in OUTPUTS if said.get(key) is not None]
            return tuple(found[:1] if "logits" in said else found) or tuple(said.to_tuple())

    return Wrapped()


def _shape(name: str, config: Mapping[str, Any]) -> str:
    """Return the sizes of one input, as the description has them."""
    if name == "pixel_values":
        side = config.get("image_size", PIXELS)
        rows, columns = side if isinstance(side, list) and len(side) == 2 else (side, side)
        return f"1,{config.get('num_channels', 3)},{rows},{columns}"
    if name == "input_values":
        return f"1,{SOUND}"
    if name == "input_features":
        return f"1,{config.get('num_mel_bins', 80)},{FRAMES}"
    longest = config.get("max_position_embeddings") or config.get("n_positions") or LONGEST_TEXT
    return f"1,{min(LONGEST_TEXT, int(longest))}:int64"


def _name_inputs(model: onnx.ModelProto, names: Sequence[str]) -> None:
    """Call the inputs as transformers does; one of torch's exporters has names of its own."""
    renamed = {port.name: name for port, name in zip(model.graph.input, names, strict=True)}
    taken = {name for node in model.graph.node for name in (*node.input, *node.output)}
    if (taken - renamed.keys()) & set(renamed.values()):
        return
    for port in model.graph.input:
        port.name = renamed[port.name]
    for node in model.graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = renamed.get(name, name)


def _note(model: onnx.ModelProto, config: Mapping[str, Any], source: Source) -> None:
    """Note the classes, and how pictures are prepared, where the folder tells."""
    notes = {item.key: item.value for item in model.metadata_props}
    names = config.get("id2label")
    if isinstance(names, dict) and names:
        notes["id2label"] = json.dumps(names)
    prepared = _preparation(source)
    if prepared is not None:
        notes["tinystudio.preprocessing"] = json.dumps(prepared)
    del model.metadata_props[:]
    helper.set_model_props(model, notes)


def _preparation(source: Source) -> dict[str, list[float]] | None:
    """Return mean and scale on pixels of 0 to 255."""
    try:
        told = json.loads(source.files.get(PREPARATION, b"{}"))
        factor = float(told.get("rescale_factor", 1 / 255)) if told.get("do_rescale", True) else 1.0
        mean, deviation = told.get("image_mean"), told.get("image_std")
        if not told.get("do_normalize") or not mean or not deviation:
            return None
        return {
            "mean": [float(value) / factor for value in mean],
            "scale": [float(value) / factor for value in deviation],
        }
    except (ValueError, TypeError, AttributeError, ZeroDivisionError, RecursionError):
        return None
