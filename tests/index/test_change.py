"""The proof of exact change: what is removed leaves no trace, and what is added costs what it is.

Whatever was added, replaced and removed before, a collection equals one that was built from the documents
that are left: each table, the vector index, and what questions find. Ids and the revision are all that may
differ; so rows are compared with each id replaced by what it stands for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.corpus import Corpus
from index.edges import packs
from index.store import Store
from index.types import Document, Hit, document_id_for
from rag.retrieve import MODES, RetrieveOptions, retrieve

Make = Callable[..., Document]
Open = Callable[..., Corpus]
Place = tuple[str, int, int]
"""A passage by what it is: document, start, end."""

QUESTIONS = ["Who makes the B-200 of Acme Pumps?", "AP in 杭州", "水泵厂在哪里？", "What is it?"]


def state(corpus: Corpus) -> dict[str, Any]:
    """All that a collection holds and answers, without ids."""
    with corpus.store.snapshot() as db:
        place = {
            i: (document, start, end)
            for i, document, start, end in db.execute("SELECT id, document_id, start, end FROM passages")
        }
        return tables(db, place) | views(corpus, place) | {"answers": answers(corpus, place)}


def tables(db: Any, place: Mapping[int, Place]) -> dict[str, Any]:
    """Each table and each full-text index with its vocabulary; all but `removed`, which holds only ids."""
    key = dict(db.execute("SELECT id, key FROM entities").fetchall())
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.names USING fts5vocab (main, entity_words, instance)")
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab (main, words, instance)")

    def rows(query: str, *decode: Mapping[int, Any]) -> list[Any]:
        """Sorted; the first columns are ids of what `decode` says."""
        found = db.execute(query).fetchall()
        return sorted(
            [*(d[i] for d, i in zip(decode, row, strict=False)), *row[len(decode) :]] for row in found
        )

    return {
        "meta": rows("SELECT * FROM meta WHERE key <> 'revision'"),
        "documents": rows("SELECT id, source, title, text, metadata, pages, fingerprint FROM documents"),
        "passages": rows('SELECT id, text, start, "end", page IS NULL, heading, vector FROM passages', place),
        "packs": {
            place[i]: sorted((key[e], at, count) for e, at, count in pack.tolist())
            for i, pack in packs(db, place).items()
        },
        "sentences": rows("SELECT * FROM sentences", place),
        "entities": sorted(key.values()),
        "entity_words": rows("SELECT rowid, terms FROM entity_words", key),
        "names": rows("SELECT doc, term, offset FROM temp.names", key),
        "mentions": rows("SELECT * FROM mentions", place, key),
        "facts": rows(
            "SELECT passage_id, subject_id, object_id, relation, start, end FROM facts", place, key, key
        ),
        "aliases": rows("SELECT * FROM aliases", place, key, key),
        "words": rows("SELECT rowid, terms FROM words", place),
        "terms": rows("SELECT doc, term, offset FROM temp.terms", place),
        "vocabulary": rows("SELECT * FROM vocabulary"),
        "jobs": rows("SELECT * FROM jobs"),
    }


def views(corpus: Corpus, place: Mapping[int, Place]) -> dict[str, Any]:
    query = np.linspace(-1, 1, corpus.embedder.dim, dtype=np.float32)
    with corpus.views() as held:
        assert held.revision == corpus.store.revision
        ids, scores = held.vectors.search(query, 1000)
        assert len(held.vectors) == len(set(ids.tolist())) == len(place)
        return {"vectors": dict(zip([place[i] for i in ids.tolist()], scores.tolist(), strict=True))}


def answers(corpus: Corpus, place: Mapping[int, Place]) -> dict[str, Any]:
    def told(hit: Hit) -> Any:
        path = [
            (b.by, b.entity, place.get(b.passage_id), b.start, b.end, round(b.score, 6)) for b in hit.path
        ]
        of = place[hit.duplicate_of] if hit.duplicate_of else None
        return place[hit.passage.id], round(hit.score, 6), hit.found_by, hit.source, hit.title, path, of

    found = {}
    for mode in MODES:
        for question in QUESTIONS:
            retrieved = retrieve(corpus, question, RetrieveOptions(mode=mode, top_k=100))
            assert retrieved.revision == corpus.store.revision
            found[mode, question] = [told(hit) for hit in retrieved.hits], retrieved.seeds
    return found


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


# -- add, remove: as it was ----------------------------------------------------------------------------

BASE = {
    "acme.md": (
        "Acme Pumps",
        "[Acme Pumps] =makes= [B-200]. [Li Ming] leads [Acme Pumps].\n# Care\nOil [B-200].",
    ),
    "city.md": ("杭州", "[杭州] holds the [Linhai Plant]. 水泵厂在[杭州]。"),
    "people.md": ("", "[Li Ming] =lives in= [杭州]."),
    "plain.md": ("", "Nothing is named here."),
}
NEW = {
    "shares all its names": ("", "[B-200] =made in= [杭州]. [Li Ming] saw it."),
    "brings names of its own": ("New", "[Zoe] =sells= [V-77]."),
    "introduces another name": ("", "[Acme Pumps] aka [AP]. [AP] grows."),
    "is titled with another's name": ("Li Ming", "# B-200\nIt is blue.\n# 杭州\n[AP] is there."),
    "has the same text as another": ("", BASE["people.md"][1]),
    "holds what is rare": ("🌳", "[🌳🌳] =und= [Ꮳꮃꭹ]. \U00020000. [AP]"),
    "is long": ("Long", "\n".join(f"# Part {n}\n[B-200] has [part {n}]." for n in range(30))),
}


def filled(corpus: Corpus, make_document: Make, pages: Mapping[str, tuple[str, str]]) -> Corpus:
    corpus.add([make_document(text, source, title) for source, (title, text) in pages.items()])
    return corpus


@pytest.fixture
def base(store: Store, make_marked: Open, make_document: Make) -> Corpus:
    return filled(make_marked(store), make_document, BASE)


@pytest.mark.parametrize("what", NEW)
def test_add_then_remove_leaves_everything_as_it_was(base: Corpus, make_document: Make, what: str) -> None:
    before, rows = state(base), raw_rows(base.store)
    filled(base, make_document, {"new.md": NEW[what]})
    assert differences(before, state(base)).keys() >= {"documents", "passages", "words", "vectors", "answers"}
    assert base.store.remove(base.store.document_ids("new.md")) == 1
    assert differences(before, state(base)) == {}
    assert raw_rows(base.store) == rows
    assert base.verify() == []


@pytest.mark.parametrize("source", BASE)
def test_replacing_and_back_leaves_everything_as_it_was(
    base: Corpus, make_document: Make, source: str, make_marked: Open, tmp_path: Path
) -> None:
    for _, page in NEW.items():
        filled(base, make_document, {source: page})
    filled(base, make_document, {source: BASE[source]})
    order = [s for s in BASE if s != source] + [source]
    with closing(Store(tmp_path / "fresh.sqlite")) as fresh:
        anew = filled(make_marked(fresh), make_document, {s: BASE[s] for s in order})
        assert differences(state(anew), state(base)) == {}


def test_all_removed_is_a_new_collection(base: Corpus, tmp_path: Path, make_marked: Open) -> None:
    base.store.remove(base.store.document_ids())
    with closing(Store(tmp_path / "fresh.sqlite")) as fresh:
        found = differences(state(make_marked(fresh)), state(base))
    assert found.keys() == {"meta"}  # which embedder it is stays recorded
    for words in ("words", "entity_words"):
        with base.store.read() as db:
            assert db.execute(f"SELECT count(*) FROM {words}").fetchone() == (0,)


# -- any sequence of changes ---------------------------------------------------------------------------

LINES = [
    "[Acme Pumps] aka [AP].",
    "[AP] =makes= [B-200].",
    "[B-200] is [blue].",
    "[Li Ming] =leads= [Acme Pumps].",
    "[AP] aka [Acme].",
    "水泵厂在[杭州]。",
    "Nothing.",
    "# B-200\n",
    "# 杭州\n",
]
SOURCES = [f"{n}.md" for n in range(4)]
PAGE = st.tuples(
    st.sampled_from(["", "Acme Pumps", "B-200", "Other"]),
    st.lists(st.sampled_from(LINES), min_size=1, max_size=4)
    .map(" ".join)
    .map(lambda s: s.replace(" #", "\n#")),
)
STEP = st.one_of(
    st.tuples(st.just("add"), st.dictionaries(st.sampled_from(SOURCES), PAGE, min_size=1, max_size=3)),
    st.tuples(st.just("add"), st.dictionaries(st.sampled_from(SOURCES), PAGE, min_size=1, max_size=2)),
    st.tuples(st.just("remove"), st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3, unique=True)),
    st.tuples(st.sampled_from(["restart", "refresh"]), st.none()),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, min_size=1, max_size=7))
def test_any_history_leaves_what_a_new_collection_would_hold(
    make_marked: Open, make_document: Make, steps: list[tuple[str, Any]]
) -> None:
    left: dict[str, tuple[str, str]] = {}
    """In the order in which they were committed last: passages are numbered so."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        corpus = make_marked(Store(path))
        for step, argument in steps:
            if step == "add":
                before = dict(left)
                filled(corpus, make_document, argument)
                for source, page in argument.items():
                    if corpus.store.document_ids(source) and before.get(source) != page:
                        left.pop(source, None)
                        left[source] = page
            elif step == "remove":
                corpus.store.remove(document_id_for(source) for source in argument)
                left = {source: page for source, page in left.items() if source not in argument}
            elif step == "restart":
                corpus.store.close()
                corpus = make_marked(Store(path))
            else:
                corpus.refresh()
        with closing(corpus.store), closing(Store(Path(folder) / "fresh.sqlite")) as store:
            fresh = filled(make_marked(store), make_document, left)
            expected, held = state(fresh), state(corpus)
            if not left:
                expected["meta"] = held["meta"]
            assert differences(expected, held) == {}
            assert corpus.verify() == []


