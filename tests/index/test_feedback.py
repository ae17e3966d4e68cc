"""What people say of answers is kept as they said it."""

from __future__ import annotations

from contextlib import closing

import pytest

from index.errors import NotFound, QuestionError, StoreError
from index.feedback import Feedback, Remark
from index.store import Store


@pytest.fixture
def feedback(store: Store) -> Feedback:
    return Feedback(store)


def test_a_remark_is_kept_whole(store: Store, feedback: Feedback) -> None:
    said = Remark("年假有几天？", "二十天", "wrong", "二十五天", "doc-1", "员工每年有二十五天年假。", "v1")
    added = feedback.add(said)
    assert added.id == 1
    assert added.created_at.startswith("20")
    assert (added.question, added.answer, added.verdict) == ("年假有几天？", "二十天", "wrong")
    assert (added.right_answer, added.passage, added.model_version) == ("二十五天", said.passage, "v1")
    with closing(Store(store.path)) as other:
        assert Feedback(other).list() == [added]
    assert store.revision == 0


def test_the_latest_come_first_in_parts(feedback: Feedback) -> None:
    ids = [feedback.add(Remark(f"question {n}", "", "right")).id for n in range(5)]
    assert [remark.id for remark in feedback.list()] == ids[::-1]
    assert [remark.id for remark in feedback.list(2, 1)] == [ids[3], ids[2]]
    assert feedback.count() == 5


@pytest.mark.parametrize(
    ("remark", "right"),
    [
        (Remark("q", "given", "wrong", "better"), "better"),
        (Remark("q", "given", "wrong", ""), ""),
        (Remark("q", "given", "wrong"), None),
        (Remark("q", "given", "right"), "given"),
        (Remark("q", "", "right"), None),
    ],
)
def test_what_would_have_been_right(feedback: Feedback, remark: Remark, right: str | None) -> None:
    assert feedback.add(remark).correction == right


def test_one_is_removed_and_its_id_is_not_used_again(feedback: Feedback) -> None:
    first, second = (feedback.add(Remark(text, "", "wrong")) for text in ("one", "two"))
    feedback.remove(second.id)
    assert [remark.id for remark in feedback.list()] == [first.id]
    with pytest.raises(NotFound, match="feedback list"):
        feedback.remove(second.id)
    assert feedback.add(Remark("three", "", "right")).id > second.id


def test_nothing_to_remark_on(feedback: Feedback) -> None:
    with pytest.raises(QuestionError, match="empty"):
        feedback.add(Remark("  \n", "", "wrong"))
    with pytest.raises(StoreError):
        feedback.add(Remark("q", "", "perhaps"))  # type: ignore[arg-type]
    assert feedback.count() == 0
