"""Bugs in the commands that people type."""

from tests.track_record.bug import Bug

BUGS = (
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
    Bug(
        name="unknown-without-a-reason",
        file="core/sonde_core/rules/answers.py",
        right="if evidence.last(Kind.GATE, endpoint):",
        wrong="if evidence:",
        test="tests/core/test_rules_way.py"
        "::test_what_the_agent_could_not_afford_to_ask_is_no_riddle",
    ),
    Bug(
        name="note-in-place-of-unknown",
        file="terminal/sonde_terminal/tree.py",
        right="notes and len(found) < len(group.findings)",
        wrong="notes and group.of(Verdict.CLEAR)",
        test="tests/terminal/test_overview.py"
        "::test_a_note_on_the_clock_hides_no_clock_that_is_not_known",
    ),
    Bug(
        name="ctrl-c-forgotten",
        file="service/sonde_service/cli/sweep.py",
        right="async with asyncio.timeout(patience):\n"
        "                        event = await call.read()\n",
        wrong="event = await asyncio.wait_for(call.read(), patience)\n",
        test="tests/service/cli/test_sweep.py"
        "::test_ctrl_c_that_comes_together_with_an_event_is_not_forgotten",
    ),
)
