"""What an agent is held against: a server of grpc.aio, beside libraries to write an agent with.

Run as `python -m tests.benchmarks.bare SOCKET`; it serves nothing, until it is killed.
"""

import asyncio
import sys

import cryptography
import grpc.aio
import httpx

LIBRARIES = (cryptography, httpx)


async def _serve(socket: str) -> None:
    server = grpc.aio.server()
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
