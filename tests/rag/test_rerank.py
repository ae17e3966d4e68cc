"""A real cross-encoder, made tiny: loaded by folder, asked for scores; what its order does to a ranking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from index.corpus import Corpus
from index.errors import BrokenModel, UnknownModel
from index.types import Document
from rag.rerank import load_reranker, reranked
from rag.retrieve import RetrieveOptions, SelectOptions, retrieve

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "pump", "seal", "who", "makes", "the", "valve"]


def folder(path: Path, labels: int = 1) -> Path:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=64, num_labels=labels,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(path)
    vocabulary = path / "vocab.txt"
    vocabulary.write_text("\n".join(WORDS))
    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(path)
    return path


def test_a_cross_encoder_scores_each_text_by_itself(tmp_path: Path) -> None:
    reranker = load_reranker(str(folder(tmp_path / "tiny")))
    texts = ["the pump", "the valve seal", "who makes"]
    together = reranker.score("who makes the pump", texts)
    apart = [reranker.score("who makes the pump", [text])[0] for text in texts]
    assert together == pytest.approx(apart, abs=1e-5)
    assert len(set(together)) == 3
    assert reranker.score("who", []) == []


def test_what_cannot_rank_is_told(tmp_path: Path) -> None:
    with pytest.raises(BrokenModel, match="3 labels"):
        load_reranker(str(folder(tmp_path / "three", labels=3)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BrokenModel, match="cannot load the reranker"):
        load_reranker(str(tmp_path / "empty"))
    with pytest.raises(UnknownModel, match="JUJUBE_RERANKER"):
        load_reranker("no-such/cross-encoder")


class Liking:
    """Ranks by a word: which text holds it more often."""

    name = "liking"

    def __init__(self, word: str) -> None:
        self.word = word

    def score(self, question: str, texts: Any) -> list[float]:
        return [float(text.count(self.word)) for text in texts]


def test_retrieval_follows_the_reranker(corpus: Corpus, make_document: Callable[..., Document]) -> None:
    corpus.add(
        make_document(text, f"{n}.md")
        for n, text in enumerate(["pump pump pump", "pump seal", "pump valve valve", "nothing of it"])
    )
    plain = RetrieveOptions(mode="hybrid")
    liked = RetrieveOptions(mode="hybrid", reranker=Liking("valve"), rerank_weight=1.0)
    assert retrieve(corpus, "pump", plain).hits[0].source == "0.md"
    hits = retrieve(corpus, "pump", liked).hits
    assert hits[0].source == "2.md"
    assert {hit.source for hit in hits} == {hit.source for hit in retrieve(corpus, "pump", plain).hits}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    graph = RetrieveOptions(reranker=Liking("valve"), rerank_weight=1.0, select=SelectOptions(coverage=0.0))
    assert retrieve(corpus, "pump", graph).hits[0].source == "2.md"


def test_the_weight_moves_between_both_orders() -> None:
    ranked, scores = {1: 1.0, 2: 0.5, 3: 0.1}, {1: 0.0, 2: 1.0}
    assert list(reranked(ranked, scores, 0.0)) == [1, 2, 3]
    assert list(reranked(ranked, scores, 1.0)) == [2, 1, 3]
    assert reranked(ranked, {}, 1.0) == ranked
