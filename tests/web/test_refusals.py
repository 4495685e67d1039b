"""A refusal speaks the language of the page: raised in Chinese, with values or without, it is told in English too.

On English pages about 110 refusals with values in them, and some 200 words of file checks, stayed Chinese.
"""

from __future__ import annotations

import pytest
from django.utils import translation

from qingyuan.bureau.base.refusals import REFUSALS
from qingyuan.bureau.base.told import _sentence, told
from web.may_stay import strangers
from web.refusals_in_code import HAN, raised, written


def test_each_sentence_that_the_code_raises_has_its_english() -> None:
    sentences = raised()
    assert len(sentences) > 400, "the code was hardly read"
    with translation.override("en"):
        chinese = [f"{where} {text} -> {told(text)}" for where, text in sentences if strangers(told(text), [], "en")]
    assert chinese == []


def test_chinese_readers_get_what_was_raised_to_the_letter() -> None:
    for language in ("zh-hans", None):
        with translation.override(language):
            assert [text for _where, text in raised() if told(text) != text] == []


def test_each_sentence_of_the_table_stands_in_the_code() -> None:
    """A sentence that nothing says any more is taken out."""
    texts = [text for text in written() if HAN.search(text)]
    assert [s for s in REFUSALS if not any(_sentence(s).values(text) is not None for text in texts)] == []


def test_no_sentence_stands_twice() -> None:
    assert len(set(REFUSALS)) == len(REFUSALS)


DRY_RUN = (
    "试运行，没有写入；可导入读数 12 个；新点位 3 个：A（河口）、B 等 3 个；"
    "正式导入时须勾选“新建点位”（命令加 --new-points）；没有用到的列：备注；空值 5 个"
)
DRY_RUN_IN_ENGLISH = (
    "dry run, nothing written; 12 readings can be imported; 3 new points: A (河口), B and others, 3 in all; "
    'tick "Create new points" when importing (with the command, --new-points); '
    "columns not used: 备注; 5 empty values"
)
READ = "河口.csv：读到有 5 个工作表的工作簿；需要不超过 3 个工作表"
READ_IN_ENGLISH = "河口.csv: read a workbook of 5 sheets; needed at most 3 sheets"
MANY = "编号 A1 在文件里有几个名称：河口、闸；桥；一个编号一个点位"


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("用户名“张三”已被使用；请换一个", 'The user name "张三" is taken; choose another'),
        ("得到角色“x”，应为：局领导、执法人员", 'Got the role "x"; expected: Director, Enforcement officer'),
        (READ, READ_IN_ENGLISH),
        (DRY_RUN, DRY_RUN_IN_ENGLISH),
        (MANY, "The code A1 has several names in the file: 河口, 闸; 桥; one code is one point"),
        ("文件“图\n1%%.gif”是空的；请重新选择", 'The file "图\n1%%.gif" is empty; choose again'),
        (
            "缺少列：单位、限值；得到列：备注。可用 `qingyuan devices template` 取得样表",
            "Missing columns: 单位、限值; got the columns: 备注. `qingyuan devices template` gives a template",
        ),
        ("污水 与 雨水", "污水 与 雨水"),
    ],
)
def test_values_stay_as_they_were_given(said: str, english: str) -> None:
    with translation.override("en"):
        assert told(said) == english
