CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    metadata TEXT NOT NULL,
    pages TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    added_at TEXT NOT NULL
);

-- AUTOINCREMENT: an id is never used twice, so a removed passage can never be answered from by mistake.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    page INTEGER,
    heading TEXT NOT NULL,
    vector BLOB NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id);
CREATE INDEX passages_by_revision ON passages (revision);

CREATE TABLE sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX sentences_by_passage ON sentences (passage_id);

CREATE TABLE mentions (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    entity TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL
);
CREATE INDEX mentions_by_passage ON mentions (passage_id);
CREATE INDEX mentions_by_entity ON mentions (entity);

CREATE TABLE facts (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    relation TEXT NOT NULL,
    object TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL
);
CREATE INDEX facts_by_passage ON facts (passage_id);

-- The porter stemmer touches ASCII words only; Chinese arrives as pairs of characters (index/language.py).
CREATE VIRTUAL TABLE words USING fts5 (terms, tokenize = 'porter unicode61 remove_diacritics 2');

CREATE TABLE removed (passage_id INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
CREATE INDEX removed_by_revision ON removed (revision);
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
    DELETE FROM words WHERE rowid = old.id;
    INSERT INTO removed (passage_id, revision)
        VALUES (old.id, (SELECT CAST(value AS INTEGER) + 1 FROM meta WHERE key = 'revision'));
END;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
