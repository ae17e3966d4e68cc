"""Write the sample documents that are not plain text: .pdf, .docx, .pptx and .xlsx.

Run it from anywhere: ``python examples/make_documents.py [folder]``. Without a folder the files go to
``examples/documents``. Needs reportlab, python-docx, python-pptx and openpyxl. With the same versions of
these libraries, every run writes the same bytes: dates inside the files are fixed.
"""

# ruff: noqa: E501  (most lines are the texts of documents)

from __future__ import annotations

import datetime as dt
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Font
from pptx import Presentation
from pptx.util import Pt
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

STAMP = dt.datetime(2025, 3, 1, 8, 0, 0)
CJK = "STSong-Light"  # a font every PDF reader knows by name; it is not embedded

# A document is a list of blocks: ("h1" | "h2" | "p" | "li", text), ("table", rows) or ("page", "").
Block = tuple[str, Any]


# --------------------------------------------------------------------------------------------------------
# PDF, English: the manual of the B-200
# --------------------------------------------------------------------------------------------------------

B200_MANUAL: list[Block] = [
    ("h1", "B-200 centrifugal pump: installation and maintenance manual"),
    ("p", "Document: MA-B200-EN, edition 6, May 2024. Keep this manual next to the pump."),
    ("h2", "1. About this manual"),
    (
        "p",
        "This manual is written for fitters and for the people who look after the pump afterwards. Read "
        "chapters 2 and 3 before you lift the pump from its pallet. The chapters on operation and "
        "maintenance may be read later, but please do read them: four out of five requests that reach our "
        "after-sales service are answered there. The head of after-sales service is Zhao Peng (赵鹏); his "
        "team can be reached at service@zaolin.example.",
    ),
    ("h2", "2. Intended use"),
    (
        "p",
        "The B-200 is made for clean or slightly turbid water without long fibres. Its rated flow is "
        "25 m³/h at a head of 32 m. The temperature of the liquid must not exceed 80 °C, and the "
        "highest permitted pressure in the housing is 10 bar. The pump is not made for fuel, "
        "sea water or liquid food.",
    ),
    (
        "p",
        "Do not use the pump in rooms where explosive gases may occur. The motor is cooled by air: leave at "
        "least 150 mm between the fan cover and the nearest wall. At altitudes above 1,000 m the motor "
        "delivers less power; ask us before you order.",
    ),
    ("h2", "3. Transport and storage"),
    (
        "p",
        "The pump weighs 58 kg. Use a hoist and two straps around the housing, never the eye bolt of the "
        "motor, which is made for the motor alone. Store the pump in a dry place and turn the shaft by hand "
        "once a month so that the seal faces do not stick together.",
    ),
    ("page", ""),
    ("h2", "4. Installation"),
    (
        "p",
        "Set the pump on a level concrete foundation that has cured for at least seven days. Put the four "
        "foot bolts in place and tighten them crosswise, first by hand and then to 45 N·m. Check the "
        "torque again after the first day of operation, because the concrete settles a little.",
    ),
    (
        "p",
        "The pipes must not rest on the pump. Support them on both sides, and fit a valve before and behind "
        "the pump so that it can be taken out later without draining the whole system. On the suction side "
        "the pipe rises steadily towards the pump; a high point would collect air. The suction lift should "
        "not exceed 5 m.",
    ),
    ("h2", "5. Electrical connection"),
    (
        "p",
        "Only a qualified electrician may connect the motor. Use a motor protection switch set to 8.2 A. "
        "Connect the earth conductor first. Start the motor for one second and watch the fan: seen from the "
        "fan side it turns clockwise. If it turns the other way, swap two of the three phases.",
    ),
    ("h2", "6. First start"),
    ("li", "Open the valve on the suction side completely."),
    ("li", "Loosen the upper screw until water comes out without bubbles, then tighten it."),
    ("li", "Start the pump with the outlet valve a quarter open, and open it slowly over one minute."),
    ("li", "Listen. A healthy B-200 hums; it does not whistle, rattle or knock."),
    (
        "p",
        "Never let the pump run without water, not even to test the motor. The mechanical seal is lubricated "
        "by the water and is destroyed within a few minutes when dry.",
    ),
    ("page", ""),
    ("h2", "7. Maintenance"),
    (
        "p",
        "The B-200 needs little care, but it needs it regularly. The table shows the intervals for normal "
        "use. Halve them when the pump runs day and night or when the water carries sand.",
    ),
    (
        "table",
        [
            ["Interval", "Work"],
            ["Every month", "Listen for noise, look for drops below the seal"],
            ["Every 6 months", "Check the foot bolts and the alignment"],
            ["Every 4,000 hours", "Grease the bearings with 12 g of lithium grease"],
            ["Every 8,000 hours", "Replace the mechanical seal"],
            ["Every 5 years", "Open the housing, measure the impeller gap"],
        ],
    ),
    (
        "p",
        "The gap between impeller and wear ring is 0.35 mm when new. Replace the wear ring when the gap "
        "has grown to 0.9 mm; by then the pump has lost about a tenth of its flow.",
    ),
    ("h2", "8. Taking the pump out of service"),
    (
        "p",
        "Before a long break, and always before frost, drain the housing through the lower screw and turn the "
        "shaft a few times by hand. A drop of glycerine on the seal faces keeps them from sticking. Write the "
        "date on the label at the motor so that the next fitter knows how long the pump has stood.",
    ),
    ("h2", "9. Disposal"),
    (
        "p",
        "The housing is cast iron, the impeller stainless steel and the motor mostly copper and steel; all "
        "of it can be recycled. Take the grease to a collection point for used oil.",
    ),
]

