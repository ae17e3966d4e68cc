"""Data sets for measuring retrieval, read into one shape. The layout is detected by content:

- BEIR: a folder with corpus.jsonl, queries.jsonl and qrels.tsv, or qrels/*.tsv (test.tsv, if it is there);
- multi-hop: a folder with X.json (questions) and X_corpus.json (HotpotQA, 2WikiMultihop, MuSiQue);
- SQuAD JSON: one file (SQuAD, CMRC 2018, DRCD); a paragraph is a document.

Every file may be gzipped (.gz).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from common import squad

from index.types import Document


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    text: str
    relevant: Mapping[str, float]
    """Document id -> its relevance, above 0."""


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Documents and questions with the documents that answer them."""

    name: str
    documents: list[Document]
    questions: list[Question]
    skipped: int = 0
    """Questions left out: nothing answers them, or what does is not among the documents."""

    @property
    def slug(self) -> str:
        """Name of a collection with these documents: another selection of them has another name."""
        digest = hashlib.sha256("\0".join(f"{d.id} {d.fingerprint}" for d in self.documents).encode())
        plain = re.sub(r"[^A-Za-z0-9]+", "-", self.name).strip("-")[-30:].strip("-")
        return f"bench-{plain}-{digest.hexdigest()[:8]}"


def load(path: Path) -> RetrievalSet:
    """Read a set.

    Args:
        path: a folder, or a file; the endings .json and .gz may be left out.

    Raises:
        SystemExit: nothing is there, or it has none of the layouts above.
    """
    name = "/".join(path.absolute().parts[-2:]) if not path.is_dir() else path.name
    if path.is_dir():
        corpus = _file(path, "corpus.jsonl")
        pairs = sorted(path.glob("*_corpus.json*"))
        if corpus:
            return _beir(path, corpus, name)
        if pairs:
            return _multi_hop(path, pairs[0], name)
    else:
        name = re.sub(r"\.json(\.gz)?$", "", name)
        file = path if path.is_file() else _file(path.parent, f"{path.name}.json")
        corpus = _file(path.parent, f"{name.rpartition('/')[2]}_corpus.json")
        if corpus:
            return _multi_hop(path.parent, corpus, name)
        if file:
            return _squad(file, name)
    raise SystemExit(f"{path}: no set in the BEIR layout, no X.json with X_corpus.json, no SQuAD JSON file")


def sample(whole: RetrievalSet, questions: int, documents: int) -> RetrievalSet:
    """A part of a set, the same every time.

    Args:
        questions: how many to ask; 0: all.
        documents: how many to keep: those that answer the questions, and others; 0: all.
    """
    asked = list(whole.questions)
    random.Random(0).shuffle(asked)
    asked = asked[: questions or None]
    if not documents or documents >= len(whole.documents):
        return replace(whole, questions=asked)
    wanted = {name for question in asked for name in question.relevant}
    others = [d.id for d in whole.documents if d.id not in wanted]
    random.Random(1).shuffle(others)
    kept = wanted | set(others[: max(0, documents - len(wanted))])
    return replace(whole, documents=[d for d in whole.documents if d.id in kept], questions=asked)


