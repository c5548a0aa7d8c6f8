"""Why a page waits for a person, or is no page to file: code → sentence.  Codes are kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, str]] = {
    "incomplete": "这份文书的其他页还没有到",
    "no_code": "没有读到页码：可能是外来文件、页角缺损或页码被遮住",
    "foreign": "页上的二维码不是康档的页码：可能是外来文件",
    "refused": "页码核对不符：不是本站打印的，或印坏了",
    "sample": "这是样例打印件，不能归档",
    "double_feed": "这一页上有两张纸的页码（可能两张一起进纸）：请分开后重新扫描",
    "seen_through": "页上只有反的页码（从纸背透过来，或按镜像扫描）：请人工核对是不是空白背面",
    "no_print": "读到了页码，页上却几乎没有印刷内容（可能是别处透过来的）：请人工核对",
    "differs": "这一页已有一份，这次扫描的可能多了字迹、印章或更清楚：请人工对照",
    "only_copy": "同一页的另一份已退回或作废，只剩这一份：请人工核对",
    "filed_without": "这份打印件归档时缺这一页：请人工核对",
    "unreadable": "这一页的图像已损坏，读不出来：请重新扫描",
    "cut_short": "文件从这里起读不出来，后面可能还有页：请重新扫描",
    "working_copy": "这是工作稿（由 Word 文件打印），不知道是第几页：请人工核对",
    "blank_form": "这是手填的空白表，不知道是谁的：请人工指定",
    "not_issued": "本站没有登记过这个打印编号",
    "void_print": "这份打印件已作废",
    "void_record": "这一件文书已作废",
    "destroyed": "这一件文书已销毁",
    "file_closed": "档案已归档或封存，不能再归入",
    "page_count": "页码上的总页数与登记的打印件不符",
    "superseded": "打印之后文书又更正过：纸上签的是旧稿",
    "attachment": "附件分隔页之后的一页，等同一组的其他页",
    "attachment_short": "附件分隔页之后的页数不够：请人工核对",
    "not_bound": "这几页不能合成一份文件（图像损坏，或合起来太大）：请人工核对，退回后重新扫描",
    "filed_before": "这一页已经归档",
    "twice": "同一页扫描了两次",
    "not_wanted": "人工退回",
    "rescanned": "已重新扫描",
    "by_hand": "人工指定",
    "gone_unseen": "判为空白，图像清除时没有人看过",
}  # fmt: skip
WAITING_ALONE: Final = frozenset({"incomplete", "attachment"})
"""Waiting for other pages, not for a person."""
REJECTIONS: Final = ("not_wanted", "rescanned", "twice", "sample", "unreadable", "superseded", "destroyed")
