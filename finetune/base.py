"""The model that is trained: loaded in the precision that training needs, and saved for answering."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch

from finetune.team import Team
from index.errors import BrokenModel, StorageFull, UnknownModel
from rag import causal
from rag.card import first_line, is_of_disk, read_card
from rag.causal import CausalGenerator
from rag.places import check_folder


def load_base(folder: Path, device: str | None = None) -> CausalGenerator:
    """The model in a folder, with float32 weights, which small steps do not vanish in.

    Args:
        device: "cpu" or "cuda"; the graphics card where there is one, and of several this process's.

    Raises:
        UnknownModel: no such folder.
        BrokenModel: no tokenizer, pickled weights, or files that do not fit together; says which.
    """
    if not folder.is_dir():
        raise UnknownModel(
            f"no base model in {folder}; name a version, a folder with config.json, *.safetensors and "
            'tokenizer.json, or "embedded"'
        )
    check_folder(folder)
    device = device or str(Team().device)
    return causal.load(
        folder, read_card(folder), version=folder.resolve().name, device=device, dtype="float32"
    )


def merged(model: Any) -> Any:
    """The model without adapters, which are added into its weights (in place)."""
    return model.merge_and_unload() if hasattr(model, "merge_and_unload") else model


def save_model(generator: CausalGenerator, model: Any, folder: Path, dtype: str = "bfloat16") -> None:
    """Write what `generator` with the trained `model` needs to answer; adapters are merged.

    The generator answers with the trained weights from then on, in the precision of training; its stop
    tokens are written as the model's end tokens.

    Args:
        model: what `prepare` returned, trained.
        folder: filled with config.json, generation_config.json, model.safetensors, tokenizer.json.
        dtype: of the weights on disk.

    Raises:
        BrokenModel: a weight is not a number.
        StorageFull: it cannot be written.
    """
    generator.model = merged(model).eval()
    broken = [name for name, weight in generator.model.named_parameters() if not weight.isfinite().all()]
    if broken:
        raise BrokenModel(f"the trained model has weights that are not numbers ({broken[0]}); train it again")
    saved = copy.deepcopy(generator.model).to(getattr(torch, dtype))
    saved.generation_config.eos_token_id = list(generator.stop_ids)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        saved.save_pretrained(folder)
        generator.tokenizer.save(str(folder / "tokenizer.json"))
    except Exception as error:  # of each library its own kind
        if not is_of_disk(error):
            raise
        raise StorageFull(
            f"the model cannot be written to {folder} ({first_line(error)}): free some space and run it "
            "again; a training with checkpoints goes on from the last"
        ) from error
