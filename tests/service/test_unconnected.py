"""What a failed call says where there never was a connection."""

from datetime import timedelta
from pathlib import Path

import grpc
import grpc.aio
import pytest

from sonde_core.evidence import Contact
from sonde_service.links import _link_error
from sonde_wire.channels import open_channel


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.FAILED_PRECONDITION])
async def test_without_a_connection_nobody_can_have_refused(
    tmp_path: Path, code: grpc.StatusCode
) -> None:
    """Whichever code gRPC has for a unix socket that is not there."""
    failed = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), "gRPC's words")
    async with open_channel(f"unix:{tmp_path}/none.sock") as channel:
        told = _link_error(failed, channel, timedelta(seconds=1), "No such file or directory")

    assert (told.contact, told.detail) == (Contact.UNREACHABLE, "No such file or directory")
