"""A data set on disk, to be read and edited by a person before it is learnt: JSON lines, one a record."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from finetune.cleaning import Dropped
from index.errors import InputError, StorageFull
from index.language import language

Kind = Literal["text", "given", "correction", "fact", "heading", "definition", "cloze", "value", "negative"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""text: to write on from. given, correction: a user's own. fact, heading, definition, cloze, value: made from
what a passage says. negative: a question beside a passage that does not answer it."""

Part = Literal["train", "validation", "heldout"]
PARTS: tuple[Part, ...] = ("train", "validation", "heldout")
_COUNTS = "counts.json"


@dataclass(frozen=True, slots=True)
class Record:
    """Something to learn, as text: what is to be said to a question beside a passage, or a text as it is."""

    id: str
    question: str
    """Empty for a text."""
    passages: tuple[str, ...]
    """What is read with the question, usually one; of a text: the text. None: a user's own question that the
    whole collection does not answer."""
    answer: str
    """Words of a passage; empty: the passages do not answer it."""
    kind: Kind
    source: str = ""
    """Id of the document that answers it, or the file that it comes from; empty: not known."""
    language: str = ""
    """ "en" or "zh"."""
    also: tuple[str, ...] = ()
    """Other answers that are as right."""
    titles: tuple[str, ...] = ()
    """What each of `passages` stands under, as `rag.prompt.title_of` writes it, "" for none; empty: none
    has one."""

    def to_line(self) -> dict[str, Any]:
        """As JSON: the form that `rag.expected` reads, too."""
        line = {
            "id": self.id,
            "kind": self.kind,
            "question": self.question,
            "answers": [self.answer, *self.also] if self.answer else [],
            "passages": list(self.passages),
            "document": self.source,
            "language": self.language,
        }
        return line | ({"titles": list(self.titles)} if any(self.titles) else {})

    @classmethod
    def from_line(cls, line: Any) -> Self:
        """Raises InputError: a field is missing, of another type, or the answer stands in no passage."""
        if not isinstance(line, dict):
            raise InputError("not an object: {...} on one line")
        kind = line.get("kind", "given")
        if kind not in KINDS:
            raise InputError(f'"kind" is {kind!r}: one of {", ".join(KINDS)}')
        question = _string(line, "question", needed=kind != "text")
        passages, answers = _strings(line, "passages"), _strings(line, "answers")
        titles = _strings(line, "titles") if "titles" in line else ()
        if titles and len(titles) != len(passages):
            raise InputError(f'{len(titles)} "titles" of {len(passages)} "passages": one each, "" for none')
        silent = not answers and kind in ("given", "correction")
        if not any(passage.strip() for passage in passages) and not silent:
            raise InputError('"passages" is empty: what is read with the question?')
        if answers and kind in ("text", "negative"):
            raise InputError(f'"answers" of kind {kind!r} must be empty')
        if answers and not any(answers[0] in text for text in (*passages, *titles)):
            raise InputError(
                f"the answer {answers[0]!r} does not stand in its passage word for word: an answer is learnt "
                "as words of the passage or its title"
            )
        return cls(
            id=_string(line, "id"),
            question=question,
            passages=passages,
            answer=answers[0] if answers else "",
            kind=kind,
            source=_string(line, "document", needed=False),
            language=_string(line, "language", needed=False) or language(question or passages[0]),
            also=answers[1:],
            titles=titles,
        )


def _string(line: Mapping[str, Any], key: str, needed: bool = True) -> str:
    value = line.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise InputError(f'"{key}" is missing' if value is None else f'"{key}" is {value!r}: write some text')
    return value


def _strings(line: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = line.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        problem = "is missing" if value is None else f"is {value!r}"
        raise InputError(f'"{key}" {problem}: write a list of strings, [] for none')
    return tuple(value)


def write_records(path: Path, records: Iterable[Record]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record.to_line(), ensure_ascii=False) + "\n")


