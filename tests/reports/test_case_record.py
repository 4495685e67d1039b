"""The Word record of a case: what it says, how it is set, that it can be trusted."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import translation
from docx.oxml.ns import qn
from docx.shared import Mm

from qingyuan import config
from qingyuan.bureau.cases.actions.work import act
from qingyuan.bureau.cases.models import Case, Exhibit
from qingyuan.bureau.judging.models import Finding
from qingyuan.bureau.reports.papers.case_record.facts import case_facts
from qingyuan.bureau.reports.papers.case_record.record import case_record
from reports.story import area_case, at, day_case, manual_case, open_outlet_case, silence_case
from reports.word import footers, lines, opened, pages, part
from web.factories import County

DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def test_trigger_says_value_limit_multiple_interval_basis_and_watermark(closed_case: Case) -> None:
    said = lines(case_record(closed_case, None))
    assert "超标判定|超标（小时均值）|项　　目|氮氧化物 NOx（实测）|数据截至|70" in said
    assert "数　　值|73.7 mg/m³|限　　值|50 mg/m³|超标倍数|0.47 倍" in said
    assert "时　　段|2026-11-21 05:00 至 06:00；标记截止 2026-11-21 11:30，判定 2026-11-21 08:30" in said
    assert "依　　据|排污许可证；规则 HJ212-2017+MEE-2022-21" in said


def test_the_hours_around_the_trigger_come_from_the_frozen_readings(closed_case: Case) -> None:
    said = lines(case_record(closed_case, None))
    assert "起始（日/时）|21/00|01|02|03|04|05|06|07|08|09|10|11" in said
    assert "NOx mg/m³|43.2|44.9|46.6|70.3|72|73.7|75.4|77.1|—|—|—|—" in said


def test_values_over_the_limit_stand_bold(closed_case: Case) -> None:
    tables = opened(case_record(closed_case, None)).tables
    row = next(t for t in tables if t.cell(0, 0).text.startswith("起始")).rows[1]
    bold = [c.text for c in row.cells if c.paragraphs[0].runs[0].font.bold]
    assert bold == ["70.3", "72", "73.7", "75.4", "77.1"]


def test_chain_of_hands_says_when_who_which_body_what_and_from_which_state_to_which(closed_case: Case) -> None:
    said = lines(case_record(closed_case, None))
    begin = said.index("时间|动作|经办（单位）|环节|说明")
    hands = [line.split("|")[:4] for line in said[begin + 1 : begin + 9]]
    chief, officer = "程科长（云沚生态环境局）", "陆执法（执法大队）"
    assert hands == [
        ["2026-11-21 12:30", "立案", chief, "待交办"],
        ["2026-11-21 13:30", "交办", chief, "待交办→待签收"],
        ["2026-11-21 14:30", "签收", officer, "待签收→办理中"],
        ["2026-11-21 16:30", "记录办理情况", officer, "办理中"],
        ["2026-11-21 16:30", "提出整改要求", officer, "办理中→整改中"],
        ["2026-11-23 10:30", "登记整改完成", officer, "整改中"],
        ["2026-11-23 12:30", "报请核实", officer, "整改中→待核实"],
        ["2026-11-23 17:30", "核实办结", chief, "待核实→已办结"],
    ]


def test_rectification_outcome_and_upper_order(closed_case: Case) -> None:
    said = lines(case_record(closed_case, None))
    assert any(
        s.startswith("修复喷氨泵") and "锦川热电有限公司|2026-11-24|2026-11-23 10:30 泵已更换" in s for s in said
    )
    assert "办理结果|已整改|办结时间|2026-11-23 17:30" in said
    assert "上级系统|省交办平台|交办单号|苏环交〔2026〕121 号|上级期限|2026-11-28 08:30" in said
    assert "回复内容|已查实为喷氨泵故障，11 月 23 日整改完成，数据恢复达标。" in said


def test_a_reopened_case_says_what_its_outcome_was(closed_case: Case, county: County) -> None:
    at(80)
    reopened = act(county.users["chief"], closed_case, "reopen", "企业来函，重新核查。")
    said = lines(case_record(reopened, None))
    assert any("重新办理" in line and "原办理结果：已整改" in line for line in said)
    assert "办理结果|—|办结时间|—" in said


def test_every_piece_of_evidence_has_both_digests_in_full(closed_case: Case) -> None:
    text = "\n".join(lines(case_record(closed_case, None)))
    kept = [e.evidence for e in Exhibit.objects.filter(case=closed_case)]
    assert len(kept) == 3
    for evidence in kept:
        assert f"SHA-256 {evidence.sha256}\nSM3     {evidence.sm3}" in text


def test_a_case_just_opened_shows_a_dash_where_there_is_nothing(county: County) -> None:
    said = lines(case_record(manual_case(county), None))
    assert "企业单位|—|点　　位|—" in said
    assert "承办单位|—|承 办 人|—" in said
    assert "—|—|—|—" in said  # no rectification yet
    assert "办理结果|—|办结时间|—" in said
    assert not any("上级交办" in line for line in said)


def test_an_informant_is_not_named_in_a_record_that_others_may_print(county: County) -> None:
    said = "\n".join(lines(case_record(manual_case(county), None)))
    assert county.fresh_lead.reporter == "王先生"
    assert "王先生" not in said


def test_an_investigation_lists_child_leads_and_their_fate(county: County) -> None:
    said = lines(case_record(area_case(county), None))
    assert any("上游菜场雨水口冒溢|AJ2026-0002 待交办|—" in line for line in said)
    assert any("养殖塘集中换水|不予立案|已按计划报备，监测达标" in line for line in said)
    assert "项　　目|水质类别|数　　值|Ⅳ 类|峰　　值|Ⅳ 类" in said
    assert not any(line.endswith("、整改") for line in said)


def test_a_judged_day_is_shown_hour_by_hour_gaps_included(county: County) -> None:
    said = lines(case_record(day_case(county), None))
    assert any(line.startswith("时　　段|2026-11-19 全日") for line in said)
    heads = [line for line in said if line.startswith("起始（日/时）")]
    assert heads == [
        "起始（日/时）|19/00|01|02|03|04|05|06|07|08|09|10|11",
        "起始（日/时）|19/12|13|14|15|16|17|18|19|20|21|22|23",
    ]
    hours = "|".join(line for line in said if line.startswith("NOx mg/m³"))
    assert hours.count("—") == 6


def test_a_silent_point_without_readings_says_so(county: County) -> None:
    said = lines(case_record(silence_case(county), None))
    assert "立案时该点位前后一日没有小时读数。" in said
    assert any("数据中断（预警）：北港印染废水总排口 数据中断 5 小时" in line for line in said)


def test_a_finding_that_was_corrected_later_says_so(closed_case: Case) -> None:
    Finding.objects.filter(lead__case=closed_case).update(is_current=False)
    assert "数据更正后已有新判定" in "\n".join(lines(case_record(closed_case, None)))


def test_damaged_frozen_readings_are_said_not_hidden(closed_case: Case) -> None:
    frozen = closed_case.exhibits.get(kind="readings").evidence
    path = config.data_dir() / "evidence" / frozen.sha256[:2] / frozen.sha256
    path.write_bytes(path.read_bytes() + b" ")
    said = "\n".join(lines(case_record(closed_case, None)))
    assert f"立案时冻结的读数不能使用：证据 {frozen.sha256[:12]} 缺失或已被改动" in said
    assert "起始（日/时）" not in said


def test_footer_has_page_number_maker_time_and_digest(closed_case: Case, county: County) -> None:
    odd, even = footers(case_record(closed_case, county.users["chief"]))
    for words in (odd, even):
        assert words.startswith("— 1 —")
        assert "制作：2026-11-23 17:30（北京时间），程科长" in words
        assert DIGEST.findall(words) == [case_facts(closed_case).digest()]
    assert "，系统，" in footers(case_record(closed_case, None))[0]


def test_page_numbers_are_fields_odd_right_even_left(closed_case: Case) -> None:
    content = case_record(closed_case, None)
    section = opened(content).sections[0]
    sides = [f.paragraphs[0].alignment for f in (section.footer, section.even_page_footer)]
    assert [str(s) for s in sides] == ["RIGHT (2)", "LEFT (0)"]
    assert "PAGE" in section.footer._element.xml
    assert "evenAndOddHeaders" in part(content, "word/settings.xml")


def test_the_same_case_at_the_same_time_gives_the_same_bytes(closed_case: Case) -> None:
    assert case_record(closed_case, None) == case_record(closed_case, None)


def test_the_digest_changes_with_the_case_and_not_with_the_time_of_printing(closed_case: Case, county: County) -> None:
    before = case_facts(closed_case).digest()
    first = case_record(closed_case, None)
    at(80)
    assert case_facts(closed_case).digest() == before
    assert case_record(closed_case, None) != first
    reopened = act(county.users["chief"], closed_case, "reopen", "企业来函，重新核查。")
    assert case_facts(reopened).digest() != before


def test_the_record_is_chinese_whatever_the_reader_speaks(closed_case: Case) -> None:
    with translation.override("en"):
        assert "氮氧化物" in "\n".join(lines(case_record(closed_case, None)))


def test_paper_margins_and_text_block_follow_gbt_9704(closed_case: Case) -> None:
    section = opened(case_record(closed_case, None)).sections[0]
    paper = (section.page_width, section.page_height)
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    found = (*paper, section.top_margin, section.left_margin, width, height)
    assert [round(length / Mm(1), 1) for length in found] == [210, 297, 37, 28, 156, 225]


def test_fonts_are_named_for_chinese_text_and_none_is_shipped(closed_case: Case) -> None:
    content = case_record(closed_case, None)
    runs = list(opened(content).element.body.iter(qn("w:rFonts")))
    assert {r.get(qn("w:eastAsia")) for r in runs} == {"方正小标宋简体", "仿宋", "黑体", "楷体"}
    assert 'w:eastAsia="仿宋"' in part(content, "word/styles.xml")
    assert 'w:eastAsia="宋体"' in opened(content).sections[0].footer._element.xml
    assert "embedRegular" not in part(content, "word/fontTable.xml")


def test_subscripts_are_real_ones(closed_case: Case) -> None:
    document = opened(case_record(closed_case, None))
    runs = [r for t in document.tables for row in t.rows for c in row.cells for p in c.paragraphs for r in p.runs]
    assert any(r.font.subscript and r.text == "x" for r in runs)
    assert not any("ₓ" in r.text for r in runs)


def test_a_normal_case_is_one_page(closed_case: Case, tmp_path: Path) -> None:
    assert pages(case_record(closed_case, None), tmp_path) == 1


def test_a_long_case_flows_on_with_its_table_heads(county: County, tmp_path: Path) -> None:
    case = open_outlet_case(county)
    at(5)
    fields = {"owner": county.team, "deadline": "2026-12-01T17:30"}
    case = act(county.users["chief"], case, "assign", "", fields)
    case = act(county.users["officer"], case, "accept")
    for n in range(25):
        at(6 + n)
        case = act(
            county.users["officer"], case, "report", f"第 {n + 1} 次现场检查：运行记录、药剂台账与在线数据逐项核对。"
        )
    content = case_record(case, None)
    assert part(content, "word/document.xml").count("<w:tblHeader") >= 3
    assert pages(content, tmp_path) == 2