# --------------------------------------------------------------------------------------------------------
# PDF, Chinese: the contract with a customer
# --------------------------------------------------------------------------------------------------------

MINGZE_CONTRACT: list[Block] = [
    ("h1", "水泵及控制器采购合同"),
    ("p", "合同编号：ZL-2024-017"),
    ("p", "签订日期：2024年4月26日"),
    ("p", "甲方（买方）：明泽水务有限公司（Mingze Water）"),
    ("p", "乙方（卖方）：枣林仪器有限公司（Zaolin Instruments）"),
    ("p", "甲乙双方经友好协商，就甲方向乙方采购泵站设备一事达成一致，订立本合同。"),
    ("h2", "第一条 标的与价格"),
    ("p", "乙方向甲方供应下列设备。单价按乙方2024年目录价的九五折计算，含税，含运费。"),
    (
        "table",
        [
            ["设备", "数量", "单价（元）", "金额（元）"],
            ["B-350水泵", "48台", "17,670", "848,160"],
            ["C-8控制器", "12台", "6,555", "78,660"],
            ["合计", "", "", "926,820"],
        ],
    ),
    ("p", "合同总价为人民币926,820元。合同履行期间，原材料价格变动不影响单价。"),
    ("h2", "第二条 交货"),
    (
        "p",
        "设备分两批交货。第一批为24台水泵和6台控制器，于2024年8月31日前交付；第二批为其余设备，"
        "于2024年11月30日前交付。",
    ),
    ("p", "交货地点：明泽县物资中心仓库。"),
    ("p", "乙方负责运输和保险，甲方负责卸货。设备到货以后，双方当场清点数量、检查外观并签署到货单。"),
    ("h2", "第三条 安装与验收"),
    (
        "p",
        "甲方负责安装，乙方派一名工程师到现场指导，指导费用已经包含在合同总价之内。每座泵站安装完成后"
        "连续运行72小时，没有发生停机故障的，视为该站验收合格，双方签署验收单。",
    ),
    ("h2", "第四条 付款"),
    ("p", "合同签订后10日内，甲方支付合同总价的30%作为预付款；全部泵站验收合格后30日内，支付合同总价的65%。"),
    ("p", "其余5%作为质保金，质保期满且没有未处理的质量问题的，甲方在15日内无息付清。"),
    ("page", ""),
    ("h2", "第五条 质保"),
    (
        "p",
        "质保期为三十个月，自每座泵站验收合格之日起计算。乙方保修政策规定的期限与本条不一致的，以本条为准。",
    ),
    (
        "p",
        "质保期内发生故障，乙方应当在24小时内答复，需要到现场的，应当在72小时内到达。因乙方产品或者软件的缺陷"
        "造成设备损坏的，由乙方免费修理或者更换。",
    ),
    ("h2", "第六条 违约责任"),
    ("p", "乙方逾期交货的，每逾期一日，按照合同总价的万分之三支付违约金，累计不超过合同总价的4%。"),
    ("p", "甲方逾期付款的，按照同期贷款市场报价利率支付利息。"),
    ("h2", "第七条 培训"),
    (
        "p",
        "乙方为甲方的值班人员举办两期培训，每期三天，每期不超过15人。培训内容包括水泵的日常维护、控制器的参数设置"
        "以及故障代码的识别和处理。培训在甲方所在地进行，教材由乙方提供。",
    ),
    ("h2", "第八条 不可抗力与争议解决"),
    ("p", "因地震、洪水等不可抗力不能按期履行的，受影响的一方应当在7日内书面通知对方，双方协商延期。"),
    ("p", "因本合同发生争议，双方应当先行协商；协商不成的，提交甲方所在地人民法院处理。"),
    ("h2", "第九条 其他"),
    ("p", "本合同一式四份，甲乙双方各执两份，自双方签字盖章之日起生效。"),
    ("p", "甲方代表：韩松"),
    ("p", "乙方代表：林悦"),
]

