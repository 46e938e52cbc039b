"""Small files of the very form in which each data set is published."""

from __future__ import annotations

import gzip
import io
import json
import struct
import tarfile
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tinystudio.core.data import Dataset, Wanted
from tinystudio.downloads import downloads, read_download
from tinystudio.downloads.keeping import KeptFile, folder_of, write_note

Write = Callable[[Path], None]
RANDOM = np.random.default_rng(0)


def put(id: str) -> Path:
    """Write a data set's files as if they had been downloaded; return their folder."""
    download = downloads()[id]
    folder = folder_of(download)
    folder.mkdir(parents=True, exist_ok=True)
    WRITERS[id](folder)
    note(id)
    return folder


def note(id: str, is_checked: bool = True) -> None:
    """Write the note of the files that are there."""
    download = downloads()[id]
    write_note(
        download,
        tuple(
            KeptFile(
                name=file.name, size_bytes=(folder_of(download) / file.name).stat().st_size,
                sha256="0" * 64, is_checked=is_checked,
            )
            for file in download.files
        ),
    )  # fmt: skip


def read(id: str, *sample: int | str | None, settings: str = "", seed: int = 0) -> Dataset:
    """Read a data set for a network that takes such samples."""
    wanted = Wanted(((None, *sample),)) if sample else Wanted()
    return read_download(f"download:{id}{settings}", seed, wanted)


def pixels(count: int, *shape: int) -> np.ndarray:
    """Return random pixels."""
    return RANDOM.integers(0, 256, (count, *shape), np.uint8)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write bytes as a gzipped IDX file."""
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes()))


def mnist(folder: Path) -> None:
    """Write 30 digits to learn from and 10 for the test; a digit's first pixel is its label."""
    for name, count in (("train", 30), ("t10k", 10)):
        labels = np.arange(count, dtype=np.uint8) % 10
        images = pixels(count, 28, 28)
        images[:, 0, 0] = labels
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)


def tar(path: Path, members: dict[str, bytes], kind: str = "gz") -> None:
    """Write a packed tar with these members."""
    with tarfile.open(path, f"w:{kind}") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def cifar(folder: Path) -> None:
    """Write five batches of 8 and a test of 10: red is the label, green 100, blue 200."""
    members = {"cifar-10-batches-bin/batches.meta.txt": b"airplane\nautomobile\n"}
    for name, count in [*((f"data_batch_{n}", 8) for n in range(1, 6)), ("test_batch", 10)]:
        records = np.zeros((count, 3073), np.uint8)
        records[:, 0] = np.arange(count) % 10
        records[:, 1:1025] = records[:, :1]
        records[:, 1025:2049], records[:, 2049:] = 100, 200
        members[f"cifar-10-batches-bin/{name}.bin"] = records.tobytes()
    tar(folder / "cifar-10-binary.tar.gz", members)


def medmnist(name: str, classes: int, *channels: int) -> Write:
    """Return what writes an archive of MedMNIST."""

    def write(folder: Path) -> None:
        arrays = {}
        for split, count in (("train", 40), ("val", 8), ("test", 12)):
            arrays[f"{split}_images"] = pixels(count, 28, 28, *channels)
            arrays[f"{split}_labels"] = (np.arange(count) % classes)[:, None].astype(np.uint8)
        np.savez_compressed(folder / f"{name}.npz", **arrays)

    return write


def wav(hz: float, frames: int, rate: int) -> bytes:
    """Return a WAV file of a tone, 16 bits."""
    sound = np.sin(2 * np.pi * hz * np.arange(frames) / rate)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((sound * 16000).astype("<i2").tobytes())
    return buffer.getvalue()


def speech_commands(folder: Path) -> None:
    """Write two words by six speakers; the lists name one speaker each."""
    members: dict[str, bytes] = {"./LICENSE": b"CC BY 4.0", "./README.md": b"words"}
    lists: dict[str, list[str]] = {"validation": [], "testing": []}
    for word, hz in (("yes", 300), ("no", 800)):
        for number, speaker in enumerate("abcdef"):
            for take in range(2):
                name = f"{word}/{speaker * 8}_nohash_{take}.wav"
                members[f"./{name}"] = wav(hz + number, 16000 - 4000 * take, 16000)
                if speaker in "ef":
                    lists["validation" if speaker == "e" else "testing"].append(name)
    members["./_background_noise_/pink_noise.wav"] = wav(50, 32000, 16000)
    for name, listed in lists.items():
        members[f"./{name}_list.txt"] = ("\n".join(listed) + "\n").encode()
    tar(folder / "speech_commands_v0.02.tar.gz", members)


