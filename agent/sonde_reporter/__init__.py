"""What a trading engine imports to tell the Sonde agent on its host what it was refused with.

It needs the standard library and nothing else, and does nothing until it is used.

    import sonde_reporter

    try:
        exchange.create_order(**order)
    except Exception as error:
        sonde_reporter.failure(error, order)           # or, to know what to do:
        advice = sonde_reporter.advise(error, order)

No call raises, and none but `advise` and `flush` waits. Without an agent they do nothing.
"""

from sonde_reporter.advice import Action, Advice, AdviceText
from sonde_reporter.reporter import Reporter

__all__ = [
    "Action",
    "Advice",
    "AdviceText",
    "Reporter",
    "advise",
    "advise_async",
    "failure",
    "flush",
    "health",
]

_reporter = Reporter()
failure = _reporter.failure
health = _reporter.health
advise = _reporter.advise
advise_async = _reporter.advise_async
flush = _reporter.flush