# --------------------------------------------------------------------------------------------------------
# DOCX
# --------------------------------------------------------------------------------------------------------

INCIDENT_REPORT: list[Block] = [
    ("h1", "Incident report: dry running at the East Suburb pumping station"),
    (
        "p",
        "Report number: QR-2024-11. Author: Luo Wei (罗伟), quality manager. Date: 29 November 2024. "
        "Classification: internal, may be shown to the customer.",
    ),
    ("h2", "Summary"),
    (
        "p",
        "On 18 November 2024 two B-350 pumps ran without water for 23 minutes at the East Suburb pumping "
        "station (东郊泵站) of our customer Mingze Water (明泽水务). Both mechanical seals were destroyed. The supply to "
        "about 3,200 households was interrupted for 5 hours and 40 minutes. Nobody was hurt, and the "
        "drinking water was not contaminated.",
    ),
    ("h2", "What happened"),
    (
        "table",
        [
            ["Time", "Event"],
            ["02:10", "A grid upstream clogs with leaves; the level in the suction basin begins to fall"],
            ["02:31", "The float of the level sensor gets stuck; the reading stays at 1.42 m"],
            ["03:05", "The suction basin is empty; pumps 1 and 2 run dry"],
            ["03:28", "The operator on duty hears the noise and stops both pumps by hand"],
            ["08:45", "A fitter from Linhai finishes replacing both seals; supply is restored"],
        ],
    ),
    (
        "p",
        "The operator acted correctly and quickly. The remaining six pumps were on standby and were not "
        "damaged, but they draw from the same basin and could not help.",
    ),
    ("h2", "Root cause"),
    (
        "p",
        "The station is run by C-8 controllers with firmware 2.3.2. The controller received a level of 1.42 m "
        "for more than half an hour and took it for valid, although a real level is never perfectly still. "
        "Dry-run protection therefore did not trip. A broken wire would have been noticed; a stuck float was "
        "not. The fault was entered in the defect register as FW-318. It had been present since the "
        "first version of the firmware.",
    ),
    (
        "p",
        "A contributing cause was the grid, which had last been cleaned in August. Cleaning is the customer's "
        "task, but our commissioning checklist did not mention it.",
    ),
    ("h2", "Actions"),
    ("li", "The firmware group corrects FW-318 and tells all customers when the correction is available."),
    (
        "li",
        "After-sales service replaces the seals at our cost, because the damage was caused by a fault in "
        "firmware.",
    ),
    (
        "li",
        "The commissioning checklist gets a line on grids and strainers. Responsible: Zhou Qiming (周启明).",
    ),
    ("li", "The test pool in Linhai gets a test case with a blocked float. Responsible: Ye Ting (叶婷)."),
    ("h2", "What went well"),
    (
        "p",
        "The spare seals were on the shelf in Linhai, and the fitter left within twenty minutes of the call. "
        "The event log of the controller was complete, so that the root cause was known on the same day.",
    ),
]

