"""Bugs in serving and calling, and what the service keeps."""

from tests.track_record.bug import Bug

BUGS = (
    Bug(
        name="health-watch",
        file="wire/sonde_wire/errors.py",
        right="not inspect.isasyncgenfunction(handler.unary_stream)",
        wrong="not inspect.isroutine(handler.unary_stream)",
        test="tests/wire/test_watching.py::test_whoever_watches_health_hears_of_it",
    ),
    Bug(
        name="missing-socket",
        file="service/sonde_service/links.py",
        right="if contact is Contact.UNREACHABLE or not connected:",
        wrong="if contact is Contact.UNREACHABLE:",
        test="tests/service/test_unconnected.py::test_without_a_connection_nobody_can_have_refused",
    ),
    Bug(
        name="words-of-grpc",
        file="wire/sonde_wire/failures.py",
        right="(?:Failed to connect to remote host: |error: )",
        wrong="(?:Failed to connect to remote host: |last error: )",
        test="tests/service/test_links.py"
        "::test_a_socket_that_is_not_there_is_unreachable_for_that_reason",
    ),
    Bug(
        name="taken-name",
        file="service/sonde_service/store/hosts.py",
        right="if not self.connection.scalar(statement.returning(hosts.c.name)):",
        wrong="if not self.connection.execute(statement).rowcount:",
        test="tests/contract/test_stores.py::test_a_host_of_a_taken_name_is_not_added",
    ),
    Bug(
        name="taken-diagnosis",
        file="service/sonde_service/store/diagnoses.py",
        right="bool(self.connection.scalar(statement.returning(diagnoses.c.name)))",
        wrong="bool(self.connection.execute(statement).rowcount)",
        test="tests/contract/test_stores.py::test_a_diagnosis_begins_once",
    ),
    Bug(
        name="repeated-refusal",
        file="core/sonde_core/rules/access/step.py",
        right="return list(first.values())",
        wrong="return [said(*answer) for answer in answers if answer[1].code == code]",
        test="tests/core/test_told_once.py::test_one_refusal_is_told_once_per_endpoint",
    ),
)
