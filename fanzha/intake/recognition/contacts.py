"""Where scammers are met: sites, chat accounts, wallets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fanzha.entities import rules

if TYPE_CHECKING:
    from fanzha.intake.recognition.spans import Sheet

_ENDINGS = """
com cn net org gov edu top xyz vip cc shop online tw store pro site cyou buzz info icu live club
life co world sbs me fun xin one app cloud website ink bond click lol asia today space lat work
ltd io fyi cfd qpon fit biz us ru pw finance art win mom social plus wiki tv trade su uk tech my
blog bet ai uno link best skin shopping pics ooo mobi homes center bar zone trading sale quest
jp group capital cam bio beer beauty agency works tips rest monster help global gift expert
exchange digital city ceo autos hk mo sg kr th vn la kh mm ph tk ml ga cf gq ren wang red blue
pink kim run chat game games video news network systems email company market money loan loans
credit fund cash casa gold foundation llc tools college golf limo name investments ventures bid
date download stream party racing review science men host press design studio team vc so gg im
wtf cx ws nu eu de fr es it nl ca au nz in br mx 中国 公司 网络 网址 在线
"""
TOP_LEVEL = frozenset(_ENDINGS.split())
"""Endings of sites that victims name; a file name's ending (pdf, apk, py) is not among them."""

_HOST = r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.|\[\.\]|\(\.\))){1,6}"
_REST = r"(?::[0-9]{1,5}(?![0-9]))?(?:[/?#][A-Za-z0-9._~:/?#@!$&*+;=%,'-]{0,300})?"
_IP = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
URL = re.compile(
    rf"(?<![A-Za-z0-9@._/-])(?:(?P<scheme>h(?:tt|xx)ps?://)(?:{_HOST}[A-Za-z]{{2,18}}|{_IP}){_REST}"
    rf"|(?P<ip>{_IP}):[0-9]{{2,5}}(?![0-9]){_REST}"
    rf"|(?P<host>{_HOST}(?P<end>[A-Za-z]{{2,18}}|中国|公司|网络|网址|在线))"
    rf"(?![A-Za-z0-9_@-]|\.[A-Za-z0-9]){_REST})",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,80}\.[A-Za-z]{2,10}")
WALLET = re.compile(
    r"(?<![0-9A-Za-z])(?:T[1-9A-HJ-NP-Za-km-z]{33}|0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{11,71}"
    r"|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?![0-9A-Za-z])"
)
_PLATFORMS = {
    "wechat": r"微信|薇信|威信|卫星|加[vV]|[vV][xX]|[wW][xX]|[Ww]e[Ii]?[Cc]hat|[Ww]eixin",
    "qq": r"QQ|qq|扣扣|企鹅",
    "telegram": r"[Tt]elegram|TG|tg|电报|纸飞机|飞机",
    "line": r"LINE|Line|line",
    "whatsapp": r"[Ww]hats[Aa]pp",
    "skype": r"[Ss]kype",
    "facebook": r"[Ff]acebook|脸书|FB",
    "instagram": r"[Ii]nstagram|IG",
    "douyin": r"抖音|[Tt]ik[Tt]ok",
    "kuaishou": r"快手",
    "xianyu": r"闲鱼",
    "xiaohongshu": r"小红书",
    "momo": r"陌陌",
    "bat": r"蝙蝠",
    "dingtalk": r"钉钉",
    "soul": r"Soul|soul",
    "weibo": r"微博",
}
_NAMES = "|".join(f"(?P<{name}>{words})" for name, words in _PLATFORMS.items())
_ID = r"@?[A-Za-z0-9](?:[A-Za-z0-9_.@-]{2,39})(?<![.@-])"
CHAT = re.compile(
    rf"(?:{_NAMES}) ?(?P<group>群)?(?:聊天)?(?P<named>账号|号码|帐号|号|[Ii][Dd]|用户名)?"
    rf"(?:(?:为|是|叫|添加|加的?|群号|[:：(（“\"'「 ])){{0,4}}"
    rf"(?P<id>[0-9](?: ?[0-9]){{4,12}}(?![0-9A-Za-z.,])|{_ID})"
)
MONEY_NEXT = re.compile(r" ?(?:元|块|万|亿|圆|余元|多元|[.,][0-9])")
LEAST_WORD = 6
"""Fewer letters after a platform's name are a word, not an id."""

WORDS = frozenset({"app", "App", "APP", "https", "http", "www", "PC", "Pay", "pay", "ID", "VIP"})


def find(sheet: Sheet) -> None:
    """Add wallets, sites and chat accounts."""
    for match in WALLET.finditer(sheet.open):
        _wallet(sheet, match)
    for match in EMAIL.finditer(sheet.open):
        sheet.hide(*match.span())
    sheet.settle()
    for match in URL.finditer(sheet.open):
        _url(sheet, match)
    sheet.settle()
    for match in CHAT.finditer(sheet.open):
        _chat(sheet, match)
    sheet.settle()


def _wallet(sheet: Sheet, match: re.Match[str]) -> None:
    chain = rules.wallet_chain(match[0])
    if chain is None:
        return
    extra: dict[str, object] = {"chain": chain}
    if match[0][0] in "T13":
        extra["checksum"] = rules.base58_check_ok(match[0])
    near = re.search(r"钱包|地址|BTC|比特币|USDT|链", sheet.before(match.start(), 20))
    if match[0][0] in "13" and not extra["checksum"] and (not near or match[0].isdigit()):
        return
    sheet.add(match.start(), match.end(), "wallet", match[0], **extra)


def _url(sheet: Sheet, match: re.Match[str]) -> None:
    if match["host"]:
        host = match["host"].lower()
        plain = match["end"].lower() in TOP_LEVEL
        if not (plain or host.startswith("www.")) or _is_number(host):
            return
    text = re.sub(r"[.,;:!?'*]+$", "", match[0])
    sheet.add(match.start(), match.start() + len(text), "url", rules.normal_url(text))


def _is_number(host: str) -> bool:
    """`12.5w`-like texts; a host has a letter before its ending or several parts."""
    return bool(re.fullmatch(r"[0-9]+\.[a-z]{2}", host)) and not host.endswith(
        (".cc", ".cn", ".me")
    )


def _chat(sheet: Sheet, match: re.Match[str]) -> None:
    found = match["id"].strip()
    platform = next(name for name in _PLATFORMS if match[name])
    if found in WORDS or MONEY_NEXT.match(sheet.folded[match.end("id") : match.end("id") + 4]):
        return
    compact = found.replace(" ", "")
    if not match["named"] and not match["group"] and platform not in {"wechat", "qq", "telegram"}:
        between = sheet.folded[match.end(platform) : match.start("id")]
        if not re.search(r"[:：@]|为|是", between) and "@" not in found:
            return
    if compact.isalpha() and not match["named"] and len(compact) < LEAST_WORD:
        return
    start = match.start("id")
    extra = {"group": True} if match["group"] else {}
    sheet.add(start, start + len(found), "chat_id", compact, platform=platform, **extra)
