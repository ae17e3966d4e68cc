"""What people say of answers, kept with the collection: right or wrong, and what would be right.

Training puts it first (`jujube train raft`). It raises no revision, and stays when its document goes: who
trains on it looks whether the words are still there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from index.database import Database
from index.errors import NotFound, QuestionError

Judged = Literal["right", "wrong"]

_COLUMNS = "id, question, answer, verdict, right_answer, document_id, passage, model_version, created_at"


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said of an answer."""

    question: str
    answer: str
    """The one that was given; empty if nobody kept it."""
    verdict: Judged
    right_answer: str | None = None
    """None: nobody said it; empty: the documents do not say it, and silence is right."""
    document_id: str = ""
    """Where the right answer stands; empty if nobody said it."""
    passage: str = ""
    """The words around the right answer; empty if nobody said them."""
    model_version: str = ""
    """Of the answer that was given."""
    id: int = 0
    """Given by `Feedback.add`."""
    created_at: str = ""

    @property
    def correction(self) -> str | None:
        """What would have been right to say, as far as it is known; empty: nothing."""
        if self.right_answer is not None:
            return self.right_answer
        return self.answer if self.verdict == "right" and self.answer else None


class Feedback:
    """The remarks of a collection. Safe for threads and for processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, remark: Remark) -> Remark:
        """Keep a remark; returns it with its id and time.

        Raises:
            QuestionError: it has no question.
        """
        if not remark.question.strip():
            raise QuestionError("the question is empty: say which question the remark is about")
        row = (
            *(remark.question.strip(), remark.answer.strip(), remark.verdict),
            None if remark.right_answer is None else remark.right_answer.strip(),
            *(remark.document_id, remark.passage, remark.model_version),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with self._database.write() as db:
            added = db.execute(
                "INSERT INTO feedback (question, answer, verdict, right_answer, document_id, passage, "
                f"model_version, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
                row,
            ).fetchone()
        return _remark(added)

    def list(self, limit: int = -1, offset: int = 0) -> Sequence[Remark]:
        """The latest first. `limit` -1: all."""
        with self._database.read() as db:
            rows = db.execute(
                f"SELECT {_COLUMNS} FROM feedback ORDER BY id DESC LIMIT ? OFFSET ?", (limit, offset)
            ).fetchall()
        return [_remark(row) for row in rows]

    def count(self) -> int:
        with self._database.read() as db:
            return int(db.execute("SELECT count(*) FROM feedback").fetchone()[0])

    def remove(self, remark_id: int) -> None:
        """Raises: NotFound."""
        with self._database.write() as db:
            if not db.execute("DELETE FROM feedback WHERE id = ?", (remark_id,)).rowcount:
                raise NotFound(f"no feedback {remark_id}: `jujube feedback list` shows what there is")


def _remark(row: Sequence[Any]) -> Remark:
    remark_id, *fields, created_at = row
    return replace(Remark(*fields), id=remark_id, created_at=created_at)
