"""A simulator of the exchange's REST interfaces, as far as a diagnosis needs them."""

from sonde_lab.exchange.exchange import Exchange, LoggedRequest
from sonde_lab.exchange.server import serve_exchange

__all__ = ["Exchange", "LoggedRequest", "serve_exchange"]
