"""Bugs in the simulated exchange and the demonstration."""

from tests.track_record.bug import Bug

BUGS = (
    Bug(
        name="nagle",
        file="lab/sonde_lab/exchange/server.py",
        right="socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)",
        wrong="socket.socket(family, socket.SOCK_STREAM)",
        test="tests/lab/test_sockets.py::test_no_answer_of_the_exchange_waits_for_more_to_send",
    ),
    Bug(
        name="forwarded-address",
        file="lab/sonde_lab/exchange/server.py",
        right="proxy_headers=False",
        wrong="proxy_headers=True",
        test="tests/lab/test_endpoints.py::test_a_caller_cannot_claim_another_address",
    ),
    Bug(
        name="ever-longer-wait",
        file="lab/sonde_lab/stage.py",
        right="""\
    while not os.path.exists(address.removeprefix("unix:")):\
""",
        wrong="    while address != address.strip():",
        test="tests/lab/test_sockets.py::test_nothing_is_called_before_its_socket_is_there",
    ),
)
