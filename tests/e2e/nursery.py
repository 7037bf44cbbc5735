"""Starts the agent for each line that it reads, and says its process id.

Importing takes most of an agent's start, and is done once here, so that it can be killed often.
"""

import os
import signal
import sys
from pathlib import Path

from sonde_agent import config, main


def start_for_each_line(path: Path) -> None:
    """Fork an agent per line on standard input. The dead are nobody's business."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        process = os.fork()
        if not process:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            main.run(lambda: config.read(path, {}))
            os._exit(0)
        print(process, flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    start_for_each_line(Path(sys.argv[1]))
