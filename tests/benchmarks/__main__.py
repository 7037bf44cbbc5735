"""`make bench`: measure every budget, print one table, fail where one is not held."""

import sys

from tests.benchmarks import explaining, fanout, footprint, handing_over, idle, one_host, reporting
from tests.benchmarks.table import table


def main() -> int:
    """Return the exit code."""
    rows = [
        one_host.measure(),
        fanout.measure(),
        *footprint.measure(),
        idle.measure(),
        *explaining.measure(),
        reporting.measure(),
        *handing_over.measure(),
    ]
    sys.stdout.write(table(rows) + "\n")
    return 0 if all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
