"""Bugs in what is claimed of a host: which cause, and how sure."""

from tests.track_record.bug import Bug

BUGS = (
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
)
