"""Is it still going on? What the text itself says, with the words that say it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ME = "(?:我|她|他|您|你|其)?"
_MOVE = "(?:转|汇|打|交|付|充|取)"
YES = re.compile(
    r"还在(?:线|通话|电话|视频|会议|聊|催|联系|打电话|共享|操作|要求|群里|转)"
    r"|仍在(?:线|通话|联系|共享|转账)|正在(?:通话|共享|转账|汇款|操作|视频|打电话|聊)"
    rf"|(?:让|叫|要|要求|不让|不许|不准|别){_ME}(?:不要|不能|别|不许)?(?:挂断?|关机|挂电话)"
    r"|(?:不要|别|不许|不准|不能)挂|(?:一直)?(?:没|未)有?挂(?:断|电话)?"
    rf"|还(?:要|让|叫|催|要求){_ME}(?:再|继续|去)?(?:{_MOVE}|贷|借|去银行)"
    r"|(?:现在|目前)还?在?(?:催|让|叫|要求)(?:我|她|他)"
    r"|屏幕(?:还|仍)?(?:在共享|共享中|没关)|共享(?:还|仍)?没有?关"
    rf"|(?:约好?|说好?|马上|等会儿?|等下|一会儿?|准备)(?:就|再|去|来|上门|要)*{_MOVE}"
)
NO = re.compile(
    r"联系不上|找不到(?:人|对方)|失联|(?:被|把我|将我|已)?(?:拉黑|删除|踢出)|解散|关机了?"
    r"|已?经?挂(?:断|了)(?:电话|了)?|无法(?:登录|打开|联系)|打不开|登不上|不再?回(?:复|消息|信息|我)"
    r"|(?:发现|意识到|察觉|知道)(?:自己)?(?:被骗|上当|受骗|遇到了?(?:骗子|诈骗))"
)


@dataclass(frozen=True, slots=True)
class Presence:
    """`ongoing` is True, False, or None where the text does not say; `phrase` are its words."""

    ongoing: bool | None
    phrase: str = ""


def still_ongoing(raw: str, folded: str) -> Presence:
    """Say what the text says; that it goes on outweighs that it is over: money may be saved."""
    for pattern, answer in ((YES, True), (NO, False)):
        match = pattern.search(folded)
        if match:
            return Presence(answer, raw[slice(*match.span())])
    return Presence(None)
