"""Builds resources/gallery again: data from the named packages, networks trained by seed.

    python tools/build_gallery.py data --packages FOLDER    (see gallery_sources.py)
    python tools/build_gallery.py train [TASK ...]
    python tools/build_gallery.py pictures [TASK ...]
    python tools/build_gallery.py table

Needs `pip install -e .[gallery]`. Training all twelve takes about half an hour on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gallery_export
import gallery_pictures
import gallery_sources
import gallery_table
import gallery_training

from tinystudio.core.files import write_whole
from tinystudio.gallery import find_task, gallery

SEED = 0


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="command")
    data = commands.add_parser("data", help="write data.npz of every task")
    data.add_argument(
        "--packages", type=Path, required=True, help="folder with the packages' files"
    )
    data.add_argument("tasks", nargs="*")
    train = commands.add_parser("train", help="train and write network.onnx")
    train.add_argument("tasks", nargs="*")
    train.add_argument("--seed", type=int, default=SEED)
    train.add_argument("--epochs", type=int, default=None)
    pictures = commands.add_parser("pictures", help="draw picture.png of every task")
    pictures.add_argument("tasks", nargs="*")
    commands.add_parser("table", help="measure the networks on test and write README.md")
    given = parser.parse_args()
    if given.command == "data":
        gallery_sources.write(given.packages, given.tasks or list(gallery()))
    elif given.command == "train":
        for task in given.tasks or gallery():
            _train(task, given.seed, given.epochs)
    elif given.command == "pictures":
        for task in given.tasks or gallery():
            gallery_pictures.write(find_task(task))
    else:
        gallery_table.write()


def _train(name: str, seed: int, epochs: int | None) -> None:
    task = find_task(name)
    dataset = task.dataset()
    network = gallery_training.train(name, dataset, seed, epochs)
    write_whole(task.network_path, gallery_export.export(network, task, dataset))


if __name__ == "__main__":
    main()