# -- what a change touches, and costs ------------------------------------------------------------------


def raw_rows(store: Store) -> dict[str, dict[int, Any]]:
    """Every row of every table that holds documents, by rowid; bytes and all."""
    names = (
        *("documents", "passages", "sentences", "entities", "entity_words", "mentions", "facts", "aliases"),
        "words",
    )
    with store.read() as db:
        return {
            name: {row[0]: row[1:] for row in db.execute(f"SELECT rowid, * FROM {name}")} for name in names
        }


@pytest.mark.parametrize("what", NEW)
def test_adding_touches_no_row_of_another(base: Corpus, make_document: Make, what: str) -> None:
    before = raw_rows(base.store)
    filled(base, make_document, {"new.md": NEW[what]})
    after = raw_rows(base.store)
    for name, rows in before.items():
        assert {i: after[name].get(i) for i in rows} == rows


@contextmanager
def cost(store: Store) -> Iterator[dict[str, int]]:
    """Rows changed (full-text indexes included), thousands of steps of SQLite's machine, pages written."""
    db = store._db
    spent = {"rows": 0, "steps": 0, "pages": 0}
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    rows = db.total_changes

    def count() -> int:
        spent["steps"] += 1
        return 0

    db.set_progress_handler(count, 100)
    try:
        yield spent
    finally:
        db.set_progress_handler(None, 0)
        spent["rows"] = db.total_changes - rows
        log = store.path.with_name(store.path.name + "-wal")
        spent["pages"] = log.stat().st_size // 4096


