"""The one prompt format: what a reader is trained on and what it is asked with.

    Passage 1: {title}\\n{passage}\\nPassage 2: ...\\nQuestion: {question}\\nAnswer:    ->    {answer}{end}

The pieces are turned into tokens apart and joined, so a passage has the same tokens wherever it
stands. The title says what a passage is about that only says "it"; where none is known its line is left
out. Nothing is cut silently: what does not fit is left out whole or loses whole sentences at its end, and
`Prompt` says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.errors import QuestionError
from index.language import has_cjk, sentences
from index.types import Passage
from rag.generator import Generator

UNKNOWN = "I don't know."
"""What a model is trained to answer, in every language, when the passages do not say it."""

LONGEST_TITLE = 160
"""Characters of a title with its headings."""

ABSTENTIONS = {"en": "I don't know.", "zh": "我不知道。"}
"""What a person reads instead, by the language of the question."""


@dataclass(frozen=True, slots=True)
class Line:
    """A heading or a title as it stands in a document."""

    text: str
    start: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Included:
    """A passage as it stands in a prompt: whole, or its first sentences."""

    passage: Passage
    start: int
    end: int
    title: str = ""
    """What stands above it in the prompt."""
    above: tuple[Line, ...] = ()
    """What of its title stands in its document, and where; the rest can be read but not quoted."""

    @property
    def text(self) -> str:
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]

    def line_at(self, start: int, end: int) -> Line | None:
        """What stands above the passage and holds `document.text[start:end]`."""
        holding = (line for line in self.above if line.start <= start and end <= line.start + len(line.text))
        return next(holding, None)

    def sentences_around(self, start: int, end: int, before: int = 0) -> list[tuple[int, int]]:
        """Where in the document the passage's sentences lie that `document.text[start:end]` touches.

        Args:
            before: sentences in front of them that are wanted too.

        >>> part = Included(Passage(7, "", "It is new. It is red.", 10, 31), 10, 31)
        >>> part.sentences_around(27, 30), part.sentences_around(27, 30, before=1)
        ([(21, 31)], [(10, 20), (21, 31)])
        """
        origin = self.passage.start
        said = [(origin + a, origin + b) for a, b in sentences(self.passage.text)]
        touched = [at for at, (a, b) in enumerate(said) if a < end and start < b]
        return said[max(0, touched[0] - before) : touched[-1] + 1] if touched else []

    @property
    def quotable(self) -> str:
        """All that answers may be taken from: its text, then what stands above it, a line each."""
        return "\n".join([self.text, *(line.text for line in self.above)])

    def where(self, start: int, end: int) -> tuple[int, int]:
        """The place in the document of `quotable[start:end]`, which lies in one line.

        >>> part = Included(Passage(7, "", "Faster.", 17, 24), 17, 24, "2.4", (Line("2.4", 12),))
        >>> part.quotable[8:11], part.where(8, 11), part.where(0, 6)
        ('2.4', (12, 15), (17, 23))
        """
        begin, origin = 0, self.start
        length = len(self.text)
        for line in self.above:
            if start <= begin + length:
                break
            begin, origin, length = begin + length + 1, line.start, len(line.text)
        return origin + start - begin, origin + end - begin

    @property
    def trimmed(self) -> bool:
        return (self.start, self.end) != (self.passage.start, self.passage.end)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids that fit, and what is in them."""

    ids: tuple[int, ...]
    question: str
    included: tuple[Included, ...]
    left_out: tuple[Passage, ...] = ()
    """Passages of which not one sentence fitted."""


def abstention_for(question: str) -> str:
    """The phrase for "not in the documents" in the question's language.

    >>> abstention_for("Who founded it?"), abstention_for("谁创办了ACME？")
    ("I don't know.", '我不知道。')
    """
    return ABSTENTIONS["zh" if has_cjk(question) else "en"]


def title_of(document: str, heading: str = "") -> str:
    """What a passage stands under: its document's title, then its headings, outermost first.

    Where that is too long, outer headings are left out, then the title. Underscores are spaces: a document
    without a title of its own goes by its file's name.

    >>> title_of("Catalogue 2025", "Catalogue 2025 > Pumps > B-350")
    'Catalogue 2025 > Pumps > B-350'
    >>> title_of("travel_policy")
    'travel policy'
    """
    parts = [document.replace("_", " "), *heading.split(" > ")]
    parts = list(dict.fromkeys(" ".join(part.split()) for part in parts))
    parts = [part for part in parts if part]
    while len(" > ".join(parts)) > LONGEST_TITLE:
        del parts[1 if len(parts) > 2 else 0]
    return " > ".join(parts)


