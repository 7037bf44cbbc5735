"""Bugs in what people and engines are told about a call that was refused or failed."""

from tests.track_record.bug import Bug

BUGS = (
    Bug(
        name="margin-order-of-usdm",
        file="core/sonde_core/listing.py",
        right="return (_OF_PATH[path[1] or path[2]],)",
        wrong='return ("usdm",)',
        test="tests/service/test_live_limits.py::test_the_endpoint_is_the_one_that_refused",
    ),
    Bug(
        name="countdown-of-another",
        file="agent/sonde_agent/engine/advising.py",
        right='Surface.PAPI: ("papi",),',
        wrong='Surface.PAPI: ("usdm",),',
        test="tests/agent/engine/test_advising.py"
        "::test_who_does_not_say_where_waits_until_every_endpoint_may_be_called",
    ),
    Bug(
        name="name-server-blamed",
        file="core/sonde_core/rules/naming.py",
        right="if told is None or unknown or told.own & told.second:",
        wrong="if told is None or told.own & told.second:",
        test="tests/core/test_rules_way.py"
        "::test_the_hosts_own_is_not_blamed_where_nobody_knows_what_it_told",
    ),
    Bug(
        name="late-clock-absolved",
        file="core/sonde_core/live.py",
        right="late = min(BEHIND_WARNING, recv_window / 2)",
        wrong="late = recv_window",
        test="tests/core/test_live.py::test_the_measured_clock_tells_behind_ahead_and_late_apart",
    ),
)
