"""The promise of the messages: each committed fact takes effect once, in order, whatever is killed or wiped.

Real processes, real databases, a real broker. `filesystem://` always; RabbitMQ when TEST_AMQP_URL names one (queues have
names of their own, but the exchange `citykeys` is deleted under way: other users of the same virtual host then declare it anew).
"""

import json
import os
import pickle
import random
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from kombu import Producer

from common import broker, messages
from common.keys import Keys
from tests.house_fixture import eventually, free_port
from tests.services import chaos_toys as toys
from tests.services.chaos_house import ChaosHouse, Wire, chaos_house

AMQP = os.environ.get("TEST_AMQP_URL", "")
NO_AMQP = "RabbitMQ NOT TESTED: TEST_AMQP_URL names no RabbitMQ (amqp://user:password@host:5672//)"
BROKERS = [
    "filesystem://",
    pytest.param(
        AMQP or "amqp://",
        id="rabbitmq",
        marks=[
            pytest.mark.amqp,
            pytest.mark.skipif(not AMQP, reason=NO_AMQP),
        ],
    ),
]
CHAOS_SECONDS = float(os.environ.get("CHAOS_SECONDS", "20"))
SEED = 2


@pytest.fixture(params=BROKERS)
def toy_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChaosHouse]:
    with chaos_house(tmp_path, request.param) as made:
        yield made


def percentiles(lags: list[float]) -> str:
    """p50 and p99 in milliseconds."""
    if not lags:
        return "–"
    ordered = sorted(lags)
    return f"{ordered[len(ordered) // 2] * 1000:.0f}/{ordered[int(len(ordered) * 0.99)] * 1000:.0f} ms"


def inversions(facts: list[Any]) -> int:
    """How often a fact with a lower identity was numbered after one with a higher: commit order is not identity order."""
    return sum(1 for before, after in zip(facts, facts[1:], strict=False) if after.id < before.id)


def tell(house: ChaosHouse, title: str) -> None:
    """One line of figures for whoever runs this with -s or reads a failure."""
    facts = house.facts()
    carriers = house.named("relay", "listener")
    where = f"{house.database(house.source).url.get_backend_name()} {house.broker_url.split(':')[0]}"
    figures = f"{len(facts)} facts, {sum(toy.kills for toy in carriers)} kills, {house.wipes} wipes, "
    print(
        f"\n[{title}] {where}: {figures}{sum(toy.deaths for toy in carriers)} deaths, {inversions(facts)} out of identity order"
    )
    for reader in house.readers:
        rows = house.applied(reader)
        stones = {row.stone for row in rows}
        lags = {via: [row.lag for row in rows if row.via == via] for via in ("push", "pull")}
        carried = ", ".join(f"{len(each)} by {via} (p50/p99 {percentiles(each)})" for via, each in lags.items())
        print(f"    {reader}: {carried}, all {percentiles([row.lag for row in rows])};", end=" ")
        print(f"lost {len(facts) - len(stones)}, doubled {len(rows) - len(stones)}, parked {house.parked(reader)}")


def check_promise(house: ChaosHouse) -> None:
    """Every committed change has its fact, and every fact its effect, exactly once and in order, at every reader."""
    facts = house.facts()
    assert [row.seq for row in facts] == list(range(1, len(facts) + 1)), "numbers without gaps"
    assert sorted(row.data["stone"] for row in facts) == house.stones(), (
        "a fact for each change that was committed, and no other"
    )
    told = [(row.seq, row.data["stone"]) for row in facts]
    for reader in house.readers:
        assert [(row.seq, row.stone) for row in house.applied(reader)] == told, "each once, in the order of the source"
        assert house.tally(reader) == len(facts)
        assert house.parked(reader) == 0


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_relays_and_listeners_are_killed_and_the_broker_is_wiped(
    toy_house: ChaosHouse,
) -> None:
    toy_house.start_carriers()
    toy_house.start_writers(3, per_second=120)
    toy_house.torment(CHAOS_SECONDS, random.Random(SEED))
    for writer in toy_house.named("writer"):
        writer.kill()
        del toy_house.children[writer.name]
    try:
        eventually(toy_house.settled, seconds=240)
    finally:
        tell(toy_house, "chaos")
    check_promise(toy_house)
    kills = sum(toy.kills for toy in toy_house.children.values())
    assert kills >= 8
    assert toy_house.wipes == 2
    assert not [toy.name for toy in toy_house.children.values() if toy.deaths], "nobody dies of a wiped broker"
    assert len(toy_house.facts()) > 100, "under load"
    print(f"    numbered out of the order of their ids: {inversions(toy_house.facts())}")


