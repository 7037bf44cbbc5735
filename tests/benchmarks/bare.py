"""What an agent is held against: a server of grpc.aio, beside libraries to write an agent with.

Run as `python -m tests.benchmarks.bare SOCKET MODULE ...`; it serves nothing, until it is killed.
"""

import asyncio
import sys
from importlib import import_module

import grpc.aio


async def _serve(socket: str) -> None:
    server = grpc.aio.server()
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    _, address, *modules = sys.argv
    for module in modules:
        import_module(module)
    asyncio.run(_serve(address))
