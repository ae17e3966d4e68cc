"""Questions in other words than any passage has: what shares words with them is not what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from index.corpus import Corpus
from index.embed import Embedder
from index.extract import Extractor
from index.store import Store
from index.types import Document
from rag.retrieve import Mode, RetrieveOptions, retrieve
from rag.wording import WordingOptions, held

TEXTS = {
    "injury": "Accidents at work are reported to the safety officer within 24 hours, "
    "and the wound is dressed by a first aider.",
    "passes": "Passes are handed out at the reception. Whoever has lost a pass pays ten pounds.",
    "holiday": "Annual leave is asked for in the portal three weeks ahead.",
    "parking": "Visitors park behind the hall and sign the book.",
    "病假": "生病的员工凭医院证明申请病假,病假期间发百分之六十的工资。",
    "班车": "班车每天六点发车,回家里办事的乘客在站台等候。",
    "食堂": "食堂中午供应热汤,打饭的时候请排队。",
    "停车": "访客车辆可以在厂房后面停几天。",
}
QUESTIONS = [
    ("I cut my hand at the machine, who has to hear of it?", "injury"),
    ("感冒了在家里躺几天,还能拿到多少钱?", "病假"),
]
FAR = WordingOptions()
ALWAYS_THE_SAME = RetrieveOptions(wording=None)


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, extractor: Extractor
) -> Iterator[Corpus]:
    store = Store(tmp_path_factory.mktemp("wording") / "c.sqlite")
    made = Corpus(store, embedder, extractor, lambda text: len(text.split()))
    made.add([Document(name, "", text, name) for name, text in TEXTS.items()])
    yield made
    store.close()


def first(corpus: Corpus, question: str, options: RetrieveOptions) -> str:
    return retrieve(corpus, question, options).hits[0].passage.document_id


@pytest.mark.parametrize(("question", "right"), QUESTIONS)
def test_a_question_in_other_words_is_left_to_the_vectors(corpus: Corpus, question: str, right: str) -> None:
    assert first(corpus, question, ALWAYS_THE_SAME) != right
    assert first(corpus, question, RetrieveOptions()) == right
    assert first(corpus, question, RetrieveOptions(mode="hybrid")) == right


@pytest.mark.parametrize("question", ["Where do visitors park?", "食堂中午供应什么?"])
def test_a_question_in_the_passages_words_is_searched_for_as_before(corpus: Corpus, question: str) -> None:
    hits = [retrieve(corpus, question, options).hits for options in (ALWAYS_THE_SAME, RetrieveOptions())]
    assert hits[0] == hits[1]


@pytest.mark.parametrize("mode", ["vector", "text"])
@pytest.mark.parametrize(("question", "right"), QUESTIONS)
def test_one_voice_alone_is_not_weighed(corpus: Corpus, mode: Mode, question: str, right: str) -> None:
    hits = [retrieve(corpus, question, RetrieveOptions(mode=mode, wording=w)).hits for w in (None, FAR)]
    assert hits[0] == hits[1]


def test_what_is_held(corpus: Corpus) -> None:
    def share(question: str, names: Sequence[str] = ()) -> float:
        return held(corpus, question, corpus.text.search(question, 10), names)

    assert share("Where do visitors park?") == 1.0
    assert share("Where do burglars tunnel?") == 0.0  # no passage has a word of it
    assert 0.0 < share("Where do visitors tunnel?") < 0.6  # the word that none has counts most
    assert share("Where do visitors tunnel?", ["tunnel"]) == 1.0
    assert share("?!") == 0.0
    assert share("食堂中午供应热汤") == 1.0
    # Pairs of characters that stand nowhere count little: 汤吗 is no word
    assert share("食堂中午供应热汤吗") > 0.9


def test_between_near_and_far_it_is_a_mean() -> None:
    distances = [FAR.distance(share / 100) for share in range(101)]
    assert distances == sorted(distances, reverse=True)
    assert (distances[0], distances[-1]) == (1.0, 0.0)


def test_an_empty_collection(make_corpus: Callable[..., Corpus], store: Store) -> None:
    assert retrieve(make_corpus(store), "Who was it?").hits == []
