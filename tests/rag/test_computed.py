"""What tables come to: extremes, counts, lists and cells; and all that they do not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from index.corpus import Corpus
from index.language import fold
from index.readers.tables import table_lines
from index.types import Document, Hit, Passage
from rag.asked import Asked, Conclusion, DecomposeOptions
from rag.candidates import Candidate, Place
from rag.causal import CausalGenerator
from rag.computed import compute, is_computed
from rag.decompose import in_steps
from rag.engine import AskOptions, Engine
from rag.ground import Grounded, GroundOptions
from rag.looked_up import listed, look_up
from rag.named_table import NamedTable
from rag.prompt import Included, Prompt
from rag.sheets import sheets
from rag.tabular import Tables

MakeDocument = Callable[..., Document]


def read(text: str, answer: str, confidence: float) -> Asked:
    """A question that a reader answered by the first place where the answer stands."""
    at = text.index(answer)
    question = "In which month was the most metal melted?"
    one = Candidate(answer, (Place(0, at, at + len(answer)),), 0.0, 0.0, 0.0, 0.0, 1.0)
    passage = Passage(1, "d", text, 0, len(text))
    prompt = Prompt((), question, (Included(passage, 0, len(text)),))
    hit = Hit(passage, 1.0, (), "report.pdf", "Report")
    return Asked(question, (hit,), prompt, Grounded((one,), 0.0, confidence, False, 1))


PEOPLE = """\
T001|Honor Pell|Seed Bank|Hull|41,000|2016-03-01
T004|Desmond Oka|Shop|Hull|28,500|2019-05-12
T007|Brenna Sallow|Seed Bank|York|33,250|2021-01-04
T009|Ivo March|Garden|York|30,100|2008-09-01
T012|Keziah Thrale|Seed Bank|York|26,000|2014-07-01
"""
COLUMNS = ["staff_no", "name", "department", "Base", "annual_salary_gbp", "Start date"]
STAFF = "# Staff directory\n\n" + "\n".join(
    table_lines([line.split("|") for line in PEOPLE.split("\n")], COLUMNS)
)
CABINETS = """\
# Drying cabinets

Noise at 1 m; SD-200: 48 dB; SD-450: 57 dB; SD-900: 61 dB
Weight, empty; SD-200: 138 kg; SD-450: 265 kg; SD-900: 540 kg
Price; SD-200: £4,100; SD-450: £7,900; SD-900: £7,900
Desiccant; SD-200: silica gel; SD-450: zeolite; SD-900: zeolite
"""
PRODUCTS = """\
# 产品价格表

