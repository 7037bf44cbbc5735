"""Every bug, in the order of docs/track-record.md."""

from tests.track_record.bug import Bug

BUGS = (
    # -- what is measured --------------------------------------------------------------------
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
        name="certificate-of-the-proxy",
        file="agent/sonde_agent/probes/http.py",
        right='to_proxy = tls if proxy and proxy.startswith("https:") else None',
        wrong="to_proxy = tls",
        test="tests/agent/test_egress.py::test_through_a_proxy_the_proxys_address_counts",
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
        right="text=redact(report.text)[:_MOST_TEXT],",
        wrong="text=redact(report.text[:_MOST_TEXT]),",
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
    # -- serving and calling -----------------------------------------------------------------
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
    # -- commands ----------------------------------------------------------------------------
    Bug(
        name="interrupted-sweep",
        file="terminal/sonde_terminal/exits.py",
        right="    (StoppedError, Exit.INTERRUPTED),\n",
        wrong="",
        test="tests/service/cli/test_diagnose_cut_short.py"
        "::test_ctrl_c_stops_at_once_and_says_that_what_came_is_stored",
    ),
    Bug(
        name="silent-interrupt",
        file="terminal/sonde_terminal/commands.py",
        right="        raise KeyboardInterrupt\n",
        wrong="        return Exit.INTERRUPTED\n",
        test="tests/terminal/test_exits.py::test_what_went_wrong_takes_one_line",
    ),
    Bug(
        name="rich-in-the-agent",
        file="agent/sonde_agent/probes/http.py",
        right="import httpcore\n",
        wrong="import httpcore\nimport httpx  # noqa: F401\n",
        test="tests/agent/test_imports.py"
        "::test_what_serves_loads_no_library_that_is_for_a_terminal",
    ),
    Bug(
        name="full-stop-on-its-own-line",
        file="terminal/sonde_terminal/lines.py",
        right='''rf" +|(?:[{_IDEOGRAPHS}]|[^ {_IDEOGRAPHS}]+)[，。：；、！？）」』】”]*"''',
        wrong='''rf" +|[{_IDEOGRAPHS}][，。：；、！？）」』】”]*|[^ {_IDEOGRAPHS}]+"''',
        test="tests/terminal/test_screen.py"
        "::test_chinese_punctuation_stays_with_the_latin_word_before_it",
    ),
    Bug(
        name="address-for-a-reason",
        file="agent/sonde_agent/smoke/identity.py",
        right="return os.strerror(error.errno) if error.errno else type(error).__name__",
        wrong="return error.strerror or type(error).__name__",
        test="tests/agent/test_identity.py::test_a_closed_port_is_told_in_the_systems_words",
    ),
    # -- the stand-in world ------------------------------------------------------------------
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
    # -- what is claimed ---------------------------------------------------------------------
    Bug(
        name="key-nobody-looked-at",
        file="core/sonde_core/rules/account.py",
        right="""\
            unusable = reading.value.reason is FailureReason.CREDENTIALS
""",
        wrong="""\
            unusable = True
""",
        test="tests/core/test_rules_access_proofs.py::test_a_key_that_nobody_came_to_look_at_is_not_missing",
    ),
    Bug(
        name="cut-off-before-its-accounts",
        file="core/sonde_core/rules/access/__init__.py",
        right="complete = evidence.contact is Contact.DIAGNOSED and evidence.last",
        wrong="complete = evidence.last",
        test="tests/core/test_rules_access_account.py::test_a_host_that_was_cut_off_is_not_told_that_it_has_no_account",
    ),
    Bug(
        name="other-refusals",
        file="core/sonde_core/rules/access/excluded.py",
        right="return None if unexplained else _permissions_complete(account)",
        wrong="return _permissions_complete(account)",
        test="tests/core/test_rules_access_permissions.py::test_what_the_exchange_refuses_for_an_unknown_reason_is_not_called_healthy",
    ),
    Bug(
        name="hidden-account",
        file="core/sonde_core/rules/account.py",
        right='sorted(named | set(evidence.subjects("account")))',
        wrong='sorted(evidence.subjects("account"))',
        test="tests/core/test_rules_access_account.py::test_a_second_account_that_nothing_came_of_is_not_hidden_by_the_first",
    ),
    Bug(
        name="one-bad-signature",
        file="core/sonde_core/rules/access/__init__.py",
        right="Confidence.POSSIBLE if against else Confidence.CONFIRMED",
        wrong="Confidence.CONFIRMED",
        test="tests/core/test_rules_access_ladder.py::test_each_row_of_the_ladder",
    ),
    Bug(
        name="replaced-a-good-address",
        file="core/sonde_core/rules/access/step.py",
        right="len(record.entries) == 1 and record.entries[0].num_addresses == 1 and everywhere",
        wrong="everywhere",
        test="tests/core/test_rules_access_address.py::test_an_address_is_only_replaced_where_nothing_else_can_break",
    ),
    Bug(
        name="short-recv-window",
        file="core/sonde_core/rules/clock.py",
        right="limit = max(recv_window(evidence) - round_trip(evidence), BEHIND_WARNING)",
        wrong="limit = recv_window(evidence) - round_trip(evidence)",
        test="tests/core/test_rules_clock.py::test_a_recv_window_shorter_than_the_way_is_not_the_clocks_fault",
    ),
    Bug(
        name="two-exchange-clocks",
        file="core/sonde_core/clock.py",
        right="best = Estimate(offset=(least + most) / 2, bound=(most - least) / 2)",
        wrong="return None",
        test="tests/core/test_rules_clock.py::test_two_clocks_of_the_exchange_that_differ_a_little_still_tell_the_time",
    ),
    Bug(
        name="tight-liar",
        file="core/sonde_core/clock.py",
        right="return max(self.bound, self.reach)",
        wrong="return self.bound",
        test="tests/agent/test_clock_simulation.py::test_one_falseticker_of_three_never_flips_a_verdict",
    ),
    Bug(
        name="stepped-before-repeat",
        file="agent/sonde_agent/probes/exchange/signed.py",
        right="at = self.so_far.clocks[endpoint].now - self.so_far.offsets[endpoint]",
        wrong="at -= self.so_far.offsets[endpoint]",
        test="tests/agent/test_exchange_clock.py::test_a_clock_that_is_set_after_the_exchange_told_its_time_spoils_no_repeat",
    ),
    Bug(
        name="unreadable-report",
        file="agent/sonde_agent/engine/forwarding.py",
        right="except DecodeError:",
        wrong="except LookupError:",
        test="tests/agent/engine/test_forwarding.py::test_a_report_that_cannot_be_read_is_set_aside_and_the_others_go_on_in_order",
    ),
    Bug(
        name="job-gone-for-ever",
        file="agent/sonde_agent/background.py",
        right="pause = min(pause * 2, _LONGEST_PAUSE)",
        wrong="return None",
        test="tests/agent/test_background.py::test_a_job_that_a_bug_ended_begins_again",
    ),
    Bug(
        name="spool-from-a-backup",
        file="agent/sonde_agent/engine/forwarding.py",
        right="if last > batch.last:",
        wrong="if last < 0:",
        test="tests/agent/engine/test_forwarding.py::test_a_spool_that_the_centre_has_more_of_than_was_ever_given_out_goes_on_as_another",
    ),
    Bug(
        name="place-taken-by-another",
        file="service/sonde_service/store/reports.py",
        right="return sum(1 for _ in takewhile(is_kept, again))",
        wrong="return len(again)",
        test="tests/contract/test_reports_store.py::test_another_report_in_a_place_that_is_kept_is_refused_and_what_is_before_it_acknowledged",
    ),
    Bug(
        name="silent-to-a-new-agent",
        file="core/sonde_core/rules/engine.py",
        right="return all_the_time or state.listening > overdue + _COMES_BACK",
        wrong="return True",
        test="tests/core/test_rules_engine.py::test_an_engine_is_silent_when_two_reports_are_overdue_that_would_have_been_heard",
    ),
    Bug(
        name="silence-by-the-wall-clock",
        file="agent/sonde_agent/engine/engines.py",
        right="silence = at - word.at",
        wrong="silence = now - word.state.reported",
        test="tests/agent/engine/test_engines.py::test_a_clock_that_is_set_moves_no_report",
    ),
    Bug(
        name="sixty-fifth-engine",
        file="agent/sonde_agent/engine/engines.py",
        right="del self._heard[next(iter(self._heard))]",
        wrong="raise OverflowError",
        test="tests/agent/engine/test_engines.py::test_where_engines_are_more_than_a_host_has_the_longest_silent_one_gives_way",
    ),
    Bug(
        name="no-advice-without-room",
        file="agent/sonde_agent/engine/server.py",
        right="place.details = (advice,)",
        wrong="place.details = ()",
        test="tests/agent/engine/test_server.py::test_what_cannot_be_kept_is_refused_in_plain_words_and_what_to_do_told_all_the_same",
    ),
    Bug(
        name="sending-at-the-stop",
        file="agent/sonde_agent/engine/lines.py",
        right="            reading.cancel()",
        wrong='            reading.get_coro().cr_frame.f_locals["reader"].feed_eof()',
        test="tests/agent/engine/test_lines.py::test_an_engine_that_sends_while_the_agent_stops_leaves_nothing_in_the_log",
    ),
    Bug(
        name="usable-on-a-full-disk",
        file="agent/sonde_agent/engine/spool.py",
        right="await self._in_thread(rows.try_write)",
        wrong="await self.waiting(0)",
        test="tests/agent/engine/test_spool.py::test_a_full_disk_is_known_before_any_report_is_refused",
    ),
    Bug(
        name="other-version-is-damaged",
        file="agent/sonde_agent/engine/spool_file.py",
        right="    except _SetAsideError:\n        return _opened(path)",
        wrong="    except _SetAsideError:\n        raise",
        test="tests/agent/engine/test_spool.py::test_a_spool_of_another_version_is_kept_whole_and_another_begins",
    ),
    Bug(
        name="copy-over-a-copy",
        file="agent/sonde_agent/engine/spool_file.py",
        right="return next((each for each in names if not each.exists()), names[-1])",
        wrong="return first",
        test="tests/agent/engine/test_spool.py::test_a_file_that_is_no_spool_is_set_aside_and_another_spool_begins",
    ),
    Bug(
        name="group-stands-in",
        file="agent/sonde_agent/access.py",
        right="elif found.st_mode & stat.S_IWGRP:",
        wrong="elif False:",
        test="tests/agent/test_access.py::test_a_directory_where_others_may_write_is_refused_with_the_command_that_mends_it",
    ),
    Bug(
        name="own-socket-unchecked",
        file="agent/sonde_agent/config/host.py",
        right='    check_directory("agent.socket", own.absolute())\n',
        wrong="",
        test="tests/e2e/test_engine.py::test_a_socket_that_others_could_replace_is_refused_at_the_start",
    ),
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
    # -- what an engine imports -----------------------------------------------------------------
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
        name="no-place-for-an-engine",
        file="agent/sonde_reporter/outbox.py",
        right="        if not number and later:\n",
        wrong="        if number < 0:\n",
        test="tests/reporter/test_delivery.py::test_where_all_places_are_taken_a_report_waits_for_one",
    ),
    Bug(
        name="order-kept-whole",
        file="agent/sonde_reporter/orders.py",
        right="value if type(value) is float else taken(value, _LARGEST + 1)",
        wrong="value",
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
        right='        return ((type(error), "", {}, None, True),)\n',
        wrong="        raise\n",
        test="tests/reporter/test_safety.py::test_of_an_error_that_cannot_be_read_the_class_is_told",
    ),
)
