"""Bugs in what engines report: how the agent hears, keeps and forwards it."""

from tests.track_record.bug import Bug

BUGS = (
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
        right="await self.spool.renew(batch.spool_id)",
        wrong="await self.spool.forget(batch.reports[-1].sequence)",
        test="tests/agent/engine/test_forwarding.py::test_a_spool_that_the_centre_has_other_reports_of_goes_on_as_another",
    ),
    Bug(
        name="doubled-by-a-backup",
        file="agent/sonde_agent/engine/forwarding.py",
        right="await self.spool.forget(min(last, batch.reports[-1].sequence))",
        wrong="""if last > batch.reports[-1].sequence:
                await self.spool.renew(batch.spool_id)
            else:
                await self.spool.forget(last)""",
        test="tests/e2e/test_engine_reports.py::test_an_older_copy_of_a_spool_that_comes_back_costs_no_report_and_doubles_none",
    ),
    Bug(
        name="dropped-twice-by-a-backup",
        file="agent/sonde_agent/engine/rows.py",
        right="id = ?, dropped_health = 0, dropped_failures = 0 WHERE",
        wrong="id = ? WHERE",
        test="tests/e2e/test_engine_reports.py::test_what_a_spool_dropped_counts_once_although_an_older_copy_comes_back",
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
        name="window-of-the-nearer",
        file="agent/sonde_agent/calibration.py",
        right="max((time.round_trip for _, time in times), default=self._round_trip)",
        wrong="min((time.round_trip for _, time in times), default=self._round_trip)",
        test="tests/agent/test_calibration.py"
        "::test_the_window_holds_the_way_to_the_slower_endpoint",
    ),
    Bug(
        name="window-of-a-good-moment",
        file="agent/sonde_agent/calibration.py",
        right="self._slow = self.lately()",
        wrong="self._slow = timedelta()",
        test="tests/agent/test_calibration.py"
        "::test_the_window_holds_the_slow_round_trips_of_the_last_hours",
    ),
    Bug(
        name="one-clock-after-the-other",
        file="agent/sonde_agent/calibration.py",
        right="self._contradicted = not known.agreed",
        wrong="self._contradicted = False",
        test="tests/agent/test_calibration.py"
        "::test_ntp_servers_that_contradict_the_exchange_are_not_believed_the_next_time",
    ),
    Bug(
        name="start-hidden-by-the-unit",
        file="deploy/agent/sonde-agent.service",
        right="ProtectProc=invisible\n",
        wrong="ProtectProc=invisible\nProcSubset=pid\n",
        test="tests/system/test_unit.py::test_the_agent_may_know_which_start_of_the_host_this_is",
    ),
    Bug(
        name="one-start-for-all",
        file="agent/sonde_agent/probes/clock_watch.py",
        right="return secrets.token_hex(16)",
        wrong='return ""',
        test="tests/agent/test_clock_watch.py"
        "::test_where_the_start_is_hidden_each_process_has_one_of_its_own",
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
        name="a-budget-each",
        file="agent/sonde_agent/probes/exchange/weight.py",
        right="return self._file.others() if self._file else Others()",
        wrong="return Others()",
        test="tests/agent/test_spending.py"
        "::test_what_a_command_spends_beside_the_agent_is_the_hosts_own",
    ),
    Bug(
        name="row-of-nothing",
        file="agent/sonde_agent/engine/rows.py",
        right='_LENGTH = "coalesce(length(message), 0)"',
        wrong='_LENGTH = "length(message)"',
        test="tests/agent/engine/test_forwarding.py"
        "::test_a_report_of_which_the_disk_has_made_nothing_is_set_aside_too",
    ),
    Bug(
        name="first-batch-for-ever",
        file="agent/sonde_agent/engine/spool.py",
        right="            self._done = rows.spool_id(connection), last\n",
        wrong="",
        test="tests/agent/engine/test_forwarding.py"
        "::test_on_a_full_disk_all_that_waits_arrives_once_and_goes_when_there_is_room",
    ),
    Bug(
        name="refused-by-a-bug",
        file="agent/sonde_agent/reloading.py",
        right="except Exception as error:",
        wrong="except ZeroDivisionError as error:",
        test="tests/agent/test_reloading.py"
        "::test_whatever_keeps_a_configuration_from_being_taken_over_is_counted_and_logged_as_refused",
    ),
)