def spoken_digits(folder: Path) -> None:
    """Write three digits by the six speakers."""
    root = "free-spoken-digit-dataset-1.0.9"
    members = {f"{root}/README.md": b"digits", f"{root}/acquire_data/x.wav": wav(1, 10, 8000)}
    for speaker in ("jackson", "nicolas", "theo", "yweweler", "george", "lucas"):
        for digit in range(3):
            sound = wav(200 * (digit + 1), 3000 + 4000 * digit, 8000)
            members[f"{root}/recordings/{digit}_{speaker}_0.wav"] = sound
    tar(folder / "free-spoken-digit-dataset-1.0.9.tar.gz", members)


def packed(members: dict[str, bytes]) -> bytes:
    """Return a zip with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def text(table: np.ndarray, form: str = "%.7e") -> bytes:
    """Return numbers as lines of text."""
    buffer = io.BytesIO()
    np.savetxt(buffer, table, form)
    return buffer.getvalue()


def uci_har(folder: Path) -> None:
    """Write six people to learn from and two for the test; a signal's number is its value."""
    root, members = "UCI HAR Dataset", {"__MACOSX/x": b"?"}
    signals = [f"{k}_{a}" for k in ("body_acc", "body_gyro", "total_acc") for a in "xyz"]
    for part, people in (("train", (1, 3, 5, 6, 7, 8)), ("test", (2, 4))):
        count = 6 * len(people)
        members[f"{root}/{part}/y_{part}.txt"] = text(np.tile(np.arange(1, 7), len(people)), "%d")
        members[f"{root}/{part}/subject_{part}.txt"] = text(np.repeat(people, 6), "%d")
        for number, signal in enumerate(signals):
            table = np.full((count, 128), number) + RANDOM.normal(0, 0.01, (count, 128))
            members[f"{root}/{part}/Inertial Signals/{signal}_{part}.txt"] = text(table)
    outer = {"UCI HAR Dataset.names": b"about", "UCI HAR Dataset.zip": packed(members)}
    path = folder / "human-activity-recognition-using-smartphones.zip"
    path.write_bytes(packed(outer))