@pytest.mark.slow
def test_the_broker_carries_facts_in_ordinary_times_and_not_the_catch_up(toy_house: ChaosHouse) -> None:
    toy_house.start("relay", toy_house.source)
    for reader in toy_house.readers:
        toy_house.start("listener", reader)
    post(toy_house)
    eventually(toy_house.settled, seconds=120)
    for _ in range(80):
        post(toy_house)
        eventually(toy_house.settled, seconds=90, every=0.02)
    tell(toy_house, "calm")
    check_promise(toy_house)
    for reader in toy_house.readers:
        later = toy_house.applied(reader)[10:]
        assert sum(row.via == "push" for row in later) > 0.6 * len(later)


@pytest.mark.slow
def test_the_fast_path_comes_back_after_a_wipe(toy_house: ChaosHouse) -> None:
    toy_house.start("relay", toy_house.source)
    for reader in toy_house.readers:
        toy_house.start("listener", reader)
    post(toy_house)
    eventually(toy_house.settled)
    eventually(lambda: toy_house.said("worker started"), seconds=60)
    toy_house.wipe()

    def pushed_everywhere() -> bool:
        post(toy_house)
        eventually(toy_house.settled)
        return all(toy_house.applied(reader)[-1].via == "push" for reader in toy_house.readers)

    eventually(pushed_everywhere, seconds=broker.REDECLARE_EVERY + 60, every=0.5)
    check_promise(toy_house)


def post(house: ChaosHouse) -> float:
    """Change and tell through the source's web process; returns the seconds its answer took."""
    began = time.monotonic()
    answer = requests.post(f"{house.url}/stones", timeout=30)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - began


@pytest.mark.parametrize("point", ["between change and fact", "before the commit", "after the commit"])
def test_a_service_killed_between_change_and_fact_leaves_both_or_neither(tmp_path: Path, point: str) -> None:
    house = ChaosHouse(tmp_path, "filesystem://")
    try:
        killed = house.start("stop-at", house.source, 1, point)
        eventually(lambda: house.said("here"))
        killed.kill()
        stands = 1 if point == "after the commit" else 0
        assert (len(house.stones()), len(house.facts())) == (stands, stands)
        with house.database(house.source).writing() as session:
            toys.cut(session, "the next one")
        assert len(house.stones()) == len(house.facts()) == stands + 1
    finally:
        house.close()


class Bomb:
    """What a pickled body would do: leave a file behind."""

    def __init__(self, file: Path):
        self.file = file

    def __reduce__(self) -> Any:
        return (Path.touch, (self.file,))


def test_what_is_not_signed_json_of_its_source_is_refused_logged_and_never_executed(
    toy_house: ChaosHouse, tmp_path: Path
) -> None:
    source, reader = toy_house.source, toy_house.readers[0]
    toy_house.start("listener", reader)
    eventually(lambda: toy_house.said("worker started"), seconds=90)
    exploded = tmp_path / "exploded"
    own, other = (Keys.load(tmp_path / "keys", name) for name in (source, reader))
    envelope = {
        "specversion": "1.0", "id": "forged", "source": source, "type": f"{source}.stone_cut.v1", "subject": "stone/1",
        "time": datetime.now(UTC).isoformat(), "seq": 1, "epoch": 1, "traceparent": "",
        "data": {"stone": 1, "committed_at": time.time()},
    }  # fmt: skip
    good = json.dumps(envelope).encode()
    yaml = f"!!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.PosixPath ['{exploded}']]"
    pickled = pickle.dumps(Bomb(exploded))
    undecodable = [
        (pickled, "application/x-python-serialize", "binary"),
        (yaml.encode(), "application/x-yaml", "utf-8"),
        (pickled, "application/json", "utf-8"),
        (b"{half", "application/json", "utf-8"),
        (b"\xff\xfe", "application/json", "utf-8"),
    ]
    forged = [
        (good, {}),
        (good, other.stamp(good)),
        (good, {**other.stamp(good), "kid": own.kid}),
        (good.replace(b'"stone": 1', b'"stone": 2'), own.stamp(good)),
        (good, {"kid": own.kid, "signature": "not base64 at all"}),
        (good, {"kid": f"{source}.99", "signature": own.stamp(good)["signature"]}),
        (json.dumps({**envelope, "source": reader}).encode(), other.stamp(good)),
        (b'["not", "an", "envelope"]', own.stamp(b'["not", "an", "envelope"]')),
        (b"7", own.stamp(b"7")),
        (pickled, own.stamp(pickled)),
    ]
    with broker.connect(toy_house.broker_url, tmp_path) as connection:
        broker.declare(connection, broker.queue_of(reader, [source]))
        sender = Producer(connection.default_channel, exchange=broker.EXCHANGE, routing_key=envelope["type"])
        for body, kind, encoding in undecodable:
            sender.publish(body, content_type=kind, content_encoding=encoding, headers=own.stamp(body))
        for body, headers in forged:
            sender.publish(body, content_type="application/json", content_encoding="utf-8", headers=headers)

        def all_refused() -> bool:
            refused = len(toy_house.said("message undecodable")) + len(toy_house.said("message refused"))
            return refused == len(undecodable) + len(forged)

        eventually(all_refused, seconds=90)
        assert toy_house.applied(reader) == []
        assert not exploded.exists()
        assert {line["claimed_source"] for line in toy_house.said("message refused")} <= {source, reader, ""}
        sender.publish(good, content_type="application/json", content_encoding="utf-8", headers=own.stamp(good))
        eventually(lambda: [(row.seq, row.via) for row in toy_house.applied(reader)] == [(1, "push")])


