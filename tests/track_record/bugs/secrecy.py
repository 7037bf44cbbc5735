"""What stays on the host: keys and passwords."""

from tests.track_record.bug import Bug

BUGS = (
    Bug(
        name="mistake-with-a-key",
        file="agent/sonde_agent/cli.py",
        right=", clean=redact)",
        wrong=")",
        test="tests/e2e/test_secret_stays.py::test_a_secret_in_the_wrong_place_of_a_configuration_is_not_repeated",
    ),
    Bug(
        name="password-cut-in-two",
        file="agent/sonde_agent/probes/name_server.py",
        right="{text!r} is no name server",
        wrong="{text[:64]!r} is no name server",
        test="tests/e2e/test_secret_stays.py::test_a_secret_in_the_wrong_place_of_a_configuration_is_not_repeated",
    ),
    Bug(
        name="packed-with-a-key",
        file="agent/sonde_agent/probes/http.py",
        right="{redact(encoding)[:20]!r}",
        wrong="{encoding[:20]!r}",
        test="tests/agent/test_middleboxes.py::test_a_key_that_comes_back_as_an_encoding_is_not_repeated",
    ),
)
