"""One JSON object per line, over the agent's socket: a request with an id, an answer with the same.

Every function here may raise OSError (TimeoutError is one) or ValueError.
"""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

_MOST_LINE = 256 * 1024
_CHUNK = 64 * 1024


def line(number: int, method: str, request: Mapping[str, object]) -> bytes:
    """Return a request as a line."""
    told = {"id": number, "method": method, "request": request}
    return (
        json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        + b"\n"
    )


def parse(answer: bytes) -> Mapping[str, object]:
    """Return an answer. Raises ValueError where it is none."""
    told = json.loads(answer)
    if not isinstance(told, dict):
        raise ValueError("an answer is an object")  # noqa: TRY004 - whoever calls expects no other
    return told


class Conversation:
    """A connection to the agent, each of whose steps has to be done by a deadline."""

    def __init__(self, path: str, deadline: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._received = b""
        try:
            self._wait_until(deadline)
            self._socket.connect(path)
        except BaseException:
            self._socket.close()
            raise

    def send(self, lines: bytes, deadline: float) -> None:
        """Send whole lines. What an agent says that hung up meanwhile is still to be received."""
        self._wait_until(deadline)
        with suppress(BrokenPipeError):
            self._socket.sendall(lines)

    def receive(self, deadline: float) -> Mapping[str, object]:
        """Return the next answer. Raises ConnectionError where the agent went away."""
        while True:
            answer, found, rest = self._received.partition(b"\n")
            if found:
                self._received = rest
                return parse(answer)
            if len(answer) > _MOST_LINE:
                raise ValueError("an answer has no end")
            self._wait_until(deadline)
            more = self._socket.recv(_CHUNK)
            if not more:
                raise ConnectionResetError("the agent went away")
            self._received += more

    def close(self) -> None:
        """Hang up. In a forked child, only the child's half."""
        self._socket.close()

    def _wait_until(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
