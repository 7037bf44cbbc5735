"""The least that could keep a report: one bare call, one row, one commit on the disk.

Run as `python -m tests.benchmarks.keeper SOCKET FILE`, until it is killed.
"""

import asyncio
import sqlite3
import sys
from typing import Any

import grpc
import grpc.aio

METHOD = "/bare.Keeper/Keep"


async def _serve(socket: str, file: str) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE reports (payload BLOB)")

    async def keep(request: bytes, _: object) -> bytes:
        connection.execute("INSERT INTO reports VALUES (?)", [request])
        return request

    handler: Any = grpc.unary_unary_rpc_method_handler(keep)
    service, method = METHOD.strip("/").split("/")
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], sys.argv[2]))