def _file(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    # Not splitlines(): a line of JSON may hold U+2028.
    return (json.loads(line) for line in _text(path).split("\n") if line.strip())


def _records(path: Path) -> Any:
    """JSON, or one object a line."""
    try:
        return json.loads(_text(path))
    except json.JSONDecodeError:
        return list(_lines(path))


# -- BEIR ----------------------------------------------------------------------------------------------


def _beir(folder: Path, corpus: Path, name: str) -> RetrievalSet:
    queries = _file(folder, "queries.jsonl")
    judged = _judgements(folder)
    if queries is None or not judged:
        raise SystemExit(f"{folder}: corpus.jsonl is there, but no queries.jsonl or no qrels")
    documents = [
        Document(str(line["_id"]), line.get("title") or "", line["text"], str(line["_id"]))
        for line in _lines(corpus)
        if line["text"].strip() or line.get("title")
    ]
    asked = [(str(line["_id"]), line["text"]) for line in _lines(queries)]
    questions = [Question(i, text, judged[i]) for i, text in asked if judged.get(i)]
    return RetrievalSet(name, documents, questions, len(asked) - len(questions))


def _judgements(folder: Path) -> dict[str, dict[str, float]]:
    """Query id -> document id -> relevance above 0. Lines without three columns or a number are headers."""
    file = _file(folder, "qrels.tsv") or _file(folder, "qrels/test.tsv")
    files = [file] if file else sorted((folder / "qrels").glob("*.tsv*"))
    judged: dict[str, dict[str, float]] = {}
    for path in files:
        for line in _text(path).split("\n"):
            columns = line.split("\t")
            if len(columns) == 4:  # TREC: query, iteration, document, relevance
                del columns[1]
            if len(columns) == 3 and _number(columns[2]) > 0:
                judged.setdefault(columns[0], {})[columns[1]] = _number(columns[2])
    return judged


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


# -- multi-hop -----------------------------------------------------------------------------------------


def _multi_hop(folder: Path, corpus: Path, name: str) -> RetrievalSet:
    prefix = corpus.name.partition("_corpus.json")[0]
    asked = _file(folder, f"{prefix}.json")
    if asked is None:
        raise SystemExit(f"{corpus}: no {prefix}.json with questions beside it")
    documents = list(_passages(_records(corpus)))
    by_title: dict[str, list[str]] = {}
    by_text: dict[tuple[str, str], str] = {}
    for document in documents:
        by_title.setdefault(document.title, []).append(document.id)
        by_text.setdefault((document.title, _squeezed(document.text)), document.id)
    questions: list[Question] = []
    lines = _records(asked)
    for line in lines:
        found = [
            by_text.get((title, _squeezed(text)), next(iter(by_title.get(title, ())), ""))
            for title, text in _supporting(line)
        ]
        if found and all(found):
            own_id = str(line.get("_id") or line.get("id") or len(questions))
            questions.append(Question(own_id, line["question"], dict.fromkeys(found, 1.0)))
    return RetrievalSet(name, documents, questions, len(lines) - len(questions))


def _passages(corpus: Any) -> Iterator[Document]:
    """`{title: [sentence, ...]}` (HotpotQA) or `[{title, text}, ...]` (2WikiMultihop, MuSiQue)."""
    pairs: Iterable[tuple[str, Any]]
    pairs = corpus.items() if isinstance(corpus, dict) else ((p["title"], p["text"]) for p in corpus)
    for i, (title, text) in enumerate(pairs):
        whole = text if isinstance(text, str) else "".join(text)
        yield Document(f"d{i}", title, whole, f"d{i}")


def _supporting(line: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(title, text) of each passage that a question needs; titles alone may name several passages."""
    if "paragraphs" in line:
        return [(p["title"], p["paragraph_text"]) for p in line["paragraphs"] if p["is_supporting"]]
    context = {title: "".join(sentences) for title, sentences in _pairs(line.get("context", ()))}
    titles = dict.fromkeys(title for title, _ in _pairs(line["supporting_facts"]))
    return [(title, context.get(title, "")) for title in titles]


def _pairs(value: Any) -> Iterable[tuple[str, Any]]:
    """`[[title, x], ...]`, also from `{"title": [...], "sentences" or "sent_id": [...]}`."""
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    others = next(column for name, column in value.items() if name != "title")
    return zip(value["title"], others, strict=True)


def _squeezed(text: str) -> str:
    """Without white space: sets join the same sentences with and without it."""
    return "".join(text.split())


# -- SQuAD ---------------------------------------------------------------------------------------------


def _squad(file: Path, name: str) -> RetrievalSet:
    documents, lines = squad(file)
    first: dict[str, Document] = {}
    for document in documents:
        titled = replace(document, title=document.title.replace("_", " "))  # SQuAD's are parts of URLs
        first.setdefault(document.text, titled)
    same = {document.id: first[document.text].id for document in documents}
    answered = [line for line in lines if line["answers"]]
    questions = [Question(q["id"], q["question"], {same[q["document"]]: 1.0}) for q in answered]
    return RetrievalSet(name, list(first.values()), questions, len(lines) - len(answered))


def unique(ids: Sequence[str]) -> list[str]:
    """Several passages of one document count once, where the first stands.

    >>> unique(["a", "b", "a"])
    ['a', 'b']
    """
    return list(dict.fromkeys(ids))