def test_rubbish_in_the_broker_folder_stops_nobody(tmp_path: Path) -> None:
    with chaos_house(tmp_path, "filesystem://") as house:
        house.start("relay", house.source)
        for reader in house.readers:
            house.start("listener", reader)
        post(house)
        eventually(house.settled)
        folder = tmp_path / "broker"
        for number, rubbish in enumerate((b"", b"{half", b"null", b"7", b'{"body": 1}', b'{"headers": null}', b"\xff")):
            (folder / "messages" / f"{number}_{number}.citykeys.{house.readers[0]}.msg").write_bytes(rubbish)
        post(house)
        eventually(house.settled)
        for exchange in (folder / "control").iterdir():
            exchange.write_bytes(b"")

        def pushed() -> bool:
            post(house)
            eventually(house.settled)
            return all(house.applied(reader)[-1].via == "push" for reader in house.readers)

        eventually(pushed, seconds=broker.REDECLARE_EVERY + 60, every=0.5)
        check_promise(house)
        assert all(toy.alive() for toy in house.children.values())


@pytest.mark.parametrize("broken", ["nobody listens", "never says a word"])
def test_without_a_broker_facts_arrive_by_the_log_and_web_requests_never_wait(tmp_path: Path, broken: str) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        port = free_port() if broken == "nobody listens" else silent.getsockname()[1]
        with chaos_house(tmp_path, f"amqp://guest:guest@127.0.0.1:{port}//") as house:
            house.start("relay", house.source)
            for reader in house.readers:
                house.start("listener", reader)
            eventually(lambda: len(house.said("broker not reached")) >= 3, seconds=120)
            took = []
            for _ in range(20):
                took.append(post(house))
                time.sleep(0.2)
            eventually(house.settled, seconds=120)
            tell(house, f"no broker: {broken}")
            print(f"    web answers: {percentiles(took)}")
            check_promise(house)
            assert {row.via for reader in house.readers for row in house.applied(reader)} == {"pull"}


@pytest.mark.slow
@pytest.mark.amqp
@pytest.mark.skipif(not AMQP, reason=NO_AMQP)
def test_a_broker_that_hangs_holds_up_neither_numbering_nor_readers(tmp_path: Path) -> None:
    told = urlsplit(AMQP)
    wire = Wire(told.hostname or "127.0.0.1", told.port or 5672)
    through = AMQP.replace(told.netloc, f"{told.username or 'guest'}:{told.password or 'guest'}@127.0.0.1:{wire.port}")
    try:
        with chaos_house(tmp_path, through) as house:
            house.start("relay", house.source)
            for reader in house.readers:
                house.start("listener", reader)

            def pushed() -> bool:
                post(house)
                eventually(house.settled, seconds=120)
                return all(house.applied(reader)[-1].via == "push" for reader in house.readers)

            eventually(pushed, seconds=120)
            wire.passes.clear()
            for _ in range(5):
                post(house)
                eventually(house.settled, seconds=120)
            assert all(house.applied(reader)[-1].via == "pull" for reader in house.readers)
            wire.passes.set()
            eventually(pushed, seconds=120, every=0.5)
            check_promise(house)
            assert all(toy.alive() for toy in house.children.values())
    finally:
        wire.close()


def test_the_facts_of_a_source_are_numbered_once_though_two_relays_number(tmp_path: Path) -> None:
    house = ChaosHouse(tmp_path, "filesystem://")
    try:
        database = house.database(house.source)
        with database.writing() as session:
            for _ in range(20):
                toys.cut(session, "a test")
        numbered = [
            database.transact(lambda session: messages.number(session, house.source, limit=7)) for _ in range(4)
        ]
        assert numbered == [7, 7, 6, 0]
        assert [row.seq for row in house.facts()] == list(range(1, 21))
    finally:
        house.close()