货号：L-1；品名：大筛锣；类别：锣；重量：8.6千克；单价（元）：2380；现有库存：34
货号：L-2；品名：太阳锣；类别：锣；重量：15千克；单价（元）：6800；现有库存：3
货号：B-1；品名：京钹；类别：钹；重量：1.1千克；单价（元）：420；现有库存：57
货号：B-2；品名：小镲；类别：钹；重量：380克；单价（元）：160；现有库存：8
合计：；品名：合计；单价（元）：9760；现有库存：102
"""
BEERS = [
    ["Code", "Beer", "ABV %", "Container", "Price GBP"],
    ["L-C", "Lamplighter", "4.1", "cask", "98.00"],
    ["L-B", "Lamplighter", "4.1", "bottles", "21.60"],
    ["I-C", "Iron Duchess", "9.4", "cask", "188.00"],
    ["I-B", "Iron Duchess", "9.4", "bottles", "44.00"],
    ["S-K", "Sluice Gate", "6.3", "keg", "96.50"],
]
VESSELS = [
    ["Vessel", "Type", "Location", "In use"],
    ["FV1", "fermenter", "Hall 1", "yes"],
    ["FV2", "fermenter", "Hall 2", "yes"],
    ["FV3", "fermenter", "Hall 2", "no"],
    ["BT1", "bright tank", "Hall 2", "yes"],
]
ROOMS = [
    ["Room", "Site", "Seats"],
    ["Loft", "Hull", "48"],
    ["Cask Room", "York", "20"],
]
PUMPS = [
    ["No.", "Site", "Machine", "Next service"],
    ["P-01", "Hull", "booster pump", "2026-05-01"],
    ["P-02", "Hull", "dosing pump", "2026-03-01"],
    ["P-03", "York", "booster pump", "2026-04-01"],
    ["P-04", "Hull", "sump pump", "2026-06-01"],
]
STOCK = [
    ["Item code", "Item", "Price", "Stock"],
    ["101", "train set", "£45", "3"],
    ["102", "tea towel", "£9", "40"],
    ["103", "mug", "£12", "25"],
]
CREW = [
    ["Name", "Position", "Site", "First aider", "Extension"],
    ["Farida Noor", "Payroll manager", "Hull", "yes", "110"],
    ["Desmond Yeo", "Finance manager", "Hull", "no", "112"],
    ["Agnes Tolley", "Safety officer", "York", "yes", "115"],
    ["Ivo Marchetti", "Brewer", "York", "no", "121"],
]
BREWERY = [
    NamedTable("b", title, sheet, fold(text))
    for title, (head, *rows) in (
        ("Beers", BEERS),
        ("Vessels", VESSELS),
        ("Staff directory", CREW),
        ("Rooms for hire", ROOMS),
        ("Pump register", PUMPS),
        ("Shop stock", STOCK),
    )
    for text in [f"# {title}\n\n" + "\n".join(table_lines(rows, head))]
    for sheet in sheets(text)
]
TABLES = [NamedTable("d", "", sheet) for text in (STAFF, CABINETS, PRODUCTS) for sheet in sheets(text)]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who earns the most?", "Honor Pell"),
        ("Who at York earns the least?", "Keziah Thrale"),
        ("Who has worked here the longest?", "Ivo March"),
        ("Which of the Seed Bank staff joined most recently?", "Brenna Sallow"),
        ("Who has been with the firm longer, Honor Pell or Keziah Thrale?", "Keziah Thrale"),
        ("Which cabinet is quieter, the SD-200 or the SD-450?", "SD-200"),
        ("Which is the heaviest: the SD-200, the SD-450 or the SD-900?", "SD-900"),
        ("Which drying cabinet has the lowest noise?", "SD-200"),
        ("How many people work in the Seed Bank department?", "3"),
        ("How many of the staff started after 2015?", "3"),
        ("How many of the staff started after 2016?", "2"),
        ("How many of the staff joined before 2016?", "2"),
        ("How many staff earn more than £30,000?", "3"),
        ("Which department has the most people?", "Seed Bank"),
        ("最贵的产品是哪个？", "太阳锣"),
        ("钹类里哪种最便宜？", "小镲"),
        ("太阳锣和大筛锣哪个更重？", "太阳锣"),
        ("京钹和小镲哪个重", "京钹"),
        ("锣类产品一共有几种？", "2种"),
        ("库存不到10件的产品有几种？", "2种"),
    ],
)
def test_computed(question: str, answer: str) -> None:
    assert is_computed(question)
    found = compute(question, TABLES)
    assert found is not None
    assert found.text == answer
    assert found.confidence >= 0.6


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which of your beers is the strongest?", "Iron Duchess"),  # in two rows
        ("How many fermenters stand in Hall 2?", "2"),
        ("How many first aiders are there in the staff directory?", "2"),
        ("How many first aiders are there in York?", "1"),
        ("What's the most expensive item in the shop stock list?", "train set"),  # not by item code
        ("How many machines does the pump register list in Hull?", "3"),  # and one room of another list
        ("How many people in Hull are first aiders according to the directory?", "1"),
    ],
)
def test_rows_that_are_alike_marked_or_several(question: str, answer: str) -> None:
    found = compute(question, BREWERY)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    "question",
    [
        "Which container is the strongest?",  # casks as well as bottles
        "How many first aiders are there in Leeds?",
        "How many first aid boxes are there in York?",
        "How many extensions are there in York?",
    ],
)
def test_marks_of_nobody(question: str) -> None:
    found = compute(question, BREWERY)
    assert found is None or found.text == "2"  # each has an extension


@pytest.mark.parametrize(
    "question",
    [
        "Which cabinet is the most expensive?",  # two cost the same
        "Which cabinet has the longest warranty?",  # no column
        "Which drone is the heaviest?",  # no such things
        "Which of the staff is the tallest?",
        "Who is older, Honor Pell or Ivo March?",  # when they began does not tell
        "How many litres does the SD-200 hold?",
        "How many people work in the Marketing department?",
        "How many people are there in York and in Leeds at night?",
        "Who in the electroplating department earns the most?",  # no such department
        "Who of those from Suffolk earns the most?",
        "How many people in the Seed Bank department started in 2031?",
        "哪种鼓最便宜？",
        "最高的产品是哪个？",
        "市场部有几个人？",
    ],
)
def test_not_computed(question: str) -> None:
    found = compute(question, TABLES) if is_computed(question) else None
    assert found is None


@pytest.mark.parametrize(
    "question",
    [
        "How many people are not in York?",
        "Who outside Hull earns the most?",
        "Who except the Garden staff earns the least?",
        "How many people joined between 2014 and 2019?",
        "How many people joined by 2016?",
        "Which department has the highest total annual salary?",
        "How many more people are at York than at Hull?",
        "Who was paid last?",
        "Who earns the most per month?",
        "除了钹类，哪种产品最便宜？",
        "不在锣类里的产品哪种最贵？",
        "锣类产品的平均单价哪个最高？",
        "锣比钹多几种？",
        "太阳锣最大能有多重？",
        "How long may Ivo March stay away at the longest?",
    ],
)
def test_what_rows_do_not_say_is_not_computed(question: str) -> None:
    found = (compute(question, TABLES) if is_computed(question) else None) or listed(question, TABLES)
    assert found is None
    assert look_up(question, TABLES) is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many people are in the Garden or in the Shop?", "2"),
        ("How many departments are there at York?", "2"),
        ("锣类和钹类产品一共有几种？", "4种"),
    ],
)
def test_several_values_of_a_column_and_distinct_ones(question: str, answer: str) -> None:
    found = compute(question, TABLES)
    assert found is not None
    assert found.text == answer


CONTRACTS = """\
Contract: K-1; Signed: 2019-01-01; Expires: 2024-01-01
Contract: K-2; Signed: 2020-05-01; Expires: 2030-05-01
Contract: K-3; Signed: 2021-11-02; Expires: 2022-11-02
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Which contract expires first?", "K-3"),
        ("Which contract runs out last?", "K-2"),
        ("Which contract is the oldest?", "K-1"),
    ],
)
def test_what_ends_first_began_whenever(question: str, answer: str) -> None:
    found = compute(question, [NamedTable("d", "Contracts", sheet) for sheet in sheets(CONTRACTS)])
    assert found is not None
    assert found.text == answer


