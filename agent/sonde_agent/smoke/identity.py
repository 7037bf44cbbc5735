"""TLS as a stranger meets it: who the server says it is, and whom it lets in."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sonde_agent.smoke.flaws import CheckFailedError, NotRunError
from sonde_wire.addresses import TcpAddress
from sonde_wire.tls import TlsFiles

_REFUSALS = (ssl.SSLError, ConnectionError)


@dataclass(frozen=True, slots=True)
class Identity:
    """The TLS side of a server, asked without gRPC, whose errors do not tell one from another."""

    server: TcpAddress
    tls: TlsFiles
    name: str
    """What the server's certificate must carry."""
    within: timedelta
    """How long a handshake may take."""

    async def carries_its_name(self) -> str:
        """Check that the certificate is from the authority, in its time, for the name."""
        context = self._trusting()
        context.load_cert_chain(self.tls.cert_file, self.tls.key_file)
        try:
            async with self._timeout(), self._connected(context):
                return f"the certificate is for {self.name}"
        except ssl.SSLCertVerificationError as error:
            raise CheckFailedError(error.verify_message) from error
        except _REFUSALS as error:
            raise NotRunError(_said(error)) from error
        except TimeoutError as error:
            raise NotRunError("nobody answers the handshake") from error

    async def refuses_the_nameless(self) -> str:
        """Check that a client without a certificate is not let in."""
        try:
            async with self._timeout(), self._connected(self._trusting()) as reader:
                # In TLS 1.3 the refusal follows the handshake; who is let in is sent settings.
                let_in = bool(await reader.read(1))
        except ssl.SSLCertVerificationError as error:
            raise NotRunError(error.verify_message) from error
        except _REFUSALS as error:
            return f"refused ({_said(error)})"
        if let_in:
            raise CheckFailedError("a client without a certificate was let in")
        return "refused (the connection was closed)"

    def _timeout(self) -> asyncio.Timeout:
        return asyncio.timeout(self.within.total_seconds())

    def _trusting(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.tls.ca_file)
        context.set_alpn_protocols(["h2"])
        return context

    @asynccontextmanager
    async def _connected(self, context: ssl.SSLContext) -> AsyncIterator[asyncio.StreamReader]:
        try:
            reader, writer = await asyncio.open_connection(
                self.server.host, self.server.port, ssl=context, server_hostname=self.name
            )
        except OSError as error:
            if isinstance(error, ssl.SSLError):
                raise
            raise NotRunError(_said(error)) from error
        try:
            yield reader
        finally:
            writer.transport.abort()


def _said(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).lower().replace("_", " ")
    # asyncio puts the address where the system's words would be.
    return os.strerror(error.errno) if error.errno else type(error).__name__
