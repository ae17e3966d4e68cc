"""How sure an answer is by the question's words: an answer from passages about something else is less so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.corpus import Corpus
from index.embed import Embedder
from index.extract import Extractor
from index.store import Store
from index.types import Document, Filter
from rag.asked import Asked, Conclusion
from rag.candidates import Candidate, Place
from rag.ground import Grounded
from rag.prompt import Included, Prompt
from rag.scope import ScopeOptions, in_scope

TEXTS = {
    "cold": "The compressor of cold room B failed for 31 hours; the temperature rose to -11 degrees.",
    "parking": "Visitors park behind the hall and sign the book.",
    "停电": "三号冷库停电八小时,库内温度升到零下十一度。",
}
OPTIONS = ScopeOptions()


@pytest.fixture(scope="module")
def corpus(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, extractor: Extractor
) -> Iterator[Corpus]:
    store = Store(tmp_path_factory.mktemp("scope") / "c.sqlite")
    made = Corpus(store, embedder, extractor, lambda text: len(text.split()))
    made.add([Document(name, "", text, name) for name, text in TEXTS.items()])
    yield made
    store.close()


def sure(corpus: Corpus, question: str, name: str, answer: str, options: ScopeOptions | None) -> float:
    """How sure an answer from one of the texts is that its readers are sure of by .7."""
    ids = sorted(corpus.store.passage_ids(Filter()))
    passage = next(one for one, *_ in corpus.store.passages(ids).values() if one.document_id == name)
    part = Included(passage, passage.start, passage.end)
    start = passage.text.index(answer)
    best = Candidate(answer, (Place(0, start, start + len(answer)),), 0.0, 0.0, 0.0, 0.0, 1.0)
    prompt = Prompt((), question, (part,))
    asked = Asked(question, (), prompt, Grounded((best,), 0.1, 0.7, False, 1, 1))
    return in_scope(corpus, asked, Conclusion(answer, 0.7, (asked,)), options)


def test_more_words_make_surer() -> None:
    for scope in (OPTIONS.answer, OPTIONS.yes_or_no):
        shares = [scope.confidence(0.7, share) for share in (0.0, 0.3, 0.6, 1.0)]
        assert shares == sorted(shares)
        assert shares[0] < 0.7 < shares[-1]
        readers = [scope.confidence(one, 0.5) for one in (0.0, 0.5, 1.0)]
        assert readers == sorted(readers)


def test_a_passage_about_something_else_decides_no_question(corpus: Corpus) -> None:
    near, far = "Did the compressor of cold room B fail?", "Can I pay by card in the canteen?"
    assert sure(corpus, near, "cold", "failed for 31 hours", OPTIONS) > 0.75
    assert sure(corpus, far, "cold", "failed for 31 hours", OPTIONS) < 0.4


@pytest.mark.parametrize(
    ("name", "answer", "near", "far"),
    [
        (
            "cold",
            "-11 degrees",
            "To how many degrees did the temperature of cold room B rise?",
            "What is the weather like today?",
        ),
        ("停电", "零下十一度", "三号冷库停电时温度升到多少度?", "今天外面天气怎么样?"),
    ],
)
def test_an_answer_in_the_questions_words_is_surer(
    corpus: Corpus, name: str, answer: str, near: str, far: str
) -> None:
    assert sure(corpus, near, name, answer, OPTIONS) > 0.75
    assert sure(corpus, far, name, answer, OPTIONS) < 0.66
    assert sure(corpus, far, name, answer, None) == 0.7


def test_passages_in_another_language_are_not_judged_by_words(corpus: Corpus) -> None:
    assert sure(corpus, "To what did the temperature of the room rise?", "停电", "零下十一度", OPTIONS) == 0.7


@pytest.mark.parametrize(
    "question",
    [
        "Who are you?",
        "What is it?",
        "How?",
        "Hello",
        "Thank you!",
        "你好",
        "谢谢！",
        "are you a real person?",
        "Are you a chatbot",
        "What's your name?",
        "tell me a joke",
        "你是机器人吗？",
        "您叫什么名字？",
        "讲个笑话",
    ],
)
def test_a_question_without_a_telling_word_asks_no_document(corpus: Corpus, question: str) -> None:
    assert sure(corpus, question, "cold", "31 hours", OPTIONS) == 0.0