BOARD_MINUTES: list[Block] = [
    ("h1", "Minutes of the board meeting of 21 February 2025"),
    (
        "p",
        "Place: headquarters, Qinghe. Begin: 9:30. End: 12:15. Chair: Xu Wenhua (许文华). Present: Gao Min (高敏), "
        "Lin Yue (林悦), Qian Bo (钱波), Sun Qiang (孙强). Minutes taken by: Jiang Yun (蒋云).",
    ),
    ("h2", "1. Minutes of the last meeting"),
    ("p", "The minutes of the meeting of 22 November 2024 were approved without changes."),
    ("h2", "2. Results of 2024"),
    (
        "p",
        "Qian Bo presented the accounts. Revenue in 2024 was RMB 386 million, of which pumps contributed 58 "
        "percent, flow meters 29 percent and controllers 13 percent. Exports made up slightly less than a "
        "fifth. The operating margin suffered from higher prices for copper and castings in the second half of "
        "the year. The board thanked all employees and approved the accounts. A dividend of RMB 11.5 million "
        "will be paid in June.",
    ),
    ("h2", "3. Second test line in Linhai"),
    (
        "p",
        "Lin Yue explained that the endurance tests of large pumps have become a bottleneck: customers wait up to "
        "five weeks for a witnessed test. The board approved RMB 6.8 million for a second test line at the "
        "Linhai plant. The line shall be in operation by March 2026. Chen Guang (陈光) reports on progress at "
        "every meeting.",
    ),
    ("h2", "4. The future of the C-5"),
    (
        "p",
        "Sun Qiang proposed to withdraw the C-5 controller, whose processor is no longer made. Stocks last for "
        "about eighteen months. After a discussion about farm customers, for whom the C-8 is too large, the "
        "board decided that last orders for the C-5 will be accepted until 30 June 2026. Spare parts remain "
        "available for ten years after that. A small successor shall be proposed in the autumn.",
    ),
    ("h2", "5. Lessons from November"),
    (
        "p",
        "Lin Yue reported on the dry running at a customer's pumping station in November 2024. The direct cost to the "
        "company was RMB 74,000. The customer praised the open way in which the report was shared. Gao Min "
        "asked for a yearly review of all protective functions by someone outside the firmware group; the board "
        "agreed.",
    ),
    ("h2", "6. Next meeting"),
    ("p", "The next meeting takes place on 23 May 2025 in Linhai, with a visit to the building site."),
]

LEAVE_POLICY: list[Block] = [
    ("h1", "员工休假管理办法"),
    ("p", "文件编号：HR-P-03　版本：第7版　生效日期：2025年1月1日"),
    ("h2", "一、目的和适用范围"),
    (
        "p",
        "为了保障员工的休息权利，规范请假手续，制定本办法。本办法适用于与公司签订劳动合同的全体境内员工。"
        "实习生参照执行。",
    ),
    ("h2", "二、年休假"),
    ("p", "年休假天数按照员工在本公司的工龄计算，见下表。年休假按工作日计算，法定节假日和周末不计入。"),
    (
        "table",
        [
            ["本公司工龄", "每年年休假"],
            ["满一年不满五年", "7天"],
            ["满五年不满十年", "10天"],
            ["满十年以上", "15天"],
        ],
    ),
    (
        "p",
        "当年没有休完的年休假可以结转，但最迟应当在次年3月31日前休完。因工作需要无法安排的，经本人同意，"
        "按照国家规定支付报酬。",
    ),
    ("h2", "三、其他带薪假期"),
    ("p", "婚假：13天，自登记之日起一年内有效，原则上一次休完。"),
    ("p", "陪产假：20天，应当在子女出生后六个月内休完，可以分两次。"),
    ("p", "丧假：直系亲属去世的，给予3天；需要到外地料理的，另给路程假。"),
    ("p", "搬家假：每两年1天，需要提供新住址证明。"),
    ("h2", "四、病假"),
    (
        "p",
        "员工因病不能上班的，应当在当天上午十点以前通知直接主管。连续病假超过两天的，需要提供医院证明。"
        "病假期间的工资按照本人基本工资的80%发放，每年累计30天以内有效；超过30天的，按照国家和当地的规定执行。",
    ),
    ("h2", "五、审批权限"),
    (
        "p",
        "连续请假不超过三个工作日的，由直接主管审批；四至十个工作日的，由部门负责人审批；"
        "超过十个工作日的，部门负责人同意以后，最终由人力资源总监审批。",
    ),
    ("p", "所有请假都应当事先在办公平台提交申请。遇到紧急情况，可以先口头请假，返岗后两个工作日内补办手续。"),
    ("h2", "六、附则"),
    (
        "p",
        "未办理手续擅自离岗的，按照旷工处理。本办法由人力资源部负责解释，每两年修订一次。修订前应当征求职工代表的意见。",
    ),
]

