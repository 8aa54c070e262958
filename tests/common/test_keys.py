"""Who signed it: tokens and envelopes are believed by their key, their audience and their time, or not at all."""

import base64
import hashlib
import hmac
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from common import broker, keys
from common.errors import Unauthenticated
from common.identity import AUDIENCE, TOKEN_LIFETIME, read_token, sign_token
from common.keys import Keys

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def folder(keys_dir: Path, tmp_path: Path) -> Path:
    """A copy of the house's keys that a test may change."""
    return Path(shutil.copytree(keys_dir, tmp_path / "keys"))


@pytest.fixture
def portal(keys_dir: Path) -> Keys:
    return Keys.load(keys_dir, "portal")


@pytest.fixture
def fleet(keys_dir: Path) -> Keys:
    return Keys.load(keys_dir, "fleet")


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def told(**changes: Any) -> dict[str, Any]:
    moment = int(NOW.timestamp())
    body = {"iss": "portal", "aud": AUDIENCE, "iat": moment, "nbf": moment, "exp": moment + 600, "sub": "1", "sid": "s"}
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


def forged(key: Any, header: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(told(**changes), key, algorithm="EdDSA", headers={"kid": "portal.1", **(header or {})})


# ── tokens ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_of_the_portal_is_believed_by_every_service(portal: Keys, fleet: Keys) -> None:
    token = sign_token(portal, 7, "session-1", NOW)
    claims = read_token(fleet, token, NOW)
    assert (claims["sub"], claims["sid"], claims["iss"]) == ("7", "session-1", "portal")
    assert "roles" not in claims, "a role is never carried in a token"


def test_two_tokens_are_never_the_same(portal: Keys) -> None:
    assert sign_token(portal, 7, "s", NOW) != sign_token(portal, 7, "s", NOW)


def test_a_token_lives_from_its_start_until_its_end(portal: Keys, fleet: Keys) -> None:
    token = sign_token(portal, 7, "s", NOW)
    for moment in (NOW, NOW + TOKEN_LIFETIME - timedelta(seconds=1), NOW - timedelta(seconds=4)):
        read_token(fleet, token, moment)
    for moment in (NOW + TOKEN_LIFETIME, NOW + timedelta(days=365), NOW - timedelta(seconds=6)):
        with pytest.raises(Unauthenticated):
            read_token(fleet, token, moment)


def unsigned(portal: Keys) -> str:
    header = b64(json.dumps({"alg": "none", "typ": "JWT", "kid": "portal.1"}).encode())
    return f"{header}.{b64(json.dumps(told()).encode())}."


def signed_with_the_public_key(portal: Keys) -> str:
    public = portal.public["portal.1"].public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return by_hmac(public)


def signed_with_the_raw_public_key(portal: Keys) -> str:
    return by_hmac(portal.public["portal.1"].public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


def by_hmac(secret: bytes) -> str:
    body = (
        b64(json.dumps({"alg": "HS256", "typ": "JWT", "kid": "portal.1"}).encode())
        + "."
        + b64(json.dumps(told()).encode())
    )
    return f"{body}.{b64(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def altered(portal: Keys) -> str:
    header, _, signature = sign_token(portal, 7, "s", NOW).split(".")
    return f"{header}.{b64(json.dumps(told(sub='14')).encode())}.{signature}"


FORGERIES: dict[str, Callable[[Keys], str]] = {
    "alg none": unsigned,
    "HS256 with the public key": signed_with_the_public_key,
    "HS256 with the raw public key": signed_with_the_raw_public_key,
    "altered claims": altered,
    "no signature": lambda portal: sign_token(portal, 7, "s", NOW).rsplit(".", 1)[0] + ".",
    "a stranger's key": lambda portal: forged(Ed25519PrivateKey.generate()),
    "unknown kid": lambda portal: forged(portal.private, {"kid": "portal.9"}),
    "kid of a path": lambda portal: forged(portal.private, {"kid": "../portal.1"}),
    "empty kid": lambda portal: forged(portal.private, {"kid": ""}),
    "another audience": lambda portal: forged(portal.private, aud="fleet"),
    "several other audiences": lambda portal: forged(portal.private, aud=["fleet", "venues"]),
    "no audience": lambda portal: forged(portal.private, aud=...),
    "expired": lambda portal: forged(portal.private, exp=int(NOW.timestamp())),
    "never ends": lambda portal: forged(portal.private, exp=...),
    "ends at no number": lambda portal: forged(portal.private, exp=float("nan")),
    "ends at a word": lambda portal: forged(portal.private, exp="2030"),
    "not yet": lambda portal: forged(portal.private, nbf=int((NOW + MINUTE).timestamp())),
    "no beginning": lambda portal: forged(portal.private, nbf=...),
    "another issuer": lambda portal: forged(portal.private, iss="fleet"),
    "no issuer": lambda portal: forged(portal.private, iss=...),
    "empty": lambda portal: "",
    "not a token": lambda portal: "a.b.c",
    "not ASCII": lambda portal: "市鑰.市鑰.市鑰",
    "a deep header": lambda portal: b64(b"[" * 6000) + ".e30.AAAA",
    "a deep header with its kid": lambda portal: b64(b'{"kid":"portal.1","x":' + b"[" * 5000 + b"]" * 5000 + b"}") + ".e30.AA",
    "a numeric kid": lambda portal: b64(b'{"alg":"EdDSA","kid":5}') + ".e30.AAAA",
    "a kid of null": lambda portal: b64(b'{"alg":"EdDSA","kid":null}') + ".e30.AAAA",
    "a header that is a list": lambda portal: b64(b"[]") + ".e30.AAAA",
}  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_token_is_refused(portal: Keys, fleet: Keys, forge: Callable[[Keys], str]) -> None:
    with pytest.raises(Unauthenticated):
        read_token(fleet, forge(portal), NOW)


def test_the_forger_of_these_tests_makes_good_tokens_when_he_forges_nothing(portal: Keys, fleet: Keys) -> None:
    assert read_token(fleet, forged(portal.private), NOW)["sub"] == "1"


def test_another_service_cannot_speak_for_the_portal(fleet: Keys) -> None:
    own = sign_token(fleet, 7, "s", NOW)
    for token in (
        own,
        forged(fleet.private),
        forged(fleet.private, {"kid": "fleet.1"}),
        forged(fleet.private, {"kid": "fleet.1"}, iss="fleet"),
    ):
        with pytest.raises(Unauthenticated):
            read_token(fleet, token, NOW)


def test_a_service_token_is_good_for_the_service_it_names_only(fleet: Keys, portal: Keys) -> None:
    token = fleet.sign({}, audience="portal", now=NOW, lifetime=MINUTE)
    assert portal.read(token, audience="portal", now=NOW)["iss"] == "fleet"
    for audience in ("venues", AUDIENCE):
        with pytest.raises(Unauthenticated):
            portal.read(token, audience=audience, now=NOW)


@given(st.text(max_size=200) | st.binary(max_size=120).map(lambda raw: f"{b64(raw)}.{b64(raw)}.{b64(raw)}"))
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_text_whatever_breaks_the_reading_of_tokens(text: str) -> None:
    reader = Keys("fleet", ANY_KEY, "fleet.1", {"portal.1": ANY_KEY.public_key()})
    with pytest.raises(Unauthenticated):
        read_token(reader, text, NOW)


ANY_KEY = Ed25519PrivateKey.generate()


# ── changing keys ──────────────────────────────────────────────────────────────────────────────────────────────────


def change_key(folder: Path, service: str, number: int) -> None:
    (folder / f"{service}.pem").unlink()
    kept = {path: path.read_bytes() for path in folder.glob(f"{service}.*.pub")}
    keys.make(folder, [service])
    (folder / f"{service}.1.pub").rename(folder / f"{service}.{number}.pub")
    for path, content in kept.items():
        path.write_bytes(content)


def test_while_keys_are_changed_old_and_new_are_both_good_then_the_old_one_is_refused(folder: Path) -> None:
    old = sign_token(Keys.load(folder, "portal"), 7, "s", NOW)
    change_key(folder, "portal", 2)
    renewed = Keys.load(folder, "portal")
    assert renewed.kid == "portal.2"
    new = sign_token(renewed, 7, "s", NOW)
    reader = Keys.load(folder, "fleet")
    assert [read_token(reader, token, NOW)["sub"] for token in (old, new)] == ["7", "7"]
    (folder / "portal.1.pub").unlink()
    reader = Keys.load(folder, "fleet")
    assert read_token(reader, new, NOW)["sub"] == "7"
    with pytest.raises(Unauthenticated):
        read_token(reader, old, NOW)


def test_making_keys_again_changes_none_and_private_ones_are_private(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    keys.make(folder, ["portal", "fleet", "toy"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    for path in [*folder.glob("*.pem"), folder / "secret"]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_making_of_keys_that_was_broken_off_is_done_anew(folder: Path) -> None:
    (folder / "portal.pem").unlink()  # the private half is written last
    keys.make(folder, ["portal", "fleet", "toy"])
    token = sign_token(Keys.load(folder, "portal"), 7, "s", NOW)
    assert read_token(Keys.load(folder, "fleet"), token, NOW)["sub"] == "7"


def test_a_service_without_its_key_does_not_start(folder: Path) -> None:
    (folder / "portal.pem").unlink()
    with pytest.raises(FileNotFoundError):
        Keys.load(folder, "portal")


# ── envelopes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stamp_is_good_for_its_body_and_its_source_only(portal: Keys, fleet: Keys) -> None:
    body = b'{"source": "portal"}'
    stamp = portal.stamp(body)
    assert fleet.is_from("portal", body, stamp)
    assert not fleet.is_from("fleet", body, stamp)
    assert not fleet.is_from("portal", body + b" ", stamp)
    assert not fleet.is_from("portal", body, fleet.stamp(body))
    assert not fleet.is_from("portal", body, {**fleet.stamp(body), "kid": "portal.1"})
    for wrong in (
        {},
        {"kid": "portal.1"},
        {**stamp, "kid": "portal.9"},
        {**stamp, "signature": "市"},
        {**stamp, "signature": None},
        {**stamp, "kid": ["x"]},
    ):
        assert not fleet.is_from("portal", body, wrong)


@pytest.fixture
def heard(tmp_path: Path, fleet: Keys) -> Iterator[list[dict[str, Any]]]:
    """What fleet hears of the portal on a real broker, while the test runs."""
    got: list[dict[str, Any]] = []
    stop, ready = threading.Event(), threading.Event()

    def run() -> None:
        while not stop.is_set():
            try:
                broker.listen(
                    "filesystem://",
                    tmp_path,
                    fleet,
                    "fleet",
                    ["portal"],
                    got.append,
                    ready.set,
                    lambda: not stop.is_set(),
                )
            except broker.FAULTS:
                stop.wait(0.1)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(20)
    yield got
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def envelope(**changes: Any) -> dict[str, Any]:
    return {"source": "portal", "type": "portal.person_changed.v1", "seq": 1, "epoch": 1, "data": {}, **changes}


def test_only_what_its_source_signed_is_heard_from_the_broker(
    tmp_path: Path, portal: Keys, fleet: Keys, keys_dir: Path, heard: list[dict[str, Any]]
) -> None:
    stranger = Keys("portal", Ed25519PrivateKey.generate(), "portal.1")
    publishers = {
        "venues": broker.Publisher("filesystem://", tmp_path, Keys.load(keys_dir, "venues")),
        "stranger": broker.Publisher("filesystem://", tmp_path, stranger),
        "portal": broker.Publisher("filesystem://", tmp_path, portal),
    }
    publishers["venues"].send(envelope(id="forged by venues"))
    publishers["stranger"].send(envelope(id="forged by a stranger"))
    publishers["venues"].send(envelope(id="not of a source we read", source="venues"))
    publishers["portal"].send(envelope(id="in another's name", source="fleet"))
    raw_bodies(tmp_path, portal)
    publishers["portal"].send(envelope(id="genuine"))
    waited = threading.Event()
    for _ in range(200):
        if heard:
            break
        waited.wait(0.1)
    waited.wait(0.5)
    assert [each["id"] for each in heard] == ["genuine"]
    for publisher in publishers.values():
        publisher.close()


def raw_bodies(tmp_path: Path, portal: Keys) -> None:
    """Bodies that are no JSON, or that would run code if they were unpickled, signed or not."""
    with broker.connect("filesystem://", tmp_path) as connection:
        producer = connection.Producer(connection.default_channel, exchange=broker.EXCHANGE)
        pickled = b"cos\nsystem\n(S'touch " + str(tmp_path / "executed").encode() + b"'\ntR."
        for kind, body in (
            ("application/x-python-serialize", pickled),
            ("application/json", b"{not json"),
            ("application/json", b"[1]"),
        ):
            producer.publish(
                body,
                routing_key="portal.x.v1",
                content_type=kind,
                content_encoding="utf-8",
                headers=portal.stamp(body),
                serializer=None,
            )
    assert not (tmp_path / "executed").exists()