def picture(kind: str, side: int, *colour: int) -> bytes:
    """Return a picture file of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side + 2), colour).save(buffer, kind)
    return buffer.getvalue()


def traffic_signs(folder: Path) -> None:
    """Write two signs with five tracks of three pictures each, and four pictures for the test."""
    members = {}
    for sign in (0, 14):
        members[f"GTSRB/Training/{sign:05}/GT-{sign:05}.csv"] = b"Filename;Width\n"
        for track in range(5):
            for frame in range(3):
                name = f"GTSRB/Training/{sign:05}/{track:05}_{frame:05}.ppm"
                members[name] = picture("PPM", 20 + 5 * frame, 10 * sign, track, 0)
    (folder / "GTSRB-Training_fixed.zip").write_bytes(packed(members))
    asked = {f"GTSRB/Final_Test/Images/{n:05}.ppm": picture("PPM", 30, n, 0, 0) for n in range(4)}
    (folder / "GTSRB_Final_Test_Images.zip").write_bytes(packed(asked))
    lines = ["Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"]
    lines += [f"{n:05}.ppm;30;32;5;5;25;25;{(0, 14)[n % 2]}" for n in range(4)]
    table = {"GT-final_test.csv": "\r\n".join(lines).encode()}
    (folder / "GTSRB_Final_Test_GT.zip").write_bytes(packed(table))


def engines(folder: Path) -> None:
    """Write six engines that run 40 to 45 flights, and three for the test, one of them short."""

    def run(engine: int, flights: int) -> np.ndarray:
        flight = np.arange(1, flights + 1)
        rest = np.tile(np.arange(24.0), (flights, 1)) + flight[:, None] * 0.01
        return np.column_stack([np.full(flights, engine), flight, rest])

    known = np.concatenate([run(n, 39 + n) for n in range(1, 7)])
    asked = np.concatenate([run(n, flights) for n, flights in ((1, 35), (2, 50), (3, 12))])
    members = {
        "train_FD001.txt": text(known, "%.4f"), "test_FD001.txt": text(asked, "%.4f"),
        "RUL_FD001.txt": b"112 \n98 \n300 \n",
    }  # fmt: skip
    name = "6. Turbofan Engine Degradation Simulation Data Set/CMAPSSData.zip"
    (folder / "turbofan-engine-degradation.zip").write_bytes(packed({name: packed(members)}))


def ecg(folder: Path) -> None:
    """Write a normal record and an infarction per fold; one of two groups, one of none."""
    root = "ptb-xl-a-large-publicly-available-electrocardiography-dataset-1.0.3/"
    codes = [{"NORM": 100.0, "SR": 0.0}, {"IMI": 80.0, "SR": 0.0}] * 10
    codes += [{"IMI": 50.0, "NORM": 50.0}, {"SR": 0.0}]
    lines = ["ecg_id,patient_id,age,scp_codes,strat_fold,filename_lr,filename_hr"]
    members = {
        f"{root}scp_statements.csv": b",description,diagnostic,form,rhythm,diagnostic_class\n"
        b"NORM,normal ECG,1.0,,,NORM\nIMI,inferior infarction,1.0,,,MI\nSR,sinus,,,1.0,\n"
    }
    for number, said in enumerate(codes):
        name = f"records100/00000/{number + 1:05}_lr"
        fold = number // 2 % 10 + 1
        lines.append(f'{number + 1},{1000.0 + fold},56.0,"{said}",{fold},{name},x')
        head = [f"{number + 1:05}_lr 12 100 1000"]
        head += [
            f"{number + 1:05}_lr.dat 16 {1000 * (lead + 1)}.0({lead})/mV 16 0 5 1 0 V{lead}"
            for lead in range(12)
        ]
        numbers = np.arange(12)[None] + 1000 * (np.arange(12) + 1)[None] * (number % 2 + 1)
        members[f"{root}{name}.hea"] = ("\n".join(head) + "\n").encode()
        members[f"{root}{name}.dat"] = np.tile(numbers, (1000, 1)).astype("<i2").tobytes()
    members[f"{root}ptbxl_database.csv"] = ("\n".join(lines) + "\n").encode()
    (folder / "ptb-xl-1.0.3.zip").write_bytes(packed(members))


def mvtec(folder: Path) -> None:
    """Write six faultless bottles to learn from, four more and two kinds of defects."""
    members = {"bottle/license.txt": b"CC BY-NC-SA 4.0"}
    for number in range(6):
        members[f"bottle/train/good/{number:03}.png"] = picture("PNG", 40, 0, 200, number)
    for kind, count in (("good", 4), ("broken_large", 4), ("contamination", 2)):
        for number in range(count):
            colour = (0, 200, number) if kind == "good" else (200, 0, number)
            members[f"bottle/test/{kind}/{number:03}.png"] = picture("PNG", 40, *colour)
            mask = f"bottle/ground_truth/{kind}/{number:03}_mask.png"
            members[mask] = picture("PNG", 40, 255, 255, 255)
    tar(folder / "bottle.tar.xz", members, "xz")


def coco(folder: Path) -> None:
    """Write photographs with a person of 1 %, of 0.4 %, with a dog, and with nothing."""
    notes = {}
    for part in ("val2017", "train2017"):
        images, found, members = [], [], {}
        for number in range(20):
            name = f"{number:012}.jpg"
            members[f"{part}/{name}"] = picture("JPEG", 100, 10 * number, 0, 0)
            images.append({"id": number, "file_name": name, "width": 100, "height": 102})
            kind, area = ((1, 102.0), (1, 40.0), (18, 5000.0), (None, 0.0))[number % 4]
            if kind is not None:
                shape = [[0.5, 1.5, 2.5, 1.5]]
                found.append({"image_id": number, "category_id": kind, "area": area,
                              "segmentation": shape, "note": '], "}'})  # fmt: skip
        said = {"info": {"year": 2017}, "licenses": [{"id": 1}], "annotations": found,
                "images": images, "categories": [{"id": 1, "name": "person"}]}  # fmt: skip
        notes[f"annotations/instances_{part}.json"] = json.dumps(said).encode()
        if part == "val2017" or folder.name == "visual-wake-words":
            (folder / f"{part}.zip").write_bytes(packed(members))
    (folder / "annotations_trainval2017.zip").write_bytes(packed(notes))


WRITERS: dict[str, Write] = {
    "mnist": mnist,
    "fashion-mnist": mnist,
    "cifar-10": cifar,
    "pneumonia-mnist": medmnist("pneumoniamnist", 2),
    "blood-mnist": medmnist("bloodmnist", 8, 3),
    "derma-mnist": medmnist("dermamnist", 7, 3),
    "speech-commands": speech_commands,
    "spoken-digits": spoken_digits,
    "uci-har": uci_har,
    "traffic-signs": traffic_signs,
    "engines": engines,
    "ecg": ecg,
    "mvtec-bottle": mvtec,
    "visual-wake-words": coco,
    "visual-wake-words-small": coco,
}
