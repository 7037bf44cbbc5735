"""From what an engine was refused with to what it should do, by all that this host knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.report_pb2 import FailureReport
from sonde_agent.probes.exchange.gate import BANNED, TOO_MANY
from sonde_agent.probes.exchange.symbols import ENDPOINTS
from sonde_agent.stopwatch import HostClock
from sonde_core.answer import Answer, answer, believed
from sonde_core.calibration import Calibration
from sonde_core.catalogue import Language
from sonde_core.explainer import Explanation, explain
from sonde_core.listing import endpoints_listing
from sonde_core.live import OF_THE_CLOCK, TOLD_TO_WAIT, by_the_clock, by_the_gate
from sonde_core.order_numbers import ABOUT_ORDERS, numbers_of
from sonde_core.orders import SymbolRules
from sonde_core.readings import Answer as Refused
from sonde_core.refusals import Surface
from sonde_core.words import Words
from sonde_wire.advice import CONFIDENCES, encode_advice
from sonde_wire.reported import as_text

_GATES = {
    Surface.SPOT: ("spot",),
    Surface.SAPI: ("spot",),
    Surface.USDM: ("usdm",),
    Surface.COINM: ("coinm",),
    Surface.PAPI: ("papi",),
    Surface.WS: ("spot", "usdm"),
}
"""Whose limits count what is sent to a surface. Nothing says that one's ban holds at another."""

_explained = lru_cache(maxsize=64)(explain)
"""An engine in trouble is refused over and over, and mostly in the same words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adviser:
    """Explains refusals. It asks nobody: an engine waits for the answer."""

    closed_until: Callable[[str], datetime | None]
    """Until when the exchange told this host to stay away from an endpoint."""
    told_to_wait: Callable[[str, Refused], None]
    """Keeps what an engine was told by an endpoint."""
    calibration: Callable[[], Calibration | None]
    """How far the clock is off, as of now."""
    timestamp_refused: Callable[[], None]
    """Has the clock compared again."""
    rules: Callable[[str, str], SymbolRules | None]
    """What is known of a symbol at an endpoint."""
    recv_window: timedelta
    now: HostClock

    def advise(self, report: FailureReport) -> pb.ReportFailureResponse:
        """Return what a refusal means and what to do, in both languages."""
        text = as_text(report)
        explained = believed(_explained(text), self.now())
        if explained.cause in OF_THE_CLOCK:
            self.timestamp_refused()
            known = self.calibration()
            explained = by_the_clock(explained, known.estimate if known else None, self.recv_window)
        if explained.cause in TOLD_TO_WAIT:
            until = self._until(explained.facts.surface)
            self._keep(explained)
            explained = by_the_gate(explained, until)
        supporting = numbers_of(explained, text, self._rules(explained, text))
        english, chinese = (
            answer(explained, Words(language), self.now(), supporting)
            for language in (Language.EN, Language.ZH)
        )
        return pb.ReportFailureResponse(
            cause=explained.cause,
            confidence=CONFIDENCES[explained.confidence],
            alternatives=explained.alternatives,
            advice=encode_advice(english.advice),
            en=_text(english, Words(Language.EN)),
            zh=_text(chinese, Words(Language.ZH)),
        )

    def _until(self, surface: Surface | None) -> datetime | None:
        """Return until when to stay away; where it is not known from whom, from all of them."""
        gates = [_GATES[surface]] if surface else _GATES.values()
        ends = [self.closed_until(endpoint) for gate in gates for endpoint in gate]
        return max((end for end in ends if end), default=None)

    def _keep(self, explained: Explanation) -> None:
        """Keep the end that a refusal names: the next one may name none."""
        facts, now = explained.facts, self.now()
        endpoints = _GATES[facts.surface] if facts.surface else ()
        lasts = (facts.banned_until or now) > now or facts.retry_after
        if len(endpoints) == 1 and lasts:
            status = BANNED if explained.cause == "IP_BANNED" else TOO_MANY
            told = Refused(
                status=status, retry_after=facts.retry_after, banned_until=facts.banned_until
            )
            self.told_to_wait(endpoints[0], told)

    def _rules(self, explained: Explanation, text: str) -> SymbolRules | None:
        """Return the symbol's rules. Where they say nothing, the exchange is left alone."""
        symbol = explained.facts.symbol
        if symbol is None or explained.cause not in ABOUT_ORDERS:
            return None
        endpoint = endpoints_listing(explained, text)[0]
        return self.rules(endpoint, symbol) if endpoint in ENDPOINTS else None


def _text(said: Answer, words: Words) -> pb.AdviceText:
    return pb.AdviceText(
        title=said.title,
        explanation=said.meaning,
        remedy=said.remedy,
        supporting=[words.sentence(each) for each in said.supporting],
    )
