"""A model written once for ONNX Runtime: a folder in the models cache, made whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

from index.errors import BrokenModel
from index.onnx_wire import Graph
from rag.card import first_line, read_card, write_card
from rag.onnx_decoder import BY_BLOCK, BY_FLOATS, WeightsFile, Writer
from rag.weights import Parts, Shape, Unsupported, Weights

FORMAT = 3
"""Raised when what is written changes: older folders are then made again."""
WEIGHTS = "weights.bin"
GRAPHS: dict[str, dict[str, int | None]] = {
    "float32": {"model.onnx": None},
    "int8": {"few.onnx": BY_BLOCK, "many.onnx": BY_FLOATS},
}
"""For each number format the graphs that share the weights, and how they multiply."""


@contextmanager
def converted(folder: Path, shape: Shape, numbers: str, cache: Path | None) -> Iterator[Path]:
    """The folder with the graphs of the model in `folder`, whole while the context is open.

    Args:
        numbers: "float32" or "int8".
        cache: where it is kept; None: a temporary folder.

    Raises:
        BrokenModel: the weights cannot be read.
        Unsupported: they do not fit the architecture that the config names, or int8.
        OSError: no room, or no permission to write.
    """
    if cache is None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
            _write(Path(made), folder, shape, numbers)
            yield Path(made)
        return
    print_ = fingerprint(folder, numbers)
    name = folder.resolve().name
    target = cache / "onnx" / f"{name}-{numbers}-{print_}"
    if not whole(target, print_):
        target.parent.mkdir(parents=True, exist_ok=True)
        _make(target, folder, shape, numbers, print_)
        for old in target.parent.glob(f"{escape(name)}-{numbers}-????????????"):
            if old != target:  # of weights that are no longer in `folder`
                shutil.rmtree(old, ignore_errors=True)
    yield target


def fingerprint(folder: Path, numbers: str) -> str:
    """Changes with the model's files: their names, sizes and times, and the config's text."""
    files = sorted(folder.glob("*.safetensors"))
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    config = (folder / "config.json").read_text("utf-8")
    return hashlib.sha256(json.dumps([FORMAT, numbers, stats, config]).encode()).hexdigest()[:12]


def whole(target: Path, print_: str) -> bool:
    """Whether `target` is finished: its card, written last, and all files in the size that it names."""
    try:
        card = read_card(target)
        sizes = {name: (target / name).stat().st_size for name in card.get("bytes", {})}
    except (BrokenModel, OSError, TypeError):
        return False
    return card.get("fingerprint") == print_ and card.get("bytes") == sizes


def remake(target: Path) -> None:
    """Have a folder that turned out damaged made again by the next `converted`."""
    (target / "card.json").unlink(missing_ok=True)


def _make(target: Path, folder: Path, shape: Shape, numbers: str, print_: str) -> None:
    """Make the folder beside its place and move it there in one step."""
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".making-"))
    try:
        _write(work, folder, shape, numbers, fingerprint=print_)
        if target.exists():
            os.replace(target, work.with_name(f"{work.name}.old"))
        try:
            os.replace(work, target)
        except OSError:
            if not whole(target, print_):  # else another process was faster
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(work.with_name(f"{work.name}.old"), ignore_errors=True)


def _write(work: Path, folder: Path, shape: Shape, numbers: str, **more: Any) -> None:
    try:
        weights = Weights(folder)
    except Exception as error:  # safetensors raises its own kinds
        raise BrokenModel(f"{folder} cannot be loaded: {first_line(error)}") from error
    with (work / WEIGHTS).open("wb") as handle:
        file = WeightsFile(work / WEIGHTS, handle)
        places = _write_graphs(work, file, shape, Parts(shape, weights), numbers)
    sizes = {path.name: path.stat().st_size for path in work.iterdir()}
    write_card(work, {**more, "bytes": sizes, **places})


def _write_graphs(work: Path, file: WeightsFile, shape: Shape, parts: Parts, numbers: str) -> dict[str, Any]:
    """The graphs with their weights; where the tables of embeddings stand in the file."""
    try:
        for name, level in GRAPHS[numbers].items():
            (work / name).write_bytes(Writer(shape, parts, file, level).write())
        tables = {"embedding": parts.embedding}
        if shape.kind == "gpt2":
            tables["positions"] = parts.positions
        for key, make in tables.items():
            file.put(Graph(), key, make)
    except KeyError as error:
        raise Unsupported(f"the weights have no tensor {error}") from error
    return {key: file.place(key) for key in tables}