# --------------------------------------------------------------------------------------------------------
# PPTX: (title, bullet lines, speaker notes)
# --------------------------------------------------------------------------------------------------------

Slide = tuple[str, list[str], str]

PROJECT_HERON: list[Slide] = [
    (
        "Project Heron: final report",
        [
            "Leak monitoring for the Oosterdam Water Board",
            "Project manager: Ingrid Maas, Rotterdam office",
            "Sponsor: Sarah Whitfield, head of overseas sales",
            "January 2025",
        ],
        "Welcome and thanks to the colleagues of the water board. The presentation takes twenty minutes, and "
        "questions are welcome at any time.",
    ),
    (
        "Why we started",
        [
            "The Noorderpolder district lost 17 percent of its water on the way to the taps",
            "The pipes date from 1962 to 1988, and digging is expensive on clay",
            "The customer wanted meters that can be fitted without cutting a pipe",
            "Term of the pilot: March to December 2024",
            "Budget: EUR 210,000, shared equally by both partners",
        ],
        "The loss was measured over the whole of 2023. It includes water used by the fire brigade, about half a "
        "percent.",
    ),
    (
        "What we installed",
        [
            "34 clamp-on flow meters, model F-30, in inspection chambers along the main pipes",
            "Readings every 15 minutes, sent by radio during the night",
            "Two fitters needed nine working days for all chambers",
            "One chamber was flooded twice; the meter kept working",
        ],
        "The nine days include two days of waiting while the access road was frozen in early March.",
    ),
    (
        "What we found",
        [
            "14 leaks were located, 11 of them were repaired before the end of the pilot",
            "The loss fell from 17 percent to 11 percent",
            "The largest leak lay under the car park of a swimming pool: 3.1 m³/h",
            "Two false alarms, both caused by the filling of a fire pond",
        ],
        "The swimming pool had complained about damp changing rooms for years. Nobody had thought of the street.",
    ),
    (
        "What we learned",
        [
            "Clean pipes matter more than anything else: loose paint cost us a week",
            "Night flow between 2:00 and 4:00 shows a leak most clearly",
            "The water board's own staff can fit the meters after one day of training",
        ],
        "The training material has been translated into Dutch and may be used by the customer freely.",
    ),
    (
        "Next steps",
        [
            "The water board decides in April 2025 about a further 120 meters",
            "Zaolin offers to take over the evaluation for two years",
            "The pilot meters stay where they are until the decision",
        ],
        "Sarah Whitfield can be reached at sarah.whitfield@zaolin.example.",
    ),
]

