"""The closed list: every way to a signature, and what comes out of it."""

import ast
import inspect
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import sonde_agent
from sonde_agent import keyring
from sonde_agent.keyring import CALLS, Key, KeyFiles, SignedCall, SignedRequest
from sonde_core.readings import SIGNED_KINDS
from tests.agent.key_files import key

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MODULES = {
    path.relative_to(Path(sonde_agent.__path__[0])).as_posix(): ast.parse(path.read_text())
    for path in Path(sonde_agent.__path__[0]).rglob("*.py")
}
LIST = {
    ("GET", "/sapi/v1/account/apiRestrictions"),
    ("GET", "/sapi/v1/account/status"),
    ("GET", "/fapi/v1/accountConfig"),
    ("POST", "/fapi/v1/order/test"),
    ("GET", "/api/v3/account"),
}


def sign(files: KeyFiles, call: object) -> SignedRequest:
    return key(files).sign(cast(SignedCall, call), at=NOON, recv_window=timedelta(seconds=5))


def test_the_list_holds_what_diagnoses_need_and_nothing_that_acts() -> None:
    assert {(call.value.method, call.value.path) for call in SignedCall} == LIST
    assert [call.value.kind for call in SignedCall] == list(SIGNED_KINDS)
    assert set(CALLS.values()) == set(SignedCall)


def test_a_signature_comes_with_the_method_and_the_path_that_it_is_for(files: KeyFiles) -> None:
    signed = [sign(files, call) for call in SignedCall]

    assert {(request.method, request.path) for request in signed} == LIST


class Order(str):
    """Says that it is equal to everything."""

    __slots__ = ()
    value = SimpleNamespace(method="POST", path="/fapi/v1/order", parameters=())

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(SignedCall.SPOT_ACCOUNT)


def forged() -> object:
    """Return what is an instance of the list's class and yet no member."""
    call = object.__new__(SignedCall)
    cast(Any, call)._value_ = Order.value
    return call


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(SimpleNamespace(value=Order.value), id="looks like one"),
        pytest.param(Order("x"), id="equal to everything"),
        pytest.param(forged(), id="an instance that is no member"),
        pytest.param(SignedCall.SPOT_ACCOUNT.value, id="a member's value"),
        pytest.param("FUTURES_ORDER_TEST", id="a name"),
        pytest.param(None, id="nothing"),
    ],
)
def test_nothing_outside_of_the_list_can_be_signed(files: KeyFiles, call: object) -> None:
    with pytest.raises(TypeError, match="only a member of SignedCall"):
        sign(files, call)


def test_the_list_cannot_grow() -> None:
    with pytest.raises(TypeError, match="cannot extend"):

        class Longer(SignedCall):  # type: ignore[misc]
            ORDER = Order.value

    with pytest.raises(ValueError, match="is not a valid SignedCall"):
        SignedCall(Order.value)
    with pytest.raises(AttributeError):
        SignedCall.SPOT_ACCOUNT.value.path = "/api/v3/order"  # type: ignore[misc]


def test_of_everything_public_only_one_method_signs() -> None:
    """Nothing else that the module offers takes bytes, or gives a key's private half."""
    ours = {
        name: member
        for name, member in vars(keyring).items()
        if not name.startswith("_") and getattr(member, "__module__", "") == keyring.__name__
    }
    methods = {
        f"{name}.{method}"
        for name, class_ in ours.items()
        for method, member in vars(class_).items()
        if not method.startswith("_") and inspect.isfunction(member)
    }

    assert set(ours) == {"Key", "KeyFiles", "SignedCall", "SignedRequest"}
    assert methods == {"Key.sign", "KeyFiles.load", "SignedRequest.headers"}
    assert list(inspect.signature(Key.sign).parameters) == [
        "self", "call", "at", "recv_window",
    ]  # fmt: skip


def named(tree: ast.Module) -> set[str]:
    """Return every name that a module imports, calls or reads from an object."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module, module.partition(".")[0], *(alias.name for alias in names)}
            case ast.Attribute(attr=name) | ast.Name(id=name):
                found.add(name)
    return found


@pytest.mark.parametrize(
    "name", ["hmac", "reveal", "Secret", "_private", "_signature", "sonde_core.signing"]
)
def test_no_other_module_of_the_agent_can_sign(name: str) -> None:
    assert {path for path, tree in MODULES.items() if name in named(tree)} == {"keyring.py"}


def test_beside_the_keys_cryptography_only_reads_certificates() -> None:
    reading = MODULES["probes/exchange/unproven.py"]
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(reading)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("cryptography")
        for alias in node.names
    }

    assert imported == {"cryptography.x509", "cryptography.x509.oid.NameOID"}
    assert {path for path, tree in MODULES.items() if "cryptography" in named(tree)} == {
        "private_keys.py", "probes/exchange/unproven.py",
    }  # fmt: skip


def test_none_but_the_keyring_has_to_do_with_key_pairs() -> None:
    names = {"private_keys", "sonde_agent.private_keys", "PrivateKey"}
    using = {path for path, tree in MODULES.items() if names & named(tree)}

    assert using == {"keyring.py", "private_keys.py"}


def test_one_place_sends_what_is_signed_as_it_was_signed() -> None:
    signing = {path for path, tree in MODULES.items() if "SignedRequest" in named(tree)}
    using = {path for path, tree in MODULES.items() if {"sign", "CALLS"} & named(tree)}

    assert signing == {"keyring.py"}
    assert using == {"keyring.py", "private_keys.py", "probes/exchange/signed.py"}