def test_european_numbers() -> None:
    text = "Model: A; Price: €1.200,50\nModel: B; Price: €450,00\nModel: C; Price: €2.300,00"
    tables = [NamedTable("d", "Models", sheet) for sheet in sheets(text)]
    found = [compute(f"Which model is the {word}?", tables) for word in ("cheapest", "most expensive")]
    assert [one.text if one else None for one in found] == ["B", "C"]


def test_a_month_in_the_name_of_a_column() -> None:
    people = (("张伟", "生产部", 8500), ("李娜", "销售部", 9200), ("王强", "生产部", 7800))
    text = "\n".join(f"姓名：{name}；部门：{where}；月薪：{wage}" for name, where, wage in people)
    found = compute("谁的月薪最低？", [NamedTable("d", "员工表", sheet) for sheet in sheets(text)])
    assert found is not None
    assert found.text == "王强"


def test_who_is_answered_by_no_date() -> None:
    assert look_up("Who started the SD-200?", TABLES) is None
    leave = sheets("Name: Ann; Leave: 20-24 July\nName: Bo; Leave: 3-7 May")
    assert look_up("Who approves Ann's leave?", [NamedTable("d", "Leave", sheet) for sheet in leave]) is None
    assert look_up("Who was the start date of Ivo March?", TABLES) is None


