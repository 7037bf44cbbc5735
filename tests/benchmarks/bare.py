"""The least that could be an agent: a server of grpc.aio beside the libraries that an agent needs.

Run as `python -m tests.benchmarks.bare SOCKET`; it serves nothing, until it is killed.
"""

import asyncio
import sys

import cryptography
import grpc.aio
import httpx

NEEDED = (cryptography, httpx)


async def _serve(socket: str) -> None:
    server = grpc.aio.server()
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
