"""Knows how people describe a refusal in other languages than English and Chinese.

Most of them send the exchange's English words with a sentence of their own. That sentence is read
only for the few words that leave little doubt, and it is never more than likely.
"""

from sonde_core.explainer.signs import Table, phrases
from sonde_core.findings import Confidence

LIKELY = Confidence.LIKELY

TONGUES = Table(
    phrases(
        "IP_BANNED", LIKELY,
        "забан", "бан по ip", "ip заблокир", "ip bloqu", "ip est bann", "ip bann", "ip banead",
        "ip banid", "ip gesperrt", "ip wurde gesperrt", "ip yasak", "ip 차단", "ip가 차단",
        "ip制限",
        "アクセス禁止",
        also=("RATE_LIMIT_WEIGHT", "WAF_BLOCKED", "IP_NOT_WHITELISTED"),
    ),
    phrases(
        "RATE_LIMIT_WEIGHT", LIKELY,
        "превышен лимит", "слишком много запрос", "лимит запрос", "trop de requ", "limite de requ",
        "demasiadas solicitudes", "demasiadas peticiones", "muitas solicita", "muitas requisi",
        "zu viele anfragen", "zu viele anforderungen", "너무 많은 요청", "요청이 너무 많",
        "요청 한도",
        "リクエストが多すぎ", "レート制限", "çok fazla istek",
        also=("IP_BANNED", "ORDER_RATE_LIMIT"),
    ),
    phrases(
        "CLOCK_SKEW", LIKELY,
        "метка времени", "временная метка", "часы отстают", "часы спешат", "время на сервере",
        "синхрониз", "horloge", "horodatage", "marca de tiempo", "marca temporal",
        "hora del sistema", "carimbo de", "zeitstempel", "systemzeit", "uhrzeit", "타임스탬프",
        "시간 동기", "서버 시간", "タイムスタンプ", "時刻", "zaman damgas",
        also=("CLOCK_BEHIND", "CLOCK_AHEAD", "RECV_WINDOW_LATENCY"),
    ),
    phrases(
        "SIGNATURE_INVALID", LIKELY,
        "неверная подпись", "подпись", "firma no", "firma inv", "assinatura", "signatur ", "서명",
        "署名", "imza", also=("KEY_INVALID", "WRONG_ENVIRONMENT"),
    ),
    phrases(
        "IP_NOT_WHITELISTED", LIKELY,
        "белый список", "белом списке", "белого списка", "liste blanche", "lista blanca",
        "lista branca", "화이트리스트", "ホワイトリスト", "허용된 ip", "ip no autorizad",
        "ip non autoris", "ip nicht erlaubt",
        also=("KEY_INVALID", "PERMISSION_MISSING", "WRONG_ENVIRONMENT"),
    ),
    phrases(
        "KEY_INVALID", LIKELY,
        "неверный ключ", "неверный api", "недействительный ключ", "ключ недейств", "clé api",
        "clé invalide", "clave api", "clave inv", "chave api", "chave inv", "chave de api",
        "ungültiger api", "ungültiger schl", "api-schlüssel", "api 키", "api キー", "apiキー",
        "geçersiz api",
        also=("IP_NOT_WHITELISTED", "PERMISSION_MISSING", "WRONG_ENVIRONMENT", "SIGNATURE_INVALID"),
    ),
    phrases(
        "PERMISSION_MISSING", LIKELY,
        "нет прав", "недостаточно прав", "разрешени", "permiso", "permiss", "autorisation",
        "berechtigung", "권한", "権限", "yetki",
        also=("IP_NOT_WHITELISTED", "KEY_INVALID", "WRONG_ENVIRONMENT", "ACCOUNT_RESTRICTED"),
    ),
    phrases(
        "GEO_RESTRICTED", LIKELY,
        "недоступен в вашей стране", "вашей стране", "вашем регионе", "votre pays", "su país",
        "seu país", "ihrem land", "제한된 지역", "국가에서", "お住まいの国",
        also=("ACCOUNT_RESTRICTED", "WAF_BLOCKED"),
    ),
    phrases(
        "MARGIN_INSUFFICIENT", LIKELY,
        "недостаточно маржи", "маржи недостаточно", "marge insuffisante", "margen insuficiente",
        "margem insuficiente", "unzureichende margin", "증거금 부족", "증거금이 부족", "証拠金",
        "yetersiz teminat", also=("INSUFFICIENT_BALANCE", "LEVERAGE_OR_MARGIN_MODE"),
    ),
    phrases(
        "INSUFFICIENT_BALANCE", LIKELY,
        "нет денег", "нет средств", "no hay fondos", "sem saldo", "sin saldo", "pas de fonds",
        "kein guthaben", "недостаточно средств", "недостаточный баланс", "недостаточно баланса",
        "не хватает средств",
        "solde insuffisant", "fonds insuffisants", "saldo insuficiente", "fondos insuficientes",
        "fundos insuficientes", "nicht genügend guthaben", "unzureichendes guthaben", "kontostand",
        "잔고 부족", "잔고가 부족", "잔액 부족", "잔액이 부족", "残高不足", "残高が",
        "yetersiz bakiye",
        also=("MARGIN_INSUFFICIENT",),
    ),
    phrases(
        "FILTER_VIOLATION", LIKELY,
        "минимальный размер", "минимальная сумма", "минимальный объем", "меньше минимальн",
        "montant minimum", "quantité minimale", "cantidad mínima", "monto mínimo",
        "quantidade mínima", "mindestmenge", "mindestbetrag", "최소 주문", "最小注文", "最低注文",
        also=("PARAMETER_INVALID", "INSUFFICIENT_BALANCE"),
    ),
    phrases(
        "ORDER_NOT_FOUND", LIKELY,
        "ордер не найден", "ордер не существует", "заявка не найдена", "ordre introuvable",
        "orden no encontrada", "orden no existe", "ordem não encontrada", "ordem não existe",
        "order nicht gefunden", "주문을 찾을 수", "注文が見つか", "注文が存在",
        also=("UNKNOWN_EXECUTION",),
    ),
    phrases(
        "SYMBOL_INVALID", LIKELY,
        "неверный символ", "неверный тикер", "symbole invalide", "símbolo inv", "ungültiges symbol",
        "잘못된 심볼", "無効なシンボル",
        also=("WRONG_ENVIRONMENT", "PARAMETER_INVALID"),
    ),
    phrases(
        "NETWORK_TIMEOUT", LIKELY,
        "таймаут", "тайм-аут", "время ожидания", "délai d'attente", "délai dépassé",
        "tiempo de espera", "tempo limite", "zeitüberschreitung", "시간 초과", "시간이 초과",
        "タイムアウト", "zaman aşımı",
        also=("NETWORK_CONNECTION", "NETWORK_DNS", "GEO_RESTRICTED"),
    ),
    phrases(
        "NETWORK_CONNECTION", LIKELY,
        "не удается подключ", "не удаётся подключ", "не удалось подключ", "нет соединения",
        "разорвал", "соединение сброш", "соединение разорв", "impossible de se connecter",
        "connexion refus", "connexion ferm", "no se pudo conectar", "conexión rechaz",
        "conexão recusad", "não foi possível conectar", "verbindung abgelehnt", "keine verbindung",
        "verbindung getrennt", "연결할 수 없", "연결 실패", "接続できません", "接続に失敗",
        "bağlanılamadı",
        also=("NETWORK_TIMEOUT", "NETWORK_DNS", "NETWORK_TLS", "GEO_RESTRICTED"),
    ),
)  # fmt: skip