def test_a_year_has_to_stand_in_the_table_or_above_it() -> None:
    text = "# Gas in 2024\n\nMonth: June; Gas used: 3620\nMonth: July; Gas used: 2870\n"
    around = fold(f"{text}\n\nIn 2023 the meter was changed.")
    tables = [NamedTable("d", "", sheet, around) for sheet in sheets(text)]
    found = look_up("How much gas was used in July 2024?", tables)
    assert found is not None
    assert found.text == "2870"
    assert look_up("How much gas was used in July 2023?", tables) is None


def test_the_number_of_a_thing_is_given_where_it_is_asked_for() -> None:
    text = "\n".join(
        f"单号：F-00{at}；收货单位：{place}；数量（张）：{count}"
        for at, (place, count) in enumerate([("甲站", 120), ("乙站", 300), ("丙站", 90)], 1)
    )
    tables = [NamedTable("d", "发货", sheet) for sheet in sheets(text)]
    found = compute("哪一单数量最多？", tables)
    assert found is not None
    assert found.text == "F-002"


def test_a_reader_that_took_a_cell_gives_way_to_what_was_computed() -> None:
    rows = "Month: May; Metal melted: 9120 kg\nMonth: October; Metal melted: 7300 kg"
    computed = Conclusion("May", 0.8, (read(rows, "May", 0.8),))

    def ask(question: str) -> Asked:
        raise AssertionError(question)

    def answer(text: str) -> str:
        return in_steps(
            read(text, "October", 0.95), ask, lambda _: False, DecomposeOptions(), lambda _: computed
        ).text

    assert answer(rows) == "May"
    assert answer("Most metal was melted in October.") == "October"


def test_a_total_is_no_thing() -> None:
    found = compute("现有库存最多的产品是哪个？", TABLES)
    assert found is not None
    assert found.text == "京钹"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who works at York? Give me all the names.", "Brenna Sallow, Ivo March, Keziah Thrale"),
        ("哪些产品的类别是钹？", "京钹、小镲"),
    ],
)
def test_listed(question: str, answer: str) -> None:
    found = listed(question, TABLES)
    assert found is not None
    assert found.text == answer
    assert len(found.places) == len(answer.replace("、", ",").split(","))


@pytest.mark.parametrize(
    "question", ["Who works at Oslo?", "Which plans are there?", "Who leads the Seed Bank?"]
)
def test_not_listed(question: str) -> None:
    found = listed(question, TABLES)
    assert found is None or found.known < 0.9


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What desiccant does the SD-450 use?", "zeolite"),
        ("What is the annual salary of Ivo March?", "30,100"),
        ("What does the SD-200 cost?", "£4,100"),
        ("小镲的重量是多少？", "380克"),
    ],
)
def test_looked_up(question: str, answer: str) -> None:
    found = look_up(question, TABLES)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the warranty of the SD-450?",
        "What desiccant does the SD-777 use?",
        "Is the SD-450 louder than the SD-200?",
        "What desiccant do the SD-450 and the SD-200 use?",
        "大筛锣的口径是多少？",
        "How many sick days has Ann had?",
        "小镲的重心是多少？",
        "What was the price of the SD-200 in 2019?",
    ],
)
def test_not_looked_up(question: str) -> None:
    leave = sheets("Name: Ann; Entitled (days): 28; Taken: 12\nName: Bo; Entitled (days): 30; Taken: 7")
    assert look_up(question, [*TABLES, *(NamedTable("d", "Leave", sheet) for sheet in leave)]) is None


def test_tables_that_disagree_say_nothing() -> None:
    old = CABINETS.replace("zeolite", "silica gel")
    both = [
        NamedTable(name, "", sheet) for name, text in (("a", CABINETS), ("b", old)) for sheet in sheets(text)
    ]
    assert look_up("What desiccant does the SD-450 use?", both) is None


