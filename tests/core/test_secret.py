"""Values that must not be shown."""

import copy
import dataclasses
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import pytest

from sonde_core.secret import Secret

TEXT = "k3y-that-nobody-sees"


@dataclass
class Holder:
    secret: Secret[str]


def test_a_secret_shows_itself_in_no_form_of_text(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)

    logging.getLogger("test").warning("%s %r", secret, Holder(secret))

    assert TEXT not in f"{secret} {secret!r} {secret:>40} {[secret]} {Holder(secret)}{caplog.text}"
    assert secret.reveal() == TEXT


def test_a_traceback_shows_no_secret() -> None:
    secret = Secret(TEXT)

    with pytest.raises(TypeError) as raised:
        sorted([secret, secret])  # type: ignore[type-var]
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)

    assert "secret = ***" in (text := "".join(shown.format()))
    assert TEXT not in text


@pytest.mark.parametrize(
    "leak",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        msgspec.json.encode,
        vars,
        iter,
        len,
        bytes,
        lambda secret: "" + secret,
        lambda secret: "".join([secret]),
        lambda secret: dataclasses.asdict(Holder(secret)),
        lambda secret: pickle.dumps(Holder(secret)),
        lambda secret: secret.__getstate__(),
        lambda secret: secret.__reduce__(),
    ],
)
def test_a_secret_cannot_be_copied_out(leak: Callable[[Secret[str]], object]) -> None:
    with pytest.raises(TypeError):
        leak(Secret(TEXT))


@pytest.mark.parametrize("form", ["%s", "%r", "%a", "{}", "{!r:>9}", "{!s:.20}", "{!a}"])
def test_no_form_of_formatting_shows_a_secret(form: str) -> None:
    shown = (form % (Secret(TEXT),)) if "%" in form else form.format(Secret(TEXT))

    assert shown.strip() == "***"
