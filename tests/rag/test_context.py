"""What passages are read under."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from index.browse import passage_ids
from index.corpus import Corpus
from index.types import Document, Hit
from rag.context import Above, contexts
from rag.prompt import LONGEST_TITLE

MakeDocument = Callable[..., Document]

CONTRACT = (
    "# Purchase contract\n\nNumber: ZL-2024-017\nBuyer: Mingze Water\n\n## Delivery\n\n"
    "Place: the central warehouse.\n\n## Spare parts\n\nThose of the B-350 as well."
)
SEEDS = {"zl-2024-017": 1.0}


def above(corpus: Corpus, seeds: Mapping[str, float]) -> dict[str, Above]:
    """By the last heading of each passage."""
    found = corpus.store.passages(passage_ids(corpus.store)).values()
    hits = [Hit(passage, 1.0, (), source, title) for passage, source, title in found]
    by_id = contexts(corpus.store, hits, seeds)
    return {hit.passage.heading.split(" > ")[-1]: by_id[hit.passage.id] for hit in hits}


def test_title_and_headings_with_their_places(corpus: Corpus, make_document: MakeDocument) -> None:
    corpus.add([make_document(CONTRACT, "c.md")])
    found = above(corpus, {})["Delivery"]
    assert found.title == "Purchase contract > Delivery"
    assert [line.text for line in found.lines] == ["Delivery", "Purchase contract"]
    assert all(CONTRACT[line.start :].startswith(line.text) for line in found.lines)


def test_what_only_the_head_of_the_document_names_is_read_too(
    corpus: Corpus, make_document: MakeDocument
) -> None:
    corpus.add([make_document(CONTRACT, "c.md")])
    found = above(corpus, SEEDS)
    for heading in ("Delivery", "Spare parts"):
        assert found[heading].title.endswith(f"{heading} > Number: ZL-2024-017")
        line = found[heading].lines[-1]
        assert CONTRACT[line.start : line.start + len(line.text)] == "Number: ZL-2024-017"
    assert "ZL-2024-017" not in found["Purchase contract"].title  # that passage says it itself


def test_what_announces_the_items_of_a_passage_stands_above_it(
    corpus: Corpus, make_document: MakeDocument
) -> None:
    items = "".join(f"- a helmet of the kind that has the number {n}\n" for n in range(90))
    text = f"# Rules\n\nThe following must be worn:\n\n{items}"
    corpus.add([make_document(text, "c.md")])
    found = corpus.store.passages(passage_ids(corpus.store)).values()
    hits = [Hit(passage, 1.0, (), source, title) for passage, source, title in found]
    first, second, *_ = sorted(hits, key=lambda hit: hit.passage.start)
    by_id = contexts(corpus.store, hits, {})
    assert by_id[first.passage.id].title == "Rules"
    assert by_id[second.passage.id].title == "Rules > The following must be worn"
    line = by_id[second.passage.id].lines[0]
    assert line.text == "The following must be worn"
    assert text[line.start :].startswith(line.text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("# Pumps\n\n## B-200\n\nWeight: 58 kg\n\n## Delivery\n\nIn May.", "b-200"),
        ("# Pumps\n\n## Overview\n\nUnlike the B-200, ours are quiet.\n\n## Delivery\n\nIn May.", "b-200"),
        ("# Terms\n\nUnlike the B-200, ours are quiet.\n\n## Delivery\n\nIn May.", "b-200"),
        ("# Terms\n\nPayment: within 30 days\n\n## Delivery\n\nIn May.", "payment"),
        ("# Terms\n\nModel: B-200\n\n## Delivery\n\nIn May.", "b-20"),
        ("# Terms\n\n" + "x" * 385 + "\nfor B-200 from 15\n\n## Delivery\n\nIn May.", "b-20"),
    ],
)
def test_what_stands_in_the_head_and_is_not_what_the_document_is_about(
    corpus: Corpus, make_document: MakeDocument, text: str, key: str
) -> None:
    corpus.add([make_document(text, "c.md")])
    assert above(corpus, {key: 1.0})["Delivery"].title.endswith("> Delivery")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("臨海泵業有限公司", "临海泵业有限公司"),
        ("买方：臨海泵業", "临海泵业"),
        ("Straße GmbH", "strasse gmbh"),
    ],
)
def test_names_in_other_characters(corpus: Corpus, make_document: MakeDocument, line: str, key: str) -> None:
    corpus.add([make_document(f"{line}\n\n# Delivery\n\nHere.", "c.md")])
    assert above(corpus, {key: 1.0})["Delivery"].title.endswith(f"> {line}")


def test_the_whole_name_in_a_line_that_holds_a_longer_one(
    corpus: Corpus, make_document: MakeDocument
) -> None:
    text = "The pumps B-200 and B-20 are new.\n\n# Delivery\n\nIn May."
    corpus.add([make_document(text, "c.md")])
    line = above(corpus, {"b-20": 1.0})["Delivery"].lines[-1]
    assert (line.text, line.start) == ("B-20", text.index("B-20 "))


def test_a_line_on_an_earlier_page(corpus: Corpus) -> None:
    text = "Contract ZL-2024-017\n\n" + "Some words. " * 40 + "\n\n# Delivery\n\nHere."
    corpus.add([Document("d", "Contract ZL-2024-017", text, "c.pdf", pages=(0, text.index("# Delivery")))])
    found = above(corpus, SEEDS)["Delivery"]
    assert [(line.text, line.page) for line in found.lines] == [("Delivery", 2), ("Contract ZL-2024-017", 1)]


@pytest.mark.parametrize(
    "seeds", [{"b-350": 1.0}, {"zl-2024-01": 1.0}, {"zl-2024-017": 0.7}, {"mingze": 0.9, "zl-2024-0177": 1.0}]
)
def test_what_the_head_does_not_name_or_the_question_does_not_surely_mean(
    corpus: Corpus, make_document: MakeDocument, seeds: dict[str, float]
) -> None:
    corpus.add([make_document(CONTRACT, "c.md")])
    assert above(corpus, seeds)["Delivery"].title.endswith("> Delivery")


def test_of_a_long_line_only_the_name_is_read(corpus: Corpus, make_document: MakeDocument) -> None:
    text = (
        "Dear customers, with contract ZL-2024-017 " + "and so on " * 20 + "we part.\n\n# Delivery\n\nHere."
    )
    corpus.add([make_document(text, "c.md")])
    found = above(corpus, SEEDS)["Delivery"]
    assert found.title.endswith("> ZL-2024-017")
    assert text[found.lines[-1].start :].startswith("ZL-2024-017 and")


def test_a_title_does_not_grow_beyond_its_limit(corpus: Corpus) -> None:
    name = "A very long title of a contract " * 4
    corpus.add([Document("d", name, f"Number: ZL-2024-017\n\n# {'Delivery ' * 3}\n\nHere.", "d.md")])
    assert all(len(one.title) <= LONGEST_TITLE for one in above(corpus, SEEDS).values())


def test_a_document_that_was_replaced_since_has_no_lines(corpus: Corpus, make_document: MakeDocument) -> None:
    corpus.add([make_document(CONTRACT, "c.md")])
    found = corpus.store.passages(passage_ids(corpus.store)).values()
    hits = [Hit(passage, 1.0, (), source, title) for passage, source, title in found]
    corpus.add([make_document("Nothing of it is left.", "c.md")])
    assert all(one.lines == () for one in contexts(corpus.store, hits, SEEDS).values())
    corpus.store.remove([hits[0].passage.document_id])
    assert all(one.lines == () for one in contexts(corpus.store, hits, SEEDS).values())
