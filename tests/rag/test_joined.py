"""Rows that another text leads to, and questions asked again of what a row says."""

from __future__ import annotations

import pytest

from index.language import fold
from index.readers.tables import table_lines
from index.types import Passage
from rag.joined import join
from rag.named_table import NamedTable
from rag.sheets import sheets
from rag.substituted import substitute


def table(name: str, columns: str, *rows: str) -> tuple[NamedTable, Passage]:
    """A document that is one table, and the passage that holds it."""
    text = "\n".join(table_lines([row.split("|") for row in rows], columns.split("|")))
    (sheet,) = sheets(text)
    return NamedTable(name, name, sheet, fold(text)), passage(name, text, 100)


def passage(document: str, text: str, number: int = 1, heading: str = "") -> Passage:
    return Passage(number, document, text, 0, len(text), heading=heading)


STAFF, STAFF_ROWS = table(
    "staff",
    "name|job_title|site|extension|line_manager",
    "Helen Stobart|Director|Town Museum|201|Board of Trustees",
    "Darren Hulme|Mill Site Supervisor|Garth Mill|316|Helen Stobart",
    "Alan Thackray|Chief Mechanical Engineer|Aske Halt|412|Helen Stobart",
    "Graham Pell|Retail Manager|Town Museum|219|Helen Stobart",
)
RUNBOOK = passage(
    "runbook",
    "The server room has no windows. The comms cupboard at Garth Mill is locked. The Mill Site Supervisor "
    "holds the key. The comms cupboard at Aske Halt stands open.",
)
CARDS = passage(
    "standard",
    "A red card stops a locomotive. Only the Chief Mechanical Engineer may lift a red card. A yellow card is "
    "lifted by the driver.",
)
DUTY, DUTY_ROWS = table(
    "值班手册",
    "姓名|岗位|项目|短号",
    "郭伟|工程主管|翠湖苑|6105",
    "石磊|工程主管|金桂园|6112",
    "马兰|值班员|总部|6071",
)
LIFTS, LIFT_ROWS = table(
    "台账",
    "设备编号|项目|品牌型号|安全员",
    "JG-04|金桂园|华塔E7|石磊",
    "JG-05|金桂园|华塔E7|石磊",
    "CH-01|翠湖苑|西格LX200|郭伟",
)
LATHES, LATHE_ROWS = table(
    "lathes",
    "no|kind|model|room|bought",
    "NH-SK-001|lathe|CK6150|Room 1|2018",
    "NH-SK-004|lathe|CK6136|Room 2|2021",
    "NH-SK-008|lathe|CA6140|Room 1|2009",
)
MANUAL = passage(
    "manual",
    "The spindle of the CK6136 turns at 3000 r/min at most, in the hands of pupils at 1200 r/min. The "
    "spindle of the CK6150 turns at 2200 r/min, in the hands of pupils at 800 r/min.",
)


@pytest.mark.parametrize(
    ("question", "found", "passages", "link", "answer"),
    [
        (
            "I need the key to the comms cupboard at Garth Mill. Which extension do I dial?",
            STAFF,
            [RUNBOOK, CARDS, STAFF_ROWS],
            "Mill Site Supervisor",
            "316",
        ),
        (
            "What is the name of the person who may lift a red card?",
            STAFF,
            [RUNBOOK, CARDS, STAFF_ROWS],
            "Chief Mechanical Engineer",
            "Alan Thackray",
        ),
        ("JG-04的电梯安全员短号是多少？", DUTY, [LIFT_ROWS, DUTY_ROWS], "石磊", "6112"),
    ],
)
def test_another_text_leads_to_the_row(
    question: str, found: NamedTable, passages: list[Passage], link: str, answer: str
) -> None:
    joined = join(question, [found], passages)

    assert joined is not None
    assert (joined.link.text, joined.cell.text) == (link, answer)
    (start, end), *_ = joined.link.places
    by = next(one for one in passages if one.document_id == joined.link.document_id)
    assert by.text[start:end] == link
    (start, end), *_ = joined.cell.places
    assert joined.cell.document_id == found.document_id
    assert next(one for one in passages if one.document_id == found.document_id).text[start:end] == answer


@pytest.mark.parametrize(
    "question",
    [
        "Which extension do I dial for the key to the wine cellar?",  # nothing tells of it
        "What is the extension of Darren Hulme?",  # a row that is named needs no other text
        "Who may lift a red card?",  # the post is the answer
        "Which extension has most red cards?",
        "How long does the key to the comms cupboard at Garth Mill stay valid?",  # no such column
    ],
)
def test_nothing_else_is_joined(question: str) -> None:
    assert join(question, [STAFF], [RUNBOOK, CARDS, STAFF_ROWS]) is None


def test_two_rows_that_a_sentence_leads_to_are_none() -> None:
    both = passage("rules", "A red card is lifted by the Chief Mechanical Engineer or the Retail Manager.")

    assert (
        join("Which extension has the person who may lift a red card?", [STAFF], [both, STAFF_ROWS]) is None
    )


def test_the_clause_that_tells_leads_to_its_row() -> None:
    vans, rows = table(
        "vans", "van|route|driver", "V01|R04|Gordon Peel", "V02|R07|Neil Copley", "V03|R11|Isla McKendrick"
    )
    mail = passage(
        "mail", "As agreed, Otterby goes to route R07, Wainbridge to route R11, Haverholme stays on R04."
    )

    joined = join("Who is the driver of the route that the Otterby shop is on?", [vans], [mail, rows])

    assert joined is not None
    assert joined.cell.text == "Neil Copley"


def test_a_question_is_asked_of_what_the_row_says() -> None:
    question = "How fast may pupils let the spindle of NH-SK-004 turn?"

    found = substitute(question, [LATHES], [MANUAL, LATHE_ROWS])

    assert found is not None
    assert found.question == "How fast may pupils let the spindle of CK6136 turn?"
    (start, end), *_ = found.link.places
    assert LATHE_ROWS.text[start:end] == "CK6136"


@pytest.mark.parametrize(
    "question",
    [
        "How fast may pupils let the spindle of NH-SK-009 turn?",  # no such row
        "When was NH-SK-004 bought?",  # nobody else tells of it
        "How fast may pupils let a spindle turn?",
    ],
)
def test_nothing_is_put_in_the_place_of_anything_else(question: str) -> None:
    assert substitute(question, [LATHES], [MANUAL, LATHE_ROWS]) is None