PROJECT_QINGLIU: list[Slide] = [
    (
        "清流项目（Project Qingliu）：泵站改造进展汇报",
        [
            "客户：明泽水务有限公司",
            "项目经理：周启明（Zhou Qiming）",
            "汇报日期：2025年1月15日",
        ],
        "本次汇报面向公司管理层，时间约十五分钟。项目组成员来自工程项目部、售后服务部和研发中心。",
    ),
    (
        "项目背景",
        [
            "明泽县的六座泵站建于上世纪九十年代，水泵老化，能耗偏高",
            "夏季用水高峰时，县城东部和北部的水压经常不足",
            "客户希望实现集中监控，夜间无人值守",
            "项目目标：泵站总用电量降低18%",
        ],
        "用电量的比较基准是2023年全年的电表读数，由客户提供，双方已经核对。",
    ),
    (
        "改造内容",
        [
            "每座泵站安装8台B-350水泵，共48台",
            "每座泵站配备2台C-8控制器，一用一备",
            "更换进水格栅，加装液位传感器",
            "在水务公司调度室建立监控平台，显示全部泵站的流量、压力和报警",
        ],
        "旧水泵由客户自行处理。监控平台的服务器由客户采购，软件由我方安装调试。",
    ),
    (
        "目前进展",
        [
            "东郊、南门两座泵站已经投入运行",
            "西河泵站正在安装，预计2025年3月验收",
            "其余三座泵站计划在2025年9月底以前全部完工",
            "已运行的两座泵站，用电量平均降低15%",
        ],
        "15%是三个月的平均值。水泵轮换策略调整以后，数字还有改善的余地。",
    ),
    (
        "问题与对策",
        [
            "2024年11月东郊泵站发生水泵缺水干转，已更换机械密封，并升级了控制器固件",
            "西河泵站地基沉降，需要重新浇筑水泵基础，工期增加三周",
            "值班人员对控制器还不熟悉，第二期培训提前到2025年2月举行",
        ],
        "东郊泵站的进水格栅已经改为每月清理一次，由值班人员拍照上传。",
    ),
    (
        "下一步工作",
        [
            "二月：举办第二期培训，完成西河泵站水泵基础",
            "三月：西河泵站验收",
            "四月：北岭泵站开工，施工期间由临时泵车保障供水",
            "每月最后一个星期五召开项目例会，客户和施工单位共同参加",
        ],
        "需要管理层支持的事项：四月份从临海工厂抽调两名装配工人到现场，为期六周。",
    ),
]

# --------------------------------------------------------------------------------------------------------
# XLSX: (sheet name, rows)
# --------------------------------------------------------------------------------------------------------

Sheet = tuple[str, list[list[Any]]]

PRICE_LIST: list[Sheet] = [
    (
        "Products 产品",
        [
            [
                "Model 型号",
                "Product",
                "产品",
                "List price 目录价 (RMB)",
                "Minimum order 起订量",
                "Delivery 供货周期 (weeks)",
            ],
            ["A-80", "Submersible pump", "潜水泵", 3450, 1, 3],
            ["B-200", "Centrifugal pump", "离心泵", 7800, 1, 4],
            ["B-350", "Centrifugal pump", "离心泵", 18600, 1, 6],
            ["F-10 DN25", "Electromagnetic flow meter", "电磁流量计", 2980, 2, 3],
            ["F-10 DN50", "Electromagnetic flow meter", "电磁流量计", 3460, 2, 3],
            ["F-10 DN80", "Electromagnetic flow meter", "电磁流量计", 4150, 1, 3],
            ["F-10 DN150", "Electromagnetic flow meter", "电磁流量计", 6720, 1, 5],
            ["F-30", "Clamp-on ultrasonic flow meter", "外夹式超声波流量计", 9400, 1, 8],
            ["C-5", "Pump controller", "水泵控制器", 2650, 1, 2],
            ["C-8", "Pump controller", "水泵控制器", 6900, 1, 4],
        ],
    ),
    (
        "Services 服务",
        [
            ["Service", "服务项目", "Price 价格 (RMB)", "Unit 单位"],
            ["Commissioning on site", "现场调试", 1800, "per day 每天"],
            ["Calibration of a flow meter", "流量计校准", 650, "per meter 每台"],
            ["Training at the customer's site", "上门培训", 2400, "per day 每天"],
            ["Witnessed pump test", "水泵见证试验", 3200, "per pump 每台"],
        ],
    ),
    (
        "Terms 条款",
        [
            ["Item 项目", "Text", "说明"],
            ["Valid from 生效日期", "1 January 2025", "2025年1月1日"],
            ["Valid until 失效日期", "31 December 2025", "2025年12月31日"],
            ["Tax 税", "Prices include value added tax", "价格含增值税"],
            [
                "Freight 运费",
                "Free within mainland China for orders above RMB 20,000",
                "中国大陆境内订单满20,000元免运费",
            ],
            ["Changes 变动", "Unchanged from 2024 except for the F-30", "除F-30外，价格与2024年相同"],
        ],
    ),
]

