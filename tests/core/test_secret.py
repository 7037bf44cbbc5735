"""Values that must not be shown."""

import copy
import json
import logging
import pickle
from dataclasses import dataclass

import pytest

from sonde_core.secret import Secret

TEXT = "k3y-that-nobody-sees"


@dataclass
class Holder:
    secret: Secret


def test_a_secret_shows_itself_in_no_form_of_text(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)

    logging.getLogger("test").warning("%s %r", secret, Holder(secret))

    assert TEXT not in f"{secret} {secret!r} {secret:>40} {[secret]} {Holder(secret)}{caplog.text}"
    assert secret.reveal() == TEXT


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars])
def test_a_secret_cannot_be_copied_out(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(TypeError):
        leak(Secret(TEXT))
