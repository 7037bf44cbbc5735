"""Where stores are kept."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, of each kind that is supported."""
    return {"sqlite": f"sqlite:///{tmp_path}/service.sqlite3"}[request.param]