SUPPLIERS: list[Sheet] = [
    (
        "Suppliers 供应商",
        [
            [
                "Supplier",
                "供应商",
                "City",
                "城市",
                "Parts",
                "供应品类",
                "Contact 联系人",
                "Since 合作起始",
                "Rating 2024 评级",
            ],
            [
                "Hengquan Seals",
                "衡泉密封",
                "Ningbo",
                "宁波",
                "mechanical seals",
                "机械密封",
                "Pan Yi 潘毅",
                2004,
                "A",
            ],
            ["Baoqu Motors", "葆渠电机", "Wenling", "温岭", "motors", "电机", "Ruan Bin 阮斌", 2008, "B"],
            [
                "Huayan Castings",
                "桦岩铸造",
                "Taizhou",
                "台州",
                "pump castings",
                "泵体铸件",
                "Jin Hong 金宏",
                2008,
                "A",
            ],
            ["Ruoxi Alloys", "若溪合金", "Wuxi", "无锡", "electrodes", "电极", "Shao Lei 邵蕾", 2011, "A"],
            [
                "Fjordvik Sensors",
                "峡湾传感",
                "Bergen",
                "卑尔根",
                "ultrasonic transducers",
                "超声换能器",
                "Nils Aasen",
                2016,
                "A",
            ],
            [
                "Lingbo Acoustics",
                "聆波声学",
                "Hangzhou",
                "杭州",
                "ultrasonic transducers",
                "超声换能器",
                "Yu Na 俞娜",
                2024,
                "on trial 试用",
            ],
            [
                "Dongchi Circuits",
                "东炽电路",
                "Suzhou",
                "苏州",
                "circuit boards",
                "电路板",
                "Gu Wei 顾伟",
                2018,
                "B",
            ],
            [
                "Yunque Electronics",
                "云鹊电子",
                "Hefei",
                "合肥",
                "circuit boards",
                "电路板",
                "Tao Ran 陶然",
                2022,
                "A",
            ],
        ],
    ),
    (
        "Notes 说明",
        [
            ["Text", "说明"],
            [
                "Ratings: A 90 points and above, B 75 to 89, C below 75.",
                "评级：90分以上为A级，75分至89分为B级，75分以下为C级。",
            ],
            [
                "Suppliers on trial deliver samples and small batches only.",
                "试用期供应商只提供样品和小批量货物。",
            ],
            ["Kept by Fang Li, purchasing. State: January 2025.", "由采购部方丽维护，数据截至2025年1月。"],
        ],
    ),
]


# --------------------------------------------------------------------------------------------------------
# Writers
# --------------------------------------------------------------------------------------------------------