def costs(corpus: Corpus, make_document: Make) -> Sequence[dict[str, int]]:
    """Of one document added, replaced, removed, each until the views have followed."""
    spent = []
    with cost(corpus.store) as adding:
        filled(corpus, make_document, {"new.md": ("Acme", "[Acme] =sells= [New-1]. [Acme] aka [New-2].")})
        corpus.refresh()
    with cost(corpus.store) as replacing:
        filled(corpus, make_document, {"new.md": ("Acme", "[Acme] =makes= [New-3]. [Acme] aka [New-4].")})
        corpus.refresh()
    with cost(corpus.store) as removing:
        corpus.store.remove(corpus.store.document_ids("new.md"))
        corpus.refresh()
    spent += [adding, replacing, removing]
    return spent


def test_a_change_costs_what_it_changes_and_not_what_there_is(
    tmp_path: Path, make_marked: Open, make_document: Make
) -> None:
    """All documents name the same entity: that is what a removal must not read through."""
    measured = []
    for size in (50, 1000):
        with closing(Store(tmp_path / f"{size}.sqlite")) as store:
            pages = {f"{n}.md": ("Acme", f"[Acme] =sells= [Item-{n}]. It has words{n}.") for n in range(size)}
            corpus = filled(make_marked(store), make_document, pages)
            corpus.refresh()
            measured.append(costs(corpus, make_document))
    for small, large in zip(*measured, strict=True):
        assert large["rows"] <= small["rows"] + 12
        assert large["steps"] <= 1.5 * small["steps"] + 10
        assert large["pages"] <= 1.5 * small["pages"] + 8
