"""From what an engine was refused with to what it should do, by all that this host knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde.engine.v1.report_pb2 import FailureReport
from sonde_agent.stopwatch import HostClock
from sonde_core.answer import Answer, answer, believed
from sonde_core.calibration import Calibration
from sonde_core.catalogue import Language
from sonde_core.explainer import Explanation, explain
from sonde_core.live import OF_THE_CLOCK, TOLD_TO_WAIT, by_the_clock, by_the_gate
from sonde_core.order_numbers import ABOUT_ORDERS, numbers_of
from sonde_core.orders import SymbolRules
from sonde_core.refusals import Surface
from sonde_core.words import Words
from sonde_wire.advice import CONFIDENCES, encode_advice
from sonde_wire.engine_reports import as_text

ENDPOINTS = {
    Surface.SPOT: "spot",
    Surface.SAPI: "spot",
    Surface.USDM: "usdm",
    Surface.PAPI: "usdm",
    Surface.WS: "usdm",
}
"""At which endpoint the agent knows of a surface's symbols and bans."""
_GATES = {**ENDPOINTS, Surface.COINM: "coinm"}
"""The same of bans alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adviser:
    """Explains refusals. It asks nobody: an engine waits for the answer."""

    closed_until: Callable[[str], datetime | None]
    """Until when the exchange told this host to stay away from an endpoint."""
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
        explained = believed(explain(text), self.now())
        if explained.cause in OF_THE_CLOCK:
            self.timestamp_refused()
            known = self.calibration()
            explained = by_the_clock(explained, known.estimate if known else None, self.recv_window)
        if explained.cause in TOLD_TO_WAIT:
            explained = by_the_gate(explained, self._until(explained.facts.surface))
        supporting = numbers_of(explained, text, self._rules(explained))
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
        endpoints = {_GATES.get(surface)} if surface else set(_GATES.values())
        ends = [self.closed_until(endpoint) for endpoint in endpoints if endpoint]
        return max((end for end in ends if end), default=None)

    def _rules(self, explained: Explanation) -> SymbolRules | None:
        """Return the symbol's rules. Where they say nothing, the exchange is left alone."""
        symbol, endpoint = explained.facts.symbol, ENDPOINTS.get(_surface(explained))
        if symbol is None or endpoint is None or explained.cause not in ABOUT_ORDERS:
            return None
        return self.rules(endpoint, symbol)


def _surface(explained: Explanation) -> Surface:
    refusal = explained.refusal
    return explained.facts.surface or (refusal.surface if refusal else Surface.USDM)


def _text(said: Answer, words: Words) -> pb.AdviceText:
    return pb.AdviceText(
        title=said.title,
        explanation=said.meaning,
        remedy=said.remedy,
        supporting=[words.sentence(each) for each in said.supporting],
    )