def _mark_up(text: str, chinese: bool) -> str:
    """Escape for reportlab; in a document with a Latin font, set Chinese characters in the CJK font."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    if chinese:
        return text
    return re.sub(r"([\u4e00-\u9fff]+)", rf'<font name="{CJK}">\1</font>', text)


def write_pdf(path: Path, blocks: list[Block], title: str, footer: str, chinese: bool) -> None:
    body, bold = (CJK, CJK) if chinese else ("Helvetica", "Helvetica-Bold")
    wrap = "CJK" if chinese else None
    text = ParagraphStyle("p", fontName=body, fontSize=11, leading=17, spaceAfter=7, wordWrap=wrap)
    styles = {
        "h1": ParagraphStyle(
            "h1",
            text,
            fontName=bold,
            fontSize=18,
            leading=24,
            spaceAfter=14,
            alignment=TA_CENTER if chinese else 0,
        ),
        "h2": ParagraphStyle(
            "h2", text, fontName=bold, fontSize=13, leading=18, spaceBefore=9, spaceAfter=6, keepWithNext=1
        ),
        "p": text,
        "li": ParagraphStyle("li", text, leftIndent=14, bulletIndent=2, spaceAfter=4),
    }
    flow: list[Any] = []
    for kind, value in blocks:
        if kind == "page":
            flow.append(PageBreak())
        elif kind == "table":
            table = Table(
                [[Paragraph(_mark_up(c, chinese), text) for c in row] for row in value], hAlign="LEFT"
            )
            table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.4, "#888888")]))
            flow += [table, Spacer(1, 8)]
        else:
            bullet = "-" if kind == "li" else None
            flow.append(Paragraph(_mark_up(value, chinese), styles[kind], bulletText=bullet))

    def on_page(canvas: Any, doc: Any) -> None:
        canvas.setFont(body, 8)
        canvas.drawString(22 * mm, 12 * mm, footer.format(page=doc.page))

    document = SimpleDocTemplate(
        str(path),
        pagesize=A4,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=22 * mm,
        bottomMargin=22 * mm,
        title=title,
        author="Zaolin Instruments",
        invariant=1,
    )
    document.build(flow, onFirstPage=on_page, onLaterPages=on_page)


def write_docx(path: Path, blocks: list[Block], title: str) -> None:
    document = Document()
    for kind, value in blocks:
        if kind in ("h1", "h2"):
            document.add_heading(value, level=int(kind[1]))
        elif kind == "li":
            document.add_paragraph(value, style="List Bullet")
        elif kind == "table":
            table = document.add_table(rows=0, cols=len(value[0]), style="Table Grid")
            for row in value:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(value)
    _set_properties(document.core_properties, title)
    document.save(str(path))
    _fix_zip(path)


def write_pptx(path: Path, slides: list[Slide], title: str) -> None:
    deck = Presentation()
    for heading, lines, notes in slides:
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = heading
        frame = slide.placeholders[1].text_frame
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.text = line
            paragraph.font.size = Pt(22)
        slide.notes_slide.notes_text_frame.text = notes
    _set_properties(deck.core_properties, title)
    deck.save(str(path))
    _fix_zip(path)


def write_xlsx(path: Path, sheets: list[Sheet], title: str) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for column in sheet.columns:
            widest = max(len(str(cell.value or "")) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = min(60, widest + 4)
    book.properties.creator = "Zaolin Instruments"
    book.properties.title = title
    book.properties.created = STAMP
    book.save(str(path))
    _fix_zip(path)


def _set_properties(properties: Any, title: str) -> None:
    properties.title = title
    properties.author = properties.last_modified_by = "Zaolin Instruments"
    properties.created = properties.modified = STAMP
    properties.comments = ""


def _fix_zip(path: Path) -> None:
    """Write an Office file again with fixed dates, so that the same texts give the same bytes."""
    with zipfile.ZipFile(path) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    stamp = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts:
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            info = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, data)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    pdfmetrics.registerFont(UnicodeCIDFont(CJK))
    write_pdf(
        folder / "b200-manual.pdf",
        B200_MANUAL,
        "B-200 installation and maintenance manual",
        "Zaolin Instruments - B-200 manual, edition 6 - page {page}",
        chinese=False,
    )
    write_pdf(
        folder / "mingze-contract-zh.pdf",
        MINGZE_CONTRACT,
        "水泵及控制器采购合同",
        "合同编号 ZL-2024-017 第{page}页",
        chinese=True,
    )
    write_docx(folder / "incident-report-2024-11.docx", INCIDENT_REPORT, "Incident report QR-2024-11")
    write_docx(folder / "board-minutes-2025-02.docx", BOARD_MINUTES, "Board minutes, 21 February 2025")
    write_docx(folder / "leave-policy-zh.docx", LEAVE_POLICY, "员工休假管理办法")
    write_pptx(folder / "project-heron.pptx", PROJECT_HERON, "Project Heron: final report")
    write_pptx(folder / "project-qingliu-zh.pptx", PROJECT_QINGLIU, "清流项目：泵站改造进展汇报")
    write_xlsx(folder / "price-list-2025.xlsx", PRICE_LIST, "Price list 2025 / 2025年价格表")
    write_xlsx(folder / "suppliers.xlsx", SUPPLIERS, "Suppliers / 供应商名录")


if __name__ == "__main__":
    main()
