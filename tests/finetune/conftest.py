"""A tiny real GPT-2 (two layers, random weights, its own byte-level BPE) that a test may train."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel

from rag.causal import CausalGenerator
from rag.generator import load_generator


@pytest.fixture
def tiny(tmp_path: Path) -> CausalGenerator:
    """A fresh one for each test: training changes it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["Passage 1: Question: Answer:"], trainer)
    torch.manual_seed(0)
    config = GPT2Config(
        n_embd=64, n_layer=2, n_head=2, n_positions=256, vocab_size=300, bos_token_id=0, eos_token_id=0
    )
    folder = tmp_path / "tiny"
    GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    found = load_generator(folder, device="cpu", dtype="float32")
    assert isinstance(found, CausalGenerator)
    return found
