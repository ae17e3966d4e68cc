"""Which steps an answer comes by, given what the documents say to each question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from index.types import Passage
from rag.asked import Asked, Conclusion, DecomposeOptions
from rag.candidates import Candidate, Place
from rag.decompose import in_steps
from rag.ground import Grounded
from rag.prompt import Included, Prompt

Said = dict[str, tuple[str, float]]
LEADS = "Who leads the plant where the B-200 is assembled?"
PLANT = "What is the plant where the B-200 is assembled?"
HEAVIER = "Which is heavier, the B-200 or the B-350?"


def asked(question: str, text: str, confidence: float) -> Asked:
    candidates = (Candidate(text, (), 0.0, 0.0, 0.0, 0.0, 1.0),) if text else ()
    return Asked(question, (), Prompt((), question, ()), Grounded(candidates, 0.0, confidence, False, 0))


@pytest.fixture
def concluded() -> Callable[..., tuple[Conclusion, list[str]]]:
    def conclude(
        said: Said, question: str, known: str = "", **options: float
    ) -> tuple[Conclusion, list[str]]:
        put: list[str] = []

        def ask(text: str) -> Asked:
            put.append(text)
            return asked(text, *said.get(text, ("", 0.0)))

        first = asked(question, *said[question])
        return in_steps(first, ask, known.__eq__, DecomposeOptions(**options)), put  # type: ignore[arg-type]

    return conclude


Run = Callable[..., tuple[Conclusion, list[str]]]


def test_a_description_is_resolved(concluded: Run) -> None:
    said = {LEADS: ("Qinghe", 0.4), PLANT: ("Linhai", 0.9), "Who leads Linhai?": ("Chen Guang", 0.7)}
    found, put = concluded(said, LEADS)
    assert (found.text, found.confidence) == ("Chen Guang", 0.7)
    assert [step.question for step in found.steps] == [PLANT, "Who leads Linhai?"] == put


@pytest.mark.parametrize(
    "said",
    [
        {LEADS: ("Wu Jing", 0.85)},  # sure enough
        {LEADS: ("Wu Jing", 0.55), PLANT: ("Linhai", 0.3)},  # the step is not
        {LEADS: ("Wu Jing", 0.55), PLANT: ("the plant", 0.9)},  # no name
        {LEADS: ("Wu Jing", 0.55), PLANT: ("B-200", 0.9)},  # nothing new
        {LEADS: ("Wu Jing", 0.55), PLANT: ("Linhai", 0.9), "Who leads Linhai?": ("Li", 0.5)},  # less sure
        {LEADS: ("Wu Jing", 0.55), PLANT: ("Linhai", 0.9)},  # nothing said to the last
    ],
)
def test_the_direct_answer_stays(concluded: Run, said: Said) -> None:
    found, _ = concluded(said, LEADS)
    assert (found.text, found.confidence) == said[LEADS]
    assert len(found.steps) == 1


def test_what_nothing_decides_is_answered_with_the_whole_sentence() -> None:
    question = "Is the Wi-Fi free for half an hour?"
    text = "We sail.\n7.1 Wi-Fi is free for 30 minutes, then £2. Pay cash."
    part = Included(Passage(1, "d", text, 50, 50 + len(text)), 50, 50 + len(text))
    start = 50 + text.index("£2")
    best = Candidate("£2", (Place(0, start, start + 2),), 0.0, 0.0, 0.0, 0.0, 1.0)
    first = Asked(question, (), Prompt((), question, (part,)), Grounded((best,), 0.0, 0.5, False, 0))

    def ask(text: str) -> Asked:
        return asked(text, "", 0.0)

    found = in_steps(first, ask, lambda key: False, DecomposeOptions())
    assert found.text == "Wi-Fi is free for 30 minutes, then £2."
    assert found.confidence == pytest.approx(0.634, abs=0.001)  # of the sentence; 0.5 was that of "£2"
    (step,) = found.steps
    assert step.confidence == found.confidence
    assert step.best is not None
    (place,) = step.best.places
    assert text[place.start - 50 : place.end - 50] == found.text
    row = text.replace(
        "We sail.\n7.1 Wi-Fi is free for 30 minutes, then £2.", "Boat: Aldra; Wi-Fi: 30 minutes free, £2"
    )
    assert row != text
    part = Included(Passage(1, "d", row, 50, 50 + len(row)), 50, 50 + len(row))
    start = 50 + row.index("£2")
    cell = replace(best, places=(Place(0, start, start + 2),))
    tabled = replace(
        first, prompt=Prompt((), question, (part,)), grounded=replace(first.grounded, candidates=(cell,))
    )
    assert in_steps(tabled, ask, lambda key: False, DecomposeOptions()).text == "£2"
    plain = replace(first, question="What does the Wi-Fi cost?")
    assert in_steps(plain, ask, lambda key: False, DecomposeOptions()).text == "£2"


def test_a_direct_answer_that_is_only_half_the_way_gives_way(concluded: Run) -> None:
    said = {LEADS: ("Linhai", 0.55), PLANT: ("Linhai", 0.9), "Who leads Linhai?": ("Chen Guang", 0.4)}
    assert concluded(said, LEADS)[0].text == "Chen Guang"


MAIL = "What is the e-mail address of the person who approved SB-07?"


def test_a_name_for_an_address_is_half_of_the_way(concluded: Run) -> None:
    said = {
        MAIL: ("A. Rookhope", 0.9),
        "Who approved SB-07?": ("A. Rookhope", 0.9),
        "What is the e-mail address of A. Rookhope?": ("a.rookhope@tarn.example", 0.5),
    }
    found, _ = concluded(said, MAIL)
    assert (found.text, found.confidence) == ("a.rookhope@tarn.example", 0.5)
    found, _ = concluded({MAIL: ("A. Rookhope", 0.9)}, MAIL)
    assert found.confidence < 0.45  # nobody tells the address: silence


def test_an_office_may_stand_for_somebody(concluded: Run) -> None:
    dented = "I've dented the van. What is the extension of the person who has to be told?"
    said = {
        dented: ("the fleet coordinator", 0.3),
        "I've dented the van. Who has to be told?": ("the fleet coordinator", 0.8),
        "What is the extension of the fleet coordinator?": ("133", 0.6),
    }
    found, _ = concluded(said, dented)
    assert (found.text, found.confidence) == ("133", 0.6)


def test_what_takes_two_steps_is_not_answered_at_once(concluded: Run) -> None:
    heater = "The tunnel whose heater broke down: how many trays does it take?"
    said = {
        heater: ("90 trays", 0.8),
        "Which tunnel's heater broke down?": ("Tunnel 4", 0.9),
        "How many trays does Tunnel 4 take?": ("720", 0.75),
    }
    assert concluded(said, heater)[0].text == "720"
    said["How many trays does Tunnel 4 take?"] = ("720", 0.5)
    assert concluded(said, heater)[0].text == "90 trays"


def test_steps_are_answered_by_cells_too() -> None:
    said = {MAIL: ("", 0.0), "Who approved SB-07?": ("A. Rookhope", 0.9)}

    def ask(text: str) -> Asked:
        return asked(text, *said.get(text, ("Room 3", 0.2)))

    def compute(step: Asked) -> Conclusion | None:
        if step.question != "What is the e-mail address of A. Rookhope?":
            return None
        cell = asked(step.question, "a.rookhope@tarn.example", 0.7)
        return Conclusion(cell.text, cell.confidence, (cell,))

    found = in_steps(asked(MAIL, "", 0.0), ask, lambda key: False, DecomposeOptions(), compute)
    assert (found.text, found.confidence) == ("a.rookhope@tarn.example", 0.7)


def test_two_parts_are_answered_with_both(concluded: Run) -> None:
    question = "Who runs the Hull plant, and what is his extension?"
    said = {
        question: ("Graham Pell", 0.9),
        "Who runs the Hull plant?": ("Graham Pell", 0.8),
        "What is Graham Pell's extension?": ("245", 0.7),
    }
    found, _ = concluded(said, question)
    assert (found.text, found.confidence) == ("Graham Pell; 245", 0.7)
    assert [step.text for step in found.steps] == ["Graham Pell", "245"]
    said["What is Graham Pell's extension?"] = ("245", 0.2)
    assert concluded(said, question)[0].text == "Graham Pell"


def test_who_holds_an_office_where_a_name_is_wanted(concluded: Run) -> None:
    question = "Who, by name, signs refunds of £75?"
    said = {question: ("the Retail Manager", 0.76), "Who is the Retail Manager?": ("Graham Pell", 0.83)}
    found, _ = concluded(said, question)
    assert (found.text, found.confidence) == ("Graham Pell", 0.76)
    assert [step.text for step in found.steps] == ["the Retail Manager", "Graham Pell"]
    said["Who is the Retail Manager?"] = ("the Director", 0.83)
    assert concluded(said, question)[0].text == "the Retail Manager"


HEAD = "装配A-80潜水泵的工厂，厂长是谁？"
FACTORY = "装配A-80潜水泵的工厂是什么？"
LINHAI = {LEADS: ("Linhai plant", 0.8), PLANT: ("Linhai plant", 0.9)}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (LINHAI | {"Who leads Linhai plant?": ("Li", 0.4)}, "Li"),
        (
            {HEAD: ("清河工厂", 0.8), FACTORY: ("清河工厂", 0.7), "清河工厂，厂长是谁？": ("吴静", 0.9)},
            "吴静",
        ),
        (LINHAI | {"Who leads Linhai plant?": ("Li", 0.2)}, "Linhai plant"),  # too unsure
        (LINHAI | {PLANT: ("Qinghe plant", 0.9), "Who leads Qinghe plant?": ("Wu", 0.9)}, "Linhai plant"),
    ],
)
def test_half_of_the_way_gives_way_however_sure_it_is(concluded: Run, said: Said, text: str) -> None:
    assert concluded(said, next(iter(said)))[0].text == text


def test_where_one_description_leads_nowhere_another_is_tried(concluded: Run) -> None:
    city = "In which city is the supplier of the transducers of the F-30 based?"
    said = {
        city: ("Oslo", 0.1),
        "What is the transducers of the F-30?": ("FV-2", 0.55),
        "In which city is the supplier of FV-2 based?": ("Oslo", 0.1),
        "What is the supplier of the transducers of the F-30?": ("Fjordvik Sensors", 0.7),
        "In which city is Fjordvik Sensors based?": ("Bergen", 0.9),
    }
    found, _ = concluded(said, city)
    assert (found.text, found.confidence) == ("Bergen", 0.7)
    assert [step.text for step in found.steps] == ["Fjordvik Sensors", "Bergen"]


def test_what_is_an_entity_is_not_asked_for(concluded: Run) -> None:
    said = {LEADS: ("Linhai", 0.4)}
    assert concluded(said, LEADS, known="plant where the b-200 is assembled")[1] == []
    assert concluded(said, LEADS, most=0)[1] == []


def test_two_things_are_asked_for_and_compared(concluded: Run) -> None:
    weights = {
        "What is the weight of the B-200?": ("58 kg", 0.8),
        "What is the weight of the B-350?": ("124 kg", 0.9),
    }
    found, _ = concluded({HEAVIER: ("B-200", 0.95), **weights}, HEAVIER)
    assert (found.text, found.confidence, len(found.steps)) == ("B-350", 0.8, 2)


@pytest.mark.parametrize(
    ("sure", "text", "confidence"),
    [((0.5, 0.25), "B-350", 0.45), ((0.34, 0.3), "B-200", 0.9), ((0.9, 0.1), "B-200", 0.9)],
)
def test_two_values_of_one_measure_speak_for_each_other(
    concluded: Run, sure: tuple[float, float], text: str, confidence: float
) -> None:
    asks = [f"What is the weight of the {name}?" for name in ("B-200", "B-350")]
    weights = {ask: (value, one) for ask, value, one in zip(asks, ("58 kg", "124 kg"), sure, strict=True)}
    found, _ = concluded({HEAVIER: ("B-200", 0.9), **weights}, HEAVIER)
    assert (found.text, found.confidence) == (text, confidence)


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("We sell pumps. The B-350 is heavier than the B-200.", 0.9),
        ("The B-350 weighs the most.", 0.9),
        ("Of the two the B-350 is at home in mines.", 0.3),
        ("It is more than enough. Pump: B-350; Weight: 124 kg", 0.3),
    ],
)
def test_a_name_is_a_guess_where_no_sentence_compares(text: str, confidence: float) -> None:
    part = Included(Passage(1, "d", text, 50, 50 + len(text)), 50, 50 + len(text))
    start = 50 + text.index("B-350")
    best = Candidate("B-350", (Place(0, start, start + 5),), 0.0, 0.0, 0.0, 0.0, 1.0)
    first = Asked(HEAVIER, (), Prompt((), HEAVIER, (part,)), Grounded((best,), 0.0, 0.9, False, 0))
    found = in_steps(first, lambda ask: asked(ask, "", 0.0), lambda key: False, DecomposeOptions())
    assert (found.text, found.confidence) == ("B-350", confidence)


@pytest.mark.parametrize(
    ("direct", "left"),
    [
        ("the B-200 pump", 0.9),
        ("the B-200", 0.9),
        ("B-350", 0.9),
        ("B-350 (new)", 0.9),
        ("The B-350 is heavier than the B-200", 0.9),
        ("a bearing", 0.0),
        ("B-2000", 0.0),
        ("350", 0.0),
        ("the", 0.0),
    ],
)
def test_what_cannot_be_compared(concluded: Run, direct: str, left: float) -> None:
    """Then only one of the two is an answer."""
    said = {HEAVIER: (direct, 0.9), "What is the weight of the B-200?": ("58 kg", 0.8)}
    assert concluded(said, HEAVIER)[0].confidence == left


@pytest.mark.parametrize(
    ("question", "direct", "left"),
    [
        ("Which is older, Mercury (planet) or The Exies?", "Exies", 0.9),
        ("Which is older, Mercury (planet) or The Exies?", "Mercury", 0.9),
        ("Which is heavier, the B-200 pump or the B-350 pump?", "B-350", 0.9),
        ("Which is heavier, the B-200 pump or the B-350 pump?", "pump", 0.0),
        ("Which is heavier, the B-200 pump or the B-350 pump?", "50", 0.0),
        ("请问A-80和B-200哪个更重？", "A-80", 0.9),
        ("请问，A-80和B-200哪个更重？", "A-80型", 0.9),
        ("清河水泵工厂和临海水泵工厂哪个更大？", "临海工厂", 0.0),
        ("清河水泵工厂和临海水泵工厂哪个更大？", "临海水泵工厂", 0.9),
        ("清河水泵工厂和临海水泵工厂哪个更大？", "水泵工厂", 0.0),
        ("清河水泵工厂和临海水泵工厂哪个更大？", "临海", 0.9),
    ],
)
def test_a_name_in_other_words_is_still_one_of_the_two(
    concluded: Run, question: str, direct: str, left: float
) -> None:
    assert concluded({question: (direct, 0.9)}, question)[0].confidence == left


def test_what_the_question_states_is_no_step(concluded: Run) -> None:
    question, weight = "Is the B-200 heavier than 50 kg?", "What is the weight of the B-200?"
    found, put = concluded({question: ("", 0.0), weight: ("58 kg", 0.8)}, question)
    assert (found.text, found.confidence) == ("Yes", 0.8)
    assert [step.question for step in found.steps] == [weight] == put


def test_what_leads_to_a_row_gives_way_to_its_cell() -> None:
    question = "What is the name of the person who may lift a red card?"
    way = asked(question, "Chief Engineer", 0.6), asked("Chief Engineer: name", "Alan Thackray", 0.6)
    joined = Conclusion("Alan Thackray", 0.6, way)

    def answered(text: str) -> str:
        first = asked(question, text, 0.75)
        return in_steps(
            first, lambda ask: asked(ask, "", 0.0), lambda key: False, DecomposeOptions(), lambda _: joined
        ).text

    assert answered("Chief Engineer") == "Alan Thackray"
    assert answered("Rob Hale") == "Rob Hale"  # the reader is surer, and of something else


def test_what_is_told_of_a_row_counts_where_it_is_surer() -> None:
    question = "How fast may NH-004 turn?"
    row = asked(question, "CK6136", 0.6)
    told = Included(Passage(1, "d", "The CK6136 turns at 1200 r/min.", 0, 31), 0, 31)
    place = Candidate("1200 r/min", (Place(0, 20, 30),), 0.0, 0.0, 0.0, 0.0, 1.0)

    def answered(sure: float, then: float, text: str = told.text) -> str:
        part = Included(replace(told.passage, text=text, end=len(text)), 0, len(text))

        def ask(question: str) -> Asked:
            step = asked(question, "1200 r/min", then)
            grounded = replace(step.grounded, candidates=(place,))
            return replace(step, prompt=Prompt((), question, (part,)), grounded=grounded)

        first = asked(question, "3000 r/min", sure)
        return in_steps(
            first,
            ask,
            lambda key: True,
            DecomposeOptions(),
            lead=lambda _: (row, "How fast may CK6136 turn?"),
        ).text

    assert answered(0.3, 0.7) == "1200 r/min"
    assert answered(0.55, 0.5) == "3000 r/min"
    assert answered(0.7, 0.9) == "3000 r/min"  # sure enough: nobody else is asked
    assert answered(0.3, 0.7, "The CK6150 turns at 1200 r/min.") == "3000 r/min"
