"""Why a connection failed, in words: gRPC's own name its source files' terms."""

import re
from datetime import UTC, datetime

import grpc.aio
from cryptography import x509

from sonde_core.errors import ConfigInvalidError
from sonde_wire.addresses import UnixAddress, parse_address
from sonde_wire.tls import TlsSource

_NEVER_CONNECTED = "failed to connect to all addresses"
_REASON = re.compile(r".*(?:Failed to connect to remote host: |error: )", re.DOTALL)
"""What gRPC puts before the reason; the address in it is the one that was asked."""

# What BoringSSL and gRPC say, and what it means for whoever asked.
_WORDS = (
    ("Hostname Verification Check failed", "its certificate is for another name than {name}"),
    ("certificate has expired", "its certificate has expired, or the clock here is ahead"),
    ("certificate is not yet valid", "its certificate is not valid yet, or the clock here is late"),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "its certificate is from another authority than the one in ca_file",
    ),
    ("WRONG_VERSION_NUMBER", "it answers in plain text, without TLS"),
)
_HUNG_UP = ("Socket closed", "Connection reset by peer", "Broken pipe")


def why(
    error: grpc.aio.AioRpcError, address: str, tls: TlsSource | None = None, tls_name: str = ""
) -> str:
    """Return why a call failed for want of a connection; the channel was opened with the rest."""
    details = error.details() or ""
    target = parse_address(address)
    if isinstance(target, UnixAddress):
        return _REASON.sub("", details, count=1)
    name = tls_name or target.host
    for said, words in _WORDS:
        if said in details:
            return "TLS failed: " + words.format(name=name)
    if not any(said in details for said in _HUNG_UP):
        return _REASON.sub("", details, count=1)
    if _NEVER_CONNECTED not in details:
        return "the connection broke off"
    if tls is None:
        return "it hung up at once: it may expect TLS, and was called in plain text"
    return f"TLS failed: it hung up on our certificate, {_doubt(tls)}"


def _doubt(tls: TlsSource) -> str:
    """Return what may be wrong with the caller's own certificate."""
    try:
        own = x509.load_pem_x509_certificate(tls.load().certificate)
    except ConfigInvalidError as error:
        return str(error)
    now = datetime.now(UTC)
    if own.not_valid_after_utc < now:
        return f"which expired on {own.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    if own.not_valid_before_utc > now:
        return f"which is valid from {own.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on"
    return "which is from another authority than the one it trusts, or its clock is wrong"
