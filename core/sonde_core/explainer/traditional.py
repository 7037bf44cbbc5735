"""Writes Chinese in the one form that the explainer's words have, so that none stands there twice.

Characters that differ between the traditional and the simplified form are replaced one by one, then
the words that Taiwan has of its own, by words that are as long: every place stays where it was. It
is a table of what the explainer looks for, not of a language.
"""

import re

_TRADITIONAL = (
    "丟個為義書買於虧雲僅倉從價會傳餘關衝凍減準則創別務動區單賣參雙發變號後啟啓響國場牆處復複夠頭"
    "實對將爾嘗幣應廢開異強棄當錄態戶執報護擬擁擇攔損換據數斷舊時顯暫機權來槓極標樣檢歐殘沒汙測潤"
    "點無狀環現電瘓癱盤碼確離種積稱穩簽籤類約級紐線綁經結絡絕統續維編網聯腦節補規見觸計訂認訊許設訪"
    "證試詢該誤請讀調敗帳賬貨貼費資賺負輪載過還這進遠連遲選鐘鑰錢鏈銷鎖錯長閉問間靜項須領頻額題風馬"
    "驗鑑說訴內週臺體圍遞歸轉輸"
)
_SIMPLIFIED = (
    "丢个为义书买于亏云仅仓从价会传余关冲冻减准则创别务动区单卖参双发变号后启启响国场墙处复复够头"
    "实对将尔尝币应废开异强弃当录态户执报护拟拥择拦损换据数断旧时显暂机权来杠极标样检欧残没污测润"
    "点无状环现电痪瘫盘码确离种积称稳签签类约级纽线绑经结络绝统续维编网联脑节补规见触计订认讯许设访"
    "证试询该误请读调败账账货贴费资赚负轮载过还这进远连迟选钟钥钱链销锁错长闭问间静项须领频额题风马"
    "验鉴说诉内周台体围递归转输"
)
_CHARACTERS = dict(zip(map(ord, _TRADITIONAL), _SIMPLIFIED, strict=True))
_DIFFERENT = frozenset(_TRADITIONAL)
_TERMS = {
    "伺服器": "服务器", "金钥": "密钥", "网路": "网络", "逾时": "超时", "连线": "连接",
    "签章": "签名", "程式": "程序", "帐号": "账号", "帐户": "账户",
}  # fmt: skip
_TERM = re.compile("|".join(_TERMS))
_JAPANESE = re.compile("[\u3041-\u30ff]")
"""Kana: Japanese has some of these characters too, and words of its own."""


def simplified(text: str) -> str:
    """Return a text with simplified characters for the traditional ones, of the same length."""
    if _DIFFERENT.isdisjoint(text) or _JAPANESE.search(text):
        return text
    return _TERM.sub(lambda match: _TERMS[match[0]], text.translate(_CHARACTERS))
