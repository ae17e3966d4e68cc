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
    -- int32 (n, 3): entity, number of the sentence that names it (-1: title or heading), how often. What
    -- `mentions` says, in the form that a question reads (index/edges.py).
    entities BLOB NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id);
CREATE INDEX passages_by_revision ON passages (revision);

-- One row a passage: a question reads the sentences of a passage together.
CREATE TABLE sentences (
    passage_id INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
    spans BLOB NOT NULL, -- int32 (n, 2): start, end
    vectors BLOB NOT NULL, -- float16 (n, width): the columns that hold anything but zeros,
    first INTEGER NOT NULL -- and which of all columns is the first of them
);

CREATE TABLE entities (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE entity_words USING fts5 (terms, tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER entities_removed AFTER DELETE ON entities BEGIN
    DELETE FROM entity_words WHERE rowid = old.id;
END;

CREATE TABLE mentions (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    entity_id INTEGER NOT NULL REFERENCES entities (id),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentence INTEGER NOT NULL -- number of the sentence, from 0; -1: title or heading
);
CREATE INDEX mentions_by_passage ON mentions (passage_id);
CREATE INDEX mentions_by_entity ON mentions (entity_id, passage_id, sentence);
CREATE INDEX titles_by_entity ON mentions (entity_id, passage_id) WHERE kind = 'TITLE';

CREATE TABLE facts (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    subject_id INTEGER NOT NULL REFERENCES entities (id),
    relation TEXT NOT NULL,
    object_id INTEGER NOT NULL REFERENCES entities (id),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL
);
CREATE INDEX facts_by_passage ON facts (passage_id);
CREATE INDEX facts_by_subject ON facts (subject_id);
CREATE INDEX facts_by_object ON facts (object_id);

-- Other names, each with the words that introduce it: "Long Name (LN)".
CREATE TABLE aliases (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    alias_id INTEGER NOT NULL REFERENCES entities (id),
    entity_id INTEGER NOT NULL REFERENCES entities (id),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL
);
CREATE INDEX aliases_by_passage ON aliases (passage_id);
CREATE INDEX aliases_by_alias ON aliases (alias_id);
CREATE INDEX aliases_by_entity ON aliases (entity_id);

CREATE VIEW named_mentions AS
    SELECT passage_id, key AS entity, kind, text, start, "end" FROM mentions JOIN entities ON id = entity_id;
CREATE VIEW named_facts AS
    SELECT passage_id, s.key AS subject, relation, o.key AS object, start, "end"
    FROM facts JOIN entities s ON s.id = subject_id JOIN entities o ON o.id = object_id;

-- Terms arrive folded, stemmed, and Chinese as pairs of characters (index/language.py).
CREATE VIRTUAL TABLE words USING fts5 (terms, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, 'row');

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
