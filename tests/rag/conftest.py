"""Tiny real models: two layers, random weights, a byte-level BPE tokenizer trained here. No network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from rag.causal import CausalGenerator
from rag.generator import load_generator

torch.set_num_threads(1)  # two threads wait for each other longer than they compute

END = "<|endoftext|>"
LINES = [
    "Acme Pumps was founded in 2009 by Li Ming in Hangzhou. It sells 308 pumps a year.",
    "枣园科技有限公司成立于2009年，总部位于杭州市西湖区，创始人是李明。水泵一年卖308台。",
    "Passage 1: Question: Answer: I don't know.",
]


def tiny_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(LINES * 3, trainer)
    return tokenizer


def tiny_model(kind: str, window: int = 256) -> Any:
    torch.manual_seed(1)
    shape = {"vocab_size": 420, "bos_token_id": 0, "eos_token_id": 0}
    if kind == "gpt2":
        model: Any = GPT2LMHeadModel(
            GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=window, initializer_range=0.4, **shape)
        )
    else:
        model = LlamaForCausalLM(
            LlamaConfig(
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=2,
                num_attention_heads=4,
                num_key_value_heads=2,
                head_dim=16,
                max_position_embeddings=window,
                initializer_range=0.4,
                **shape,
            )
        )
    return model.eval()


@pytest.fixture(scope="session", params=["gpt2", "llama"])
def model_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp(request.param)
    tiny_model(request.param).save_pretrained(folder)
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="session")
def generator(model_folder: Path) -> CausalGenerator:
    found = load_generator(model_folder, device="cpu", dtype="float32")
    assert isinstance(found, CausalGenerator)
    return found