@pytest.mark.parametrize(
    ("question", "answer", "cells"),
    [
        ("Who at York earns the least?", "Keziah Thrale", ["Keziah Thrale", "26,000", "30,100", "33,250"]),
        ("How many people work in the Seed Bank department?", "3", ["Seed Bank"]),
        ("锣类产品一共有几种？", "2种", ["锣"]),
    ],
)
def test_an_answer_cites_the_rows_that_it_follows_from(
    corpus: Corpus,
    generator: CausalGenerator,
    make_document: MakeDocument,
    question: str,
    answer: str,
    cells: list[str],
) -> None:
    corpus.add([make_document(STAFF, "staff.csv"), make_document(PRODUCTS, "价格.csv")])
    engine = Engine(corpus, generator)
    found = engine.ask(question, AskOptions(ground=GroundOptions(threshold=0.45, room=32, longest=40)))
    assert (found.text, found.abstained) == (answer, False)
    assert found.citations
    read = {part.passage.id for part in found.included}
    for citation in found.citations:
        document = engine.corpus.store.document(citation.document_id)
        assert document.text[citation.start : citation.end] == citation.text
        assert document.text[citation.answer_start : citation.answer_end] in cells
        assert citation.passage_id in read
    silent = replace(AskOptions(), ground=GroundOptions(threshold=0.9, room=32, longest=40))
    assert engine.ask(question, silent).abstained


def test_a_document_that_is_removed_meanwhile_is_passed_over(
    corpus: Corpus, generator: CausalGenerator, make_document: MakeDocument
) -> None:
    corpus.add([make_document(STAFF, "staff.csv"), make_document(PRODUCTS, "价格.csv")])
    engine = Engine(corpus, generator)
    question = "Who at York earns the least?"
    hits = tuple(engine.search(question).hits)
    first = replace(read("York", "York", 0.1), question=question, hits=hits)
    assert Tables(corpus.store).answer(first) is not None
    corpus.store.remove(corpus.store.document_ids("staff.csv"))
    assert Tables(corpus.store).answer(first) is None


def test_a_table_of_many_rows_is_read_in_passing(corpus: Corpus) -> None:
    rows = "\n".join(
        f"Article: Part {n}; Group: {'seals' if n % 3 else 'pumps'}; Price: {n * 7 % 1009}.50"
        for n in range(3000)
    )
    (sheet,) = sheets(f"# Stock\n{rows}")
    table = NamedTable("d", "Stock", sheet)
    found = compute("How many articles of the group pumps cost more than 1000?", [table])
    assert found is not None
    assert found.text == str(sum(n * 7 % 1009 + 0.5 > 1000 for n in range(0, 3000, 3)))


