"""Every bug, part by part, in the order of docs/track-record.md."""

from tests.track_record.bugs import (
    advice,
    claims,
    commands,
    engine_reports,
    lab,
    measuring,
    reporter,
    secrecy,
    serving,
)

BUGS = (
    *measuring.BUGS,
    *serving.BUGS,
    *commands.BUGS,
    *lab.BUGS,
    *claims.BUGS,
    *engine_reports.BUGS,
    *advice.BUGS,
    *reporter.BUGS,
    *secrecy.BUGS,
)
