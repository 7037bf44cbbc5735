"""Bugs in what an engine imports to report its errors."""

from tests.track_record.bug import Bug

BUGS = (
    Bug(
        name="quadratic-redaction",
        file="agent/sonde_reporter/redaction.py",
        right=r"""re.compile(r"(?<![^\s/@\"'])[^\s/@:\"']*+:(?:[^\s/@\"']*+@)++"), "***@"),""",
        wrong=r"""re.compile(r"[^\s/@:\"'=]+:[^\s/@\"']+@"), "***@"),""",
        test="tests/contract/test_redaction.py::test_the_time_grows_with_the_text_and_no_faster",
    ),
    Bug(
        name="quadratic-status",
        file="agent/sonde_reporter/errors.py",
        right=r"://\S++(?: ([1-5]\d\d)\b)?",
        wrong=r"://\S+ ([1-5]\d\d)\b",
        test="tests/contract/test_redaction.py::test_the_time_grows_with_the_text_and_no_faster",
    ),
    Bug(
        name="key-with-a-prefix",
        file="agent/sonde_reporter/redaction.py",
        right="(?i:((?:API|SECRET",
        wrong=r"(?i:\b((?:API|SECRET",
        test="tests/contract/test_redaction.py::test_a_secret_is_taken_out_wherever_it_stands",
    ),
    Bug(
        name="password-of-another-language",
        file="agent/sonde_agent/redaction.py",
        right="|SIGNATURE|PASSWORD|PASSWD",
        wrong="|SIGNATURE",
        test="tests/contract/test_redaction.py::test_a_secret_is_taken_out_wherever_it_stands",
    ),
    Bug(
        name="lost-by-advise",
        file="agent/sonde_reporter/outbox.py",
        right="        self.put(letter)\n",
        wrong="        self.put(threading.Event())\n",
        test="tests/reporter/test_delivery.py::test_what_no_advice_came_for_is_reported_once",
    ),
    Bug(
        name="doubled-by-a-lost-answer",
        file="agent/sonde_reporter/outbox.py",
        right='"id": f"{self._name}-{number}"',
        wrong='"id": ""',
        test="tests/reporter/test_delivery.py::test_an_answer_that_is_lost_doubles_no_report",
    ),
    Bug(
        name="flushed-in-vain",
        file="agent/sonde_reporter/outbox.py",
        right="while self._queue.qsize() >= MOST + len(self._marks):",
        wrong="if self._queue.qsize() >= MOST:",
        test="tests/reporter/test_delivery.py"
        "::test_to_flush_in_vain_takes_no_memory_and_no_reports_place",
    ),
    Bug(
        name="flushed-by-being-lost",
        file="agent/sonde_reporter/outbox.py",
        right="self._reach(waiting, answered=False)",
        wrong="self._reach(waiting, answered=True)",
        test="tests/reporter/test_delivery.py"
        "::test_a_flush_whose_reports_made_room_for_others_tells_so",
    ),
    Bug(
        name="no-place-for-an-engine",
        file="agent/sonde_reporter/outbox.py",
        right="        if not number and later:\n",
        wrong="        if number < 0:\n",
        test="tests/reporter/test_delivery.py::test_where_all_places_are_taken_a_report_waits_for_one",
    ),
    Bug(
        name="order-kept-whole",
        file="agent/sonde_reporter/orders.py",
        right="(type(value) is str and len(value) <= _LARGEST)",
        wrong="type(value) is str",
        test="tests/reporter/test_safety.py::test_what_is_kept_of_a_report_is_small_however_big_it_was",
    ),
    Bug(
        name="child-of-multiprocessing",
        file="agent/sonde_reporter/outbox.py",
        right="                    _ending.watch()\n",
        wrong="",
        test="tests/reporter/test_safety.py::test_children_of_multiprocessing_end_with_nothing_unsaid",
    ),
    Bug(
        name="refusal-in-a-group",
        file="agent/sonde_reporter/reporter.py",
        right="errors = leaves(error) if isinstance(error, BaseExceptionGroup) else (error,)",
        wrong="errors = (error,)",
        test="tests/reporter/test_errors.py::test_a_refusal_in_a_task_group_is_told_as_itself",
    ),
    Bug(
        name="error-without-a-text",
        file="agent/sonde_reporter/capturing.py",
        right="        pass\n    return (first,)\n",
        wrong="        raise\n    return (first,)\n",
        test="tests/reporter/test_safety.py::test_of_an_error_that_cannot_be_read_the_class_is_told",
    ),
    Bug(
        name="key-cut-in-a-cause",
        file="agent/sonde_reporter/errors.py",
        right="text=cut(raised.text, most)",
        wrong="text=raised.text[:most]",
        test="tests/reporter/test_redaction.py"
        "::test_no_part_of_a_key_is_left_where_a_cause_or_a_body_is_cut",
    ),
)
