"""The names of the classes that a network's file tells of, as the programs that write it do."""

from __future__ import annotations

import ast
import json

from tinystudio.graph.network import Network

# Of a file written here, of a gallery file, of detectors and classifiers written by others.
KEYS = ("tinystudio.classes", "classes", "names", "id2label", "labels", "class_names")
LONGEST = 1_000_000  # characters; a thousand classes take a fiftieth of that


def class_names(network: Network) -> tuple[str, ...]:
    """Return the names in the order of the outputs; empty where the file does not tell them.

    Understood are lists and tables from numbers to names, in JSON or as Python writes them
    (`{0: 'cat', 1: 'dog'}`), and names with commas between.
    """
    for key in KEYS:
        text = network.metadata.get(key, "")
        value = _value(text)
        found = _listed(text, network) if value is None else _names(value)
        if found:
            return found
    return ()


def _listed(text: str, network: Network) -> tuple[str, ...]:
    """Return names with commas between, where there are as many as the first output has places."""
    names = tuple(name.strip() for name in text.split(","))
    places = network.outputs[0].shape[-1:]
    return names if len(names) > 1 and places == (len(names),) and all(names) else ()


def _value(text: str) -> object:
    if not text or len(text) > LONGEST:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        numbered = {str(key): name for key, name in value.items()}
        value = [numbered.get(str(number)) for number in range(len(numbered))]
    if isinstance(value, list | tuple) and all(isinstance(n, str) and n for n in value):
        return tuple(value)
    return ()