INSTALLED = """\
# 装机清单

客户编号：K-1；医院名称：承德滦水医院；城市：承德；型号：LM-12；数量：15；负责工程师：韩冬；首次修复率：88.5%
客户编号：K-2；医院名称：赣州章江医院；城市：赣州；型号：LM-8；数量：4；负责工程师：俞晓东；首次修复率：92%
客户编号：K-3；医院名称：衢州信安医院；城市：衢州；型号：LM-12；数量：2；负责工程师：韩冬；首次修复率：90%
"""
LIFTS = """\
# Lifts

lift_id: C-1; estate: Elm Court; door: north; inspector: Ann Hale
lift_id: C-2; estate: Elm Court; door: south; inspector: Ann Hale
lift_id: Q-1; estate: Oak House; door: north; inspector: Ben Orr
lift_id: Q-2; estate: Oak House; door: east; inspector: Ben Orr
lift_id: Q-3; estate: Oak House; door: west; inspector: Ben Orr
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("承德滦水医院装了多少台LM-12？", "15"),
        ("LM-12一共装了多少台？", "17台"),
        ("韩冬负责几家医院？", "2家"),
        ("How many lifts are at Oak House?", "3"),
    ],
)
def test_what_a_column_counts_is_summed_and_other_things_are_counted(question: str, answer: str) -> None:
    tables = [NamedTable("d", "", sheet) for text in (INSTALLED, LIFTS) for sheet in sheets(text)]
    found = compute(question, tables)
    assert found is not None
    assert found.text == answer


@pytest.mark.parametrize(
    "question",
    ["赣州章江医院那几台监护仪由哪位工程师负责？", "赣州章江医院好几台机器，负责工程师短号是多少？"],
)
def test_a_count_that_is_told_in_passing_is_not_asked_for(question: str) -> None:
    tables = [NamedTable("d", "", sheet) for sheet in sheets(INSTALLED)]
    assert compute(question, tables) is None


def test_a_head_that_no_table_has_is_not_looked_up() -> None:
    tables = [NamedTable("d", "2025年三季度", sheet) for sheet in sheets(INSTALLED)]
    assert look_up("赣州章江医院的负责工程师短号是多少？", tables) is None
    assert look_up("承德滦水医院二季度的首次修复率是多少？", tables) is None
    found = look_up("承德滦水医院三季度的首次修复率是多少？", tables)
    assert found is not None
    assert found.text == "88.5%"


def test_the_column_with_more_of_a_question_in_it_is_meant() -> None:
    rows = [["迅腾", "30分钟", "2小时"], ["锐升", "20分钟", "1小时"]]
    lines = table_lines(rows, ["供方", "困人到场时限", "一般故障到场时限"])
    tables = [NamedTable("d", "", sheet) for sheet in sheets("\n".join(lines))]
    found = look_up("锐升对一般故障的到场时限是多久？", tables)
    assert found is not None
    assert found.text == "1小时"


BANDS = [["A", "up to 12 miles", "07:30", "none"], ["B", "12 to 25 miles", "08:15", "£2.75"]]
BAND_COLUMNS = ["Band", "Distance", "Saturday and Sunday Latest", "Drop charge"]
INCOMES = [
    ["望江府", "2025年7月", "8240"],
    ["望江府", "2025年8月", "8890"],
    ["翠湖苑", "2025年7月", "4020"],
    ["翠湖苑", "2025年8月", "4100"],
]
KEPT = [["Metals", "90 days", "90 days"], ["Lubricants and fuels", "30 days", "21 days"]]


def named(rows: list[list[str]], columns: list[str]) -> list[NamedTable]:
    return [NamedTable("d", "", sheet) for sheet in sheets("\n".join(table_lines(rows, columns)))]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the latest time on a Saturday for band B?", "08:15"),
        ("What is the drop charge in band B?", "£2.75"),
    ],
)
def test_a_row_may_have_a_letter_for_a_name(question: str, answer: str) -> None:
    found = look_up(question, named(BANDS, BAND_COLUMNS))
    assert found is not None
    assert found.text == answer
    assert look_up(question.replace("band B", "plan B"), named(BANDS, BAND_COLUMNS)) is None


def test_of_several_rows_of_a_name_the_one_that_fits_is_meant() -> None:
    tables = named(INCOMES, ["项目", "月份", "充电服务费"])
    found = look_up("2025年8月望江府的充电服务费是多少？", tables)
    assert found is not None
    assert found.text == "8890"
    assert look_up("望江府的充电服务费是多少？", tables) is None


def test_a_column_that_is_named_wholly_leaves_room_for_other_words() -> None:
    rows = [["讲师", "46", "51"], ["高级讲师", "58", "64"]]
    tables = named(rows, ["职称", "超课时费（元/节） 南湖校区", "超课时费（元/节） 东岭校区"])
    found = look_up("讲师在东岭校区上课，超课时费每节多少元？", tables)
    assert found is not None
    assert found.text == "51"


def test_two_columns_are_compared_in_the_row_that_is_named() -> None:
    tables = named(KEPT, ["Material", "Kept after report Stockport", "Kept after report Livingston"])
    found = compute("Where are lubricants kept longer after the report, Stockport or Livingston?", tables)
    assert found is not None
    assert found.text == "Stockport"
    assert compute("Where are metals kept longer, Stockport or Livingston?", tables) is None  # a tie