def read_records(path: Path) -> list[Record]:
    """Records of a file, which a person may have edited.

    Raises:
        InputError: no such file, not UTF-8, a line that is no record, or two of one id. Names file and line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    records: list[Record] = []
    first: dict[str, int] = {}
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            record = Record.from_line(json.loads(raw.decode("utf-8")))
            if record.id in first:
                raise InputError(f"the id {record.id!r} is that of line {first[record.id]} too")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}, line {number}: not UTF-8: save the file again as UTF-8") from error
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: not JSON ({error})") from error
        except InputError as error:
            raise InputError(f"{path}, line {number}: {error}") from error
        first[record.id] = number
        records.append(record)
    return records


@dataclass(frozen=True, slots=True)
class DataSet:
    """What is learnt, what says when to stop, and what is asked before and after."""

    folder: Path
    train: tuple[Record, ...]
    validation: tuple[Record, ...]
    heldout: tuple[Record, ...]
    """Never learnt; questions come without negatives."""
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know of how it was made, a line each."""
    made: Mapping[str, Any] = field(default_factory=dict)
    """The options that it was made with."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """A data set as it stands on disk; counts are those of the records, whatever was edited.

        Raises:
            InputError: it is not whole, or a line is no record; names file and line. Also where nothing is
                left to learn.
        """
        parts = {part: tuple(read_records(folder / f"{part}.jsonl")) for part in PARTS}
        if not parts["train"]:
            raise InputError(f"{folder / 'train.jsonl'} holds no record: there is nothing to learn")
        try:
            notes = json.loads((folder / _COUNTS).read_text("utf-8"))
            dropped = tuple(
                Dropped(one["reason"], one["count"], tuple(one["examples"])) for one in notes["dropped"]
            )
            return cls(folder, **parts, dropped=dropped, notes=tuple(notes["notes"]), made=notes["made"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{folder / _COUNTS} cannot be read ({error!r}): make the data again") from error

    def write(self) -> None:
        """Write it whole or not at all.

        Raises:
            InputError: the folder exists and is not empty.
            StorageFull: it cannot be written.
        """
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise InputError(
                f"{self.folder} is there already: name a new folder for the data, or use it as it is"
            )
        work = None
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix=".making-"))
            for part in PARTS:
                write_records(work / f"{part}.jsonl", getattr(self, part))
            (work / _COUNTS).write_text(
                json.dumps(self.to_json(), ensure_ascii=False, indent=2) + "\n", "utf-8"
            )
            work.chmod(0o755)
            os.replace(work, self.folder)
        except OSError as error:
            raise StorageFull(
                f"cannot write the data to {self.folder}: {error.strerror}. Free some space, or name another "
                "folder"
            ) from error
        finally:
            if work is not None:
                shutil.rmtree(work, ignore_errors=True)

    def to_json(self) -> dict[str, Any]:
        """Counts, what was dropped and how it was made."""
        return {
            **{str(part): counts for part, counts in self.counts().items()},
            "dropped": [asdict(one) for one in self.dropped],
            "notes": list(self.notes),
            "made": dict(self.made),
        }

    def counts(self) -> dict[Part, dict[str, int]]:
        """Records of each part by kind."""
        return {part: dict(sorted(Counter(r.kind for r in getattr(self, part)).items())) for part in PARTS}

    @property
    def hash(self) -> str:
        """SHA-256 of the three files' records: what was learnt, whatever the folder is called."""
        digest = hashlib.sha256()
        for part in PARTS:
            for record in getattr(self, part):
                digest.update(
                    json.dumps(record.to_line(), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
                )
            digest.update(b"\0")
        return digest.hexdigest()

    def sample(self, count: int, seed: int = 0) -> list[Record]:
        """`count` of the records to learn, of each kind about as many, so that a report shows them all."""
        by_kind: dict[str, list[Record]] = {}
        for record in random.Random(seed).sample(self.train, len(self.train)):
            by_kind.setdefault(record.kind, []).append(record)
        rows: Sequence[list[Record]] = [by_kind[kind] for kind in sorted(by_kind)]
        turns = [row[i] for i in range(max(map(len, rows), default=0)) for row in rows if i < len(row)]
        return turns[:count]
