"""Fold a text for the rules: half-width signs, simplified characters; one code point for one."""

from __future__ import annotations

import re

from fanzha.entities.rules import HALF_WIDTH

PAIRS = """
萬万 億亿 圓圆 塊块 轉转 帳账 帐账 賬账 匯汇 銀银 號号 點点 鐘钟 時时 後后 個个 幾几 餘余 兩两 開开 戶户 對对
說说 電电 話话 詐诈 騙骗 網网 購购 領领 導导 資资 貸贷 單单 錢钱 幣币 臺台 灣湾 國国 際际 農农 業业 貳贰 參叁
陸陆 為为 與与 從从 給给 過过 進进 項项 總总 計计 損损 達达 優优 費费 稅税 證证 據据 險险 養养 買买 賣卖 貨货
運运 遞递 務务 員员 學学 園园 車车 碼码 掛挂 斷断 線线 聯联 絡络 銷销 裝装 載载 應应 該该 軟软 體体 連连 結结
鏈链 擊击 頁页 書书 臉脸 郵邮 壓压 縮缩 會会 議议 視视 頻频 螢荧 遠远 協协 師师 獎奖 勵励 獲获 贏赢 虧亏 漲涨
幫帮 還还 讓让 當当 場场 現现 處处 辦办 無无 調调 檢检 釋释 東东 葉叶 張张 陳陈 劉刘 趙赵 吳吴 鄭郑 馮冯 蔣蒋
們们 這这 裡里 裏里 邊边 間间 週周 禮礼 樓楼 層层 歲岁 約约 馬马 龍龙 鳳凤 飛飞 機机 錯错 誤误 實实 專专 職职
屬属 於于 滿满 額额 儲储 豐丰 凱凯 遊游 戲戏 寶宝 貝贝 備备 愛爱 戀恋 見见 傷伤 親亲 兒儿 歡欢 樂乐 綁绑 紅红
隨随 動动 態态 驗验 簡简 訊讯 報报 請请 撥拨 維维 護护 財财 團团 隊队 義义 監监 誘诱 錄录 製制 圖图 聲声 門门
臨临 閉闭 嗎吗 麼么 樣样 兌兑 換换 條条 輸输 認认 識识 誰谁 寫写 顯显 響响 鍵键 陽阳 陰阴 雲云 腦脑 軍军 櫃柜
衛卫 環环 節节 藥药 醫医 療疗 補补 貼贴 繳缴 納纳 終终 貿贸 擔担 審审 續续 訂订 閱阅 讀读 傳传 齊齐 衝冲
帶带 來来 庫库 僅仅 淨净 歷历 離离 題题 顧顾 問问 類类 種种 質质 糾纠 紛纷 級级 組组 織织 經经 濟济 華华 彙汇
"""
"""Characters that reports in traditional writing use, each with its simplified twin."""

_MORE = dict.fromkeys((0x09, 0xA0, 0x2007, 0x2009, 0x202F, 0xFEFF), " ")
_MORE |= dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212), "-")
_MORE |= {0x301C: "~", 0x3007: "零", 0x25CB: "零"}
_STAY = frozenset("，；！？．")
_SIGNS: dict[int, int | str] = {
    **{code: twin for code, twin in HALF_WIDTH.items() if chr(code) not in _STAY},
    **_MORE,
    **{ord(pair[0]): pair[1] for pair in PAIRS.split()},
}
_WIDE_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_WIDE_POINT = re.compile(r"(?<=[０-９0-9])．(?=[０-９0-9])")


def fold(raw: str) -> str:
    """`raw` with every sign replaced by its plain twin; the length stays.

    A full-width comma stays Chinese punctuation unless it groups full-width digits by three.
    """
    return _WIDE_POINT.sub(".", _WIDE_COMMA.sub(",", raw)).translate(_SIGNS)