def encode_passage(generator: Generator, number: int, text: str, title: str = "") -> list[int]:
    """Ids of one passage's line, after its title's if there is one; `number` counts from 1."""
    encode = generator.encode
    above = encode(f"{title}\n") if title else []
    return [*encode(f"Passage {number}: "), *above, *encode(text), *encode("\n")]


def encode_question(generator: Generator, question: str) -> list[int]:
    return generator.encode(f"Question: {question.strip()}\nAnswer:")


def encode_answer(generator: Generator, answer: str) -> list[int]:
    """Ids of what a model is to say, with the end token it is to stop at."""
    return [*generator.encode(" " + answer), generator.stop_ids[0]]


def fit(
    generator: Generator,
    question: str,
    passages: Sequence[Passage],
    answer_room: int = 64,
    titles: Sequence[str] = (),
) -> Prompt:
    """As many of `passages`, in their order, as leave `answer_room` tokens of the window free.

    The first that does not fit keeps its first whole sentences and is the last; one of which no
    sentence fits is left out.

    Args:
        titles: of each passage, as `title_of` writes it, "" for none; empty: no passage has one.

    Raises:
        QuestionError: no question, or one that takes more than half of the room.
    """
    room = generator.window - answer_room
    tail = _checked_question(generator, question, limit=room // 2)
    ids: list[int] = []
    included: list[Included] = []
    for passage, title in _titled(passages, titles):
        left = room - len(ids) - len(tail)
        end, piece = _what_fits(generator, len(included) + 1, passage.text, left, title)
        if end:
            ids += piece
            included.append(Included(passage, passage.start, passage.start + end, title))
        if 0 < end < len(passage.text):
            break
    taken = {id(part.passage) for part in included}
    left_out = tuple(passage for passage in passages if id(passage) not in taken)
    return Prompt((*ids, *tail), question, tuple(included), left_out)


def fit_each(
    generator: Generator,
    question: str,
    passages: Sequence[Passage],
    answer_room: int = 64,
    titles: Sequence[str] = (),
) -> Prompt:
    """As `fit`, for passages that are read one by one: each has the room to itself, and `ids` is empty.

    Raises:
        QuestionError: as `fit`.
    """
    room = generator.window - answer_room
    tail = _checked_question(generator, question, limit=room // 2)
    included: list[Included] = []
    for passage, title in _titled(passages, titles):
        end, _ = _what_fits(generator, 1, passage.text, room - len(tail), title)
        if end:
            included.append(Included(passage, passage.start, passage.start + end, title))
    taken = {id(part.passage) for part in included}
    left_out = tuple(passage for passage in passages if id(passage) not in taken)
    return Prompt((), question, tuple(included), left_out)


def one_by_one(generator: Generator, prompt: Prompt) -> list[list[int]]:
    """A prompt of its own for each passage in `prompt`."""
    tail = encode_question(generator, prompt.question)
    return [[*encode_passage(generator, 1, part.text, part.title), *tail] for part in prompt.included]


def encode_example(
    generator: Generator,
    question: str,
    passages: Sequence[str],
    answer: str = UNKNOWN,
    titles: Sequence[str] = (),
) -> tuple[Prompt, tuple[int, ...]]:
    """A training example: the prompt as `fit` packs it, and the completion, which is never cut.

    Offsets in `Prompt.included` count from the beginning of each text.

    Raises:
        QuestionError: as `fit`; also where the answer takes more than half of the window.
    """
    completion = tuple(encode_answer(generator, answer))
    if len(completion) > generator.window // 2:
        raise QuestionError(f"the answer has {len(completion)} tokens; at most {generator.window // 2} fit")
    values = [Passage(0, "", text, 0, len(text)) for text in passages]
    return fit(generator, question, values, len(completion), titles), completion


def _titled(passages: Sequence[Passage], titles: Sequence[str]) -> Iterator[tuple[Passage, str]]:
    return zip(passages, titles or [""] * len(passages), strict=True)


def _checked_question(generator: Generator, question: str, limit: int) -> list[int]:
    if not question.strip():
        raise QuestionError("the question is empty; ask something")
    if any("\ud800" <= mark <= "\udfff" for mark in question):
        raise QuestionError("the question is not text: it holds half characters (lone surrogates)")
    ids = encode_question(generator, question)
    if len(ids) > limit:
        raise QuestionError(f"the question has {len(ids)} tokens; at most {limit} fit this model: shorten it")
    return ids


def _what_fits(generator: Generator, number: int, text: str, room: int, title: str) -> tuple[int, list[int]]:
    """Length of the longest run of sentences from the beginning that fits, and its line's ids; else 0."""
    if not text.strip():
        return 0, []
    for end in dict.fromkeys([len(text), *(end for _, end in reversed(sentences(text)))]):
        line = encode_passage(generator, number, text[:end], title)
        if len(line) <= room:
            return end, line
    return 0, []
