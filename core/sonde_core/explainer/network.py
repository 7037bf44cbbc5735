"""Knows the words in which clients say that the path to the exchange is broken.

A client wraps the resolver's error into a connection error and that into one of its own, so one
failure is told several times over. The row that says most is the root: a name that does not
resolve, then a handshake that fails, then a silence, then a connection that breaks. A certificate
that is not valid yet is one of a clock that is far behind: the exchange's are valid.

To add a signature, put its words into one row, in the form that `signs.Phrases` describes.
"""

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.signs import Heard, Sign, Table, phrases
from sonde_core.explainer.sockets import sockets
from sonde_core.findings import Confidence

CONFIRMED, LIKELY, POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE

NETWORK = Table(
    phrases(
        "NETWORK_DNS", CONFIRMED,
        "getaddrinfo", "gaierror", "enotfound", "eai_again", "eai_noname", "nodename nor servname",
        "name or service not known", "temporary failure in name resolution", "no such host",
        "*nameresolutionerror", "failed to resolve '", "failed to resolve host",
        "*unknownhostexception", "could not resolve host", "couldn't resolve host",
        "could not contact dns", "failed to lookup address", "nxdomain", "servfail",
        "no address associated with hostname", "err_name_not_resolved", "name_not_resolved",
        "remote name could not be resolved", "nor such host is known", "no such host is known",
        "clientconnectordnserror", "unresolvedaddressexception", "nsurlerrordomain code=-1003",
        "nsurlerrordomain error -1003", "specified hostname could not be found",
        also=("NETWORK_CONNECTION", "NETWORK_TIMEOUT", "GEO_RESTRICTED"),
    ),
    phrases(
        "NETWORK_DNS", LIKELY,
        "name resolution", "dns lookup", "dns resolution", "host not found", "dns error",
        "resolve host", "dns server", "dns fail", "dns problem", "dns污染", "域名解析", "dns解析",
        "cannot resolve…api", "can not resolve…api", "can't resolve…api", "unable to resolve…api",
        "resolve…binance", "resolve…domain", "resolve…hostname", "无法解析", "解析失败", "dns 解析",
        "域名无法", "不知道这样的主机", "host desconocido", "hôte inconnu", "host não é conhecido",
        "host ist unbekannt", "хост неизвестен", "ホストは不明",
        also=("NETWORK_CONNECTION", "NETWORK_TIMEOUT", "GEO_RESTRICTED"),
    ),
    phrases(
        "NETWORK_TIMEOUT", LIKELY,
        "tls handshake timeout", "handshake operation timed out", "handshake timed out",
        also=("NETWORK_TLS", "NETWORK_CONNECTION", "GEO_RESTRICTED"),
    ),
    phrases(
        "NETWORK_CONNECTION", LIKELY,
        "client network socket disconnected", "ssl_connect: connection reset",
        "ssl_connect…reset by peer", "syscallerror(104",
        also=("NETWORK_TLS", "NETWORK_DNS", "GEO_RESTRICTED", "NETWORK_TIMEOUT"),
    ),
    phrases(
        "CLOCK_AHEAD", LIKELY, "not yet valid…is after",
        also=("CLOCK_SKEW", "NETWORK_TLS", "CLOCK_UNSYNCHRONIZED"),
    ),
    phrases(
        "CLOCK_BEHIND", LIKELY, "not yet valid…is before",
        also=("CLOCK_SKEW", "NETWORK_TLS", "CLOCK_UNSYNCHRONIZED"),
    ),
    phrases(
        "CLOCK_SKEW", LIKELY,
        "expired or is not yet valid", "expired or not yet valid", "err_cert_date_invalid",
        also=("CLOCK_BEHIND", "CLOCK_AHEAD", "NETWORK_TLS"),
    ),
    phrases(
        "CLOCK_BEHIND", LIKELY,
        "certificate is not yet valid", "certificate…not yet valid", "cert_not_yet_valid",
        "cert…not yet valid", "certificatenotyetvalid", "证书…未生效", "证书…尚未生效",
        also=("CLOCK_SKEW", "NETWORK_TLS", "CLOCK_UNSYNCHRONIZED"),
    ),
    phrases(
        "NETWORK_TLS", LIKELY,
        "certificate_verify_failed", "certificate verify failed", "*sslcertverificationerror",
        "*sslerror", "ssl error", "ssl: ", "*sslhandshake", "ssl handshake", "tls handshake",
        "handshake failure", "handshake_failure", "x509:", "self signed certificate",
        "self-signed certificate", "unable to get local issuer", "certificate has expired",
        "cert_has_expired", "pkix path building", "ssleoferror", "wrong version number",
        "wrong_version_number", "unexpected_eof_while_reading", "eof occurred in violation",
        "sslv3_alert", "tlsv1_alert", "tlsv1 alert", "certificate is not valid",
        "certificate…not valid", "err_tls_cert", "unable_to_verify_leaf",
        "unable to verify the first certificate", "depth_zero_self_signed",
        "ssl connection could not be established", "ssl_error_", "could not create ssl/tls",
        "secure channel", "*certificateerror", "tls connection", "certificate signed by unknown",
        "certificate chain", "ssl_connect", "eproto", "ssl.sslerror", "ssl routines",
        "clientconnectorsslerror", "bad certificate",
        "unknown ca", "证书", "hostname…not verified", "*sslpeerunverified", "hostname mismatch",
        "hostname…doesn't match", "no certificates", "certificat",
        also=("NETWORK_DNS", "NETWORK_CONNECTION", "GEO_RESTRICTED", "CLOCK_SKEW"),
    ),
    phrases(
        "NETWORK_TIMEOUT", LIKELY,
        "read timed out", "*readtimeout", "read timeout", "connect timeout", "*connecttimeout",
        "connection timed out", "connection timeout", "timed out", "etimedout", "esockettimedout",
        "esocket_timeout", "i/o timeout", "*sockettimeout", "*timeouterror", "*timeoutexception",
        "request timeout", "*requesttimeout", "context deadline exceeded",
        "client.timeout exceeded", "handshake operation timed out", "did not properly respond",
        "errno 110",
        "deadline exceeded", "econnaborted", "timeout of", "timeout exceeded", "operation timeout",
        "request has timed out", "ping timeout", "ping/pong timed out", "keepalive ping timeout",
        "no pong", "pong timeout", "*connectiontimeout", "connection time out", "time-out",
        "timeout after", "took too long", "timeout awaiting", "task_timeout", "asyncio.timeout",
        "err_timed_out", "err_connection_timed_out", "operation was canceled",
        "httpclient.timeout", "err_socket_connection_timeout", "und_err_connect_timeout", "超时",
        "nsurlerrordomain code=-1001", "nsurlerrordomain error -1001",
        "timeout was reached", "curl: (28", "curl error 28", "error 28:",
        # Windows says these in its own language.
        "parti connecté n'a pas répondu", "parte conectada no respondió",
        "gegenstelle nach einer bestimmten zeit", "conectado não respondeu",
        "за требуемое время не получен", "连接方在一段时间后没有正确答复",
        "一定の時間を過ぎても正しく応答しなかった", "연결된 구성원으로부터 응답이 없어",
        "non corretta della parte connessa",
        "没有收到响应", "没有响应", "无响应",
        also=("NETWORK_CONNECTION", "NETWORK_DNS", "GEO_RESTRICTED", "EXCHANGE_UNAVAILABLE"),
    ),
    phrases(
        "NETWORK_CONNECTION", LIKELY,
        "nsurlerrordomain",
        "econnreset", "connection reset", "*connectionreset", "reset by peer", "econnrefused",
        "connection refused", "*connectionrefused", "actively refused", "errno 111", "errno 104",
        "forcibly closed",
        "connection aborted", "*connectionaborted", "*remotedisconnected", "remote end closed",
        "server disconnected", "*serverdisconnected", "broken pipe", "epipe", "socket hang up",
        "network is unreachable", "enetunreach", "ehostunreach", "no route to host",
        "host is unreachable", "errno 101", "errno 113", "*proxyerror", "proxy error",
        "cannot connect to proxy", "unable to connect to proxy", "tunnel connection failed",
        "proxy connection", "proxyconnect", "socks5", "socks proxy",
        "failed to establish a new connection", "*newconnectionerror", "cannot connect to host",
        "*clientoserror", "max retries exceeded", "*connectionclosed", "no close frame",
        "connection is already closed", "connection closed", "connection was closed",
        "connection lost", "lost connection", "connection to remote host was lost",
        "unexpected eof", "connection failed", "connection error", "*connectionerror",
        "failed to connect", "could not connect", "couldn't connect", "unable to connect",
        "cannot connect to", "can't connect to", "*connectexception", "err_connection",
        "incompleteread", "incomplete read", "chunkedencodingerror", "*protocolerror",
        "error code 1006", "code: 1006", "code 1006", "abnormal closure", "closed uncleanly",
        "fetch failed", "failed to fetch", "network error", "*networkerror", "err_network",
        "read econn", "premature close", ": eof", "stream was reset", "goaway",
        "underlying connection was closed", "connection dropped", "disconnected",
        "websocket…disconnect",
        "max reconnect", "websocket…closed", "went away",
        "unreachable", "*socketexception", "无法连接", "连接被关闭", "连接被重置", "连接失败",
        "*connectorerror", "because terminated", "连接中断", "连接断开", "断开", "断连", "断网",
        "网络问题", "长链接", "长连接", "掉线", "网络不稳", "网络波动", "连接被拒绝", "网络错误",
        "网络异常", "连接异常", "断线",
        "ended prematurely", "unexpected end of stream", "code=1006", "code: 1006", "(1006)",
        "*unabletoconnect", "payloaderror", "payload is not completed", "recv failure",
        "send failure", "empty reply from server", "err_empty_response", "und_err_socket",
        "other side closed", "connect call failed", "error occurred while sending the request",
        "error sending request", "from the transport connection", "websocket is not open",
        "socket is closed", "connection terminated", "connection was interrupted",
        # Windows says these in its own language.
        "l'a expressément refusée", "fermée par l'hôte distant", "denegó expresamente",
        "interrupción de una conexión existente", "zielcomputer die verbindung verweigerte",
        "vom remotehost geschlossen", "recusou ativamente", "recusaram ativamente",
        "cancelamento de uma conexão existente", "отверг запрос на подключение",
        "принудительно разорвал", "积极拒绝", "强迫关闭了一个现有的连接",
        "既存の接続はリモート ホストに強制的に切断", "拒否されたため、接続できません",
        "无法访问", "连不上", "网络不通",
        also=("NETWORK_TIMEOUT", "NETWORK_DNS", "NETWORK_TLS", "GEO_RESTRICTED"),
    ),
)  # fmt: skip


def broken_paths(text: Text, heard: Heard) -> list[Sign]:
    """Find the broken paths of a text, the row that says most first."""
    rows, numbers = NETWORK.signs(text.lower, heard), sockets(text)
    if not numbers:
        return rows
    names = [sign for sign in rows if sign.cause == "NETWORK_DNS"]
    return [*names, *numbers, *(sign for sign in rows if sign not in names)]
