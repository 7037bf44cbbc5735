"""Bugs in what an agent measures, and how it runs and is configured."""

from tests.track_record.bug import Bug

BUGS = (
    Bug(
        name="late-stopwatch",
        file="agent/sonde_agent/stopwatch.py",
        right="return cls(began, ticks)",
        wrong="return cls(began, time.perf_counter_ns())",
        test="tests/agent/test_stopwatch.py"
        "::test_both_clocks_are_read_at_one_instant_even_if_the_process_is_held_up",
    ),
    Bug(
        name="second-start",
        file="agent/sonde_agent/probes/http.py",
        right="trace = trace or Trace(stopwatch)",
        wrong="trace = trace or Trace(Stopwatch.start(lambda: stopwatch.began))",
        test="tests/agent/test_stopwatch.py::test_the_times_of_a_call_count_from_the_callers_start",
    ),
    Bug(
        name="ntp-long-hold",
        file="agent/sonde_agent/probes/ntp.py",
        right="if held > elapsed + _STAMP_NOISE:",
        wrong="if held > timedelta.max:",
        test="tests/agent/test_ntp.py::test_an_answer_that_must_not_be_believed_is_refused",
    ),
    Bug(
        name="zone-of-a-stranger",
        file="agent/sonde_agent/probes/egress.py",
        right='parse_address("" if "%" in text else text)',
        wrong="parse_address(text)",
        test="tests/agent/test_egress.py::test_what_is_no_address_is_an_unusable_answer",
    ),
    Bug(
        name="two-echo-services-in-one",
        file="agent/sonde_agent/probes/egress.py",
        right='parts.netloc + parts.path.rstrip("/")',
        wrong="parts.netloc",
        test="tests/agent/test_egress.py::test_each_echo_service_is_asked_over_both_families",
    ),
    Bug(
        name="deep-server-time",
        file="agent/sonde_agent/probes/exchange/answers.py",
        right="""\
    try:
        return _instant(msgspec.json.decode(fetched.body, type=_ServerTime).server_time)
    except RecursionError as error:
        raise ValueError("the answer is nested too deeply") from error
""",
        wrong="""\
    return _instant(msgspec.json.decode(fetched.body, type=_ServerTime).server_time)
""",
        test="tests/agent/test_parsers.py::test_the_exchanges_time",
    ),
    Bug(
        name="limits-asked-every-time",
        file="agent/sonde_agent/probes/exchange/weight.py",
        right="return asked is None or abs(now - asked) >= _BETWEEN_QUESTIONS",
        wrong="return endpoint not in self._known",
        test="tests/agent/test_weight.py"
        "::test_limits_are_asked_for_once_an_hour_even_if_nobody_answers",
    ),
    Bug(
        name="refused-with-101",
        file="agent/sonde_agent/probes/exchange/answers.py",
        right="if fetched.status < _FIRST_REFUSAL:",
        wrong="if _OK <= fetched.status < _FIRST_REFUSAL:",
        test="tests/agent/test_middleboxes.py"
        "::test_no_status_below_400_but_200_is_a_refusal_by_the_exchange",
    ),
    Bug(
        name="echoed-signature",
        file="agent/sonde_agent/probes/http.py",
        right="return redact(text)[:LONGEST_DETAIL]",
        wrong="return text[:LONGEST_DETAIL]",
        test="tests/agent/test_middleboxes.py"
        "::test_a_signature_that_comes_back_in_broken_http_is_not_repeated",
    ),
    Bug(
        name="cut-in-two",
        file="agent/sonde_agent/engine/requests.py",
        right="text=_redacted(report.text)[:_MOST_TEXT],",
        wrong="text=_redacted(report.text[:_MOST_TEXT]),",
        test="tests/agent/engine/test_requests.py"
        "::test_no_part_of_a_secret_is_left_where_a_text_is_cut",
    ),
    Bug(
        name="timeout-overflow",
        file="agent/sonde_agent/server.py",
        right="except OverflowError as error:",
        wrong="except ZeroDivisionError as error:",
        test="tests/e2e/agent/test_what_it_answers.py::test_a_request_that_makes_no_sense_is_the_callers_fault",
    ),
    Bug(
        name="no-message",
        file="wire/sonde_wire/errors.py",
        right="except DecodeError as error:",
        wrong="except ZeroDivisionError as error:",
        test="tests/wire/test_serving.py::test_bytes_that_are_no_message_are_the_callers_fault",
    ),
    Bug(
        name="ban-forgotten-by-sighup",
        file="agent/sonde_agent/main.py",
        right="memory = before.memory if before else _memory(config, clocks)",
        wrong="memory = _memory(config, clocks)",
        test="tests/e2e/agent/test_remembered_bans.py::test_a_ban_that_cannot_be_kept_outlives_a_changed_configuration",
    ),
    Bug(
        name="ban-by-the-wall-clock",
        file="agent/sonde_agent/probes/exchange/gate.py",
        right="""\
        self._clocks = clocks or Clocks()
""",
        wrong="""\
        wall = (clocks or Clocks()).wall
        self._clocks = Clocks(wall=wall, boottime=lambda: wall() - EPOCH)
""",
        test="tests/agent/test_gate.py::test_a_clock_that_is_set_changes_neither_the_end_of_a_ban_nor_its_countdown",
    ),
    Bug(
        name="seal-refused",
        file="agent/sonde_agent/seal.py",
        right="system.prctl(_SET_DUMPABLE, 0, 0, 0, 0) and os.strerror(ctypes.get_errno())",
        wrong="system.prctl(_SET_DUMPABLE, 0, 0, 0, 0) and None",
        test="tests/agent/test_seal.py::test_a_memory_that_the_system_does_not_seal_is_told",
    ),
    Bug(
        name="thirty-two-steps",
        file="agent/sonde_agent/probes/clock_watch.py",
        right="""\
            self.steps_seen += 1
""",
        wrong="""\
            self.steps_seen = min(self.steps_seen + 1, _MOST_STEPS)
""",
        test="tests/agent/test_clock_watch.py::test_every_step_is_counted_although_only_the_last_are_remembered",
    ),
    Bug(
        name="threads-for-silence",
        file="agent/sonde_agent/metrics_server.py",
        right="if self._free.acquire(blocking=False):",
        wrong="if self._free.acquire(blocking=False) or True:",
        test="tests/agent/test_metrics_server.py::test_many_who_say_nothing_take_few_threads",
    ),
    Bug(
        name="reload-without-end",
        file="agent/sonde_agent/notify.py",
        right="""\
        try:
            reload()
        finally:
            self.ready()
""",
        wrong="""\
        reload()
        self.ready()
""",
        test="tests/agent/test_notify.py::test_a_reload_that_a_bug_ends_is_over_all_the_same",
    ),
    Bug(
        name="misspelt-variable",
        file="core/sonde_core/settings.py",
        right="elif name.startswith(sections) and name not in others",
        wrong="elif False",
        test="tests/agent/test_config.py::test_a_misspelt_variable_is_refused_with_the_nearest",
    ),
    Bug(
        name="missing-state-directory",
        file="agent/sonde_agent/config/host.py",
        right="""\
    _check_state(config.agent.state_dir)
""",
        wrong="",
        test="tests/agent/test_config_host.py::test_what_would_keep_the_agent_from_its_work_is_named_with_the_fix",
    ),
    Bug(
        name="missing-key-applied",
        file="agent/sonde_agent/reloading.py",
        right="""\
            host.check(read)
""",
        wrong="",
        test="tests/e2e/test_operating.py::test_sighup_refuses_what_config_check_refuses",
    ),
    Bug(
        name="deep-configuration",
        file="core/sonde_core/settings.py",
        right="""\
    except RecursionError as error:
        raise ConfigInvalidError("not a configuration: it is nested too deeply") from error
""",
        wrong="",
        test="tests/agent/test_config.py::test_what_cannot_be_used_is_named_with_the_fix",
    ),
    Bug(
        name="pipe-for-a-configuration",
        file="wire/sonde_wire/config_files.py",
        right="if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):",
        wrong="if False:",
        test="tests/wire/test_config_files.py::test_what_is_no_file_of_text_is_refused_at_once",
    ),
)
