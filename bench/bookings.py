"""What a booking costs: bookings a second by HTTP beside the same SQL issued straight by the driver, and what the desk weighs.

`make bench` runs it and prints Markdown. Every figure of a row comes from the same run: rounds of the three ways follow
each other in turn, and the median of each way is told. `ROUNDS=5 BOOKINGS=400 make bench` for longer ones.
"""

import gzip
import http.client
import itertools
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench import straight
from common.period import Period, today
from common.settings import Settings
from tests.house_fixture import House, drop_databases, make_house

CLIENTS = 8
ROUNDS = int(os.environ.get("ROUNDS", "3"))
BOOKINGS = int(os.environ.get("BOOKINGS", "240"))
PEOPLE = ("officer", "officer2", "supervisor", "dispatcher", "venues", "dorms", "staff", "staff2")


def meetings(house: House) -> Iterator[dict[str, Any]]:
    """Requests for disjoint slots: half-hours between midnight and six, when nobody in the demonstration meets."""
    rooms = [each["id"] for each in house.api("officer", "GET", "/venues/api/v1/venues?kind=room").json()["items"]]
    first = today(datetime.now(UTC)) + timedelta(days=1)
    for days, half, room in itertools.product(range(85), range(12), rooms):
        clock = [f"{(half + n) // 2:02d}:{(half + n) % 2 * 30:02d}" for n in (0, 1)]
        period = Period.of_local(first + timedelta(days=days), *clock)
        times = {"starts_at": period.starts_at.isoformat(), "ends_at": period.ends_at.isoformat()}
        yield {"venue_id": room, **times, "title": "量測", "attendees": 2}


def by_http(house: House, base: str, bodies: Iterator[dict[str, Any]], spent: list[float]) -> float:
    """BOOKINGS by CLIENTS over connections kept open; bookings a second. `spent` collects each one's seconds."""
    where = urlsplit(base)
    todo = [[next(bodies) for _ in range(BOOKINGS // CLIENTS)] for _ in range(CLIENTS)]
    gate = threading.Barrier(CLIENTS + 1)
    wrong: list[str] = []

    def run(username: str, mine: list[dict[str, Any]]) -> None:
        headers = {"Authorization": f"Bearer {house.token(username)}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        gate.wait()
        for body in mine:
            began = time.perf_counter()
            connection.request("POST", f"{where.path}/api/v1/meetings", json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            spent.append(time.perf_counter() - began)
            if answer.status != 201:
                wrong.append(f"{answer.status} {text[:200]!r}")
        connection.close()

    running = [threading.Thread(target=run, args=each) for each in zip(PEOPLE, todo, strict=True)]
    for thread in running:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in running:
        thread.join()
    took = time.perf_counter() - began
    assert not wrong, wrong[:3]
    return sum(len(mine) for mine in todo) / took


def first_page(house: House) -> float:
    """Seconds from the start of the desk to the first page in hand."""
    house.log.write_text("")  # what an earlier start said would be taken for readiness
    began = time.monotonic()
    house.start()
    assert house.browser().get(house.url, timeout=30).ok
    return time.monotonic() - began


def memory(house: House) -> float:
    """MiB of every process of the desk, each shared page counted once among those who share it (PSS)."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(after[1]), []).append(int(status.parent.name))
    assert house.process
    family, total = [house.process.pid], 0
    for pid in family:
        family += parents.get(pid, [])
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def measure(house: House) -> dict[str, Any]:
    """Every figure of one database."""
    found: dict[str, Any] = {"cold": first_page(house)}
    house.stop()
    found |= {"warm": first_page(house), "memory_idle": memory(house)}
    page = house.browser("officer").get(f"{house.url}/fleet/request", timeout=30)
    assert page.ok, page.status_code
    found |= {"page": len(page.content), "page_gzip": len(gzip.compress(page.content, 6))}
    direct, front = house.description()["services"]["venues"], f"{house.url}/venues"
    bodies, numbers, spent = meetings(house), itertools.count(), {"direct": [], "front": []}  # type: ignore[var-annotated]
    for username in PEOPLE:
        house.token(username)
    environment = {**house.environment, "PUBLIC_URL": house.url}
    recording = straight.record(Settings.from_environment("venues", environment), house.token("officer"), next(bodies))
    found["statements"] = len(recording.statements) + 1
    rates: dict[str, list[float]] = {"direct": [], "front": [], "driver": []}
    by_http(house, front, bodies, [])
    for _ in range(ROUNDS):
        rates["direct"].append(by_http(house, direct, bodies, spent["direct"]))
        rates["front"].append(by_http(house, front, bodies, spent["front"]))
        rates["driver"].append(straight.replay(recording, numbers, BOOKINGS, CLIENTS))
    found |= {name: statistics.median(each) for name, each in rates.items()}
    found |= {f"{name}_ms": statistics.median(each) * 1000 for name, each in spent.items()}
    found["memory"] = memory(house)
    return found


def table(columns: dict[str, dict[str, Any]]) -> str:
    """The figures as Markdown, one column for each database."""
    rows = (
        (
            "bookings a second at 8 clients, to the service",
            lambda f: f"{f['direct']:.0f} (median {f['direct_ms']:.0f} ms)",
        ),
        ("… through the front door", lambda f: f"{f['front']:.0f} (median {f['front_ms']:.0f} ms)"),
        ("… the same {n} statements straight by the driver", lambda f: f"{f['driver']:.0f}"),
        ("service ÷ driver", lambda f: f"{f['direct'] / f['driver']:.2f}"),
        ("front door ÷ service", lambda f: f"{f['front'] / f['direct']:.2f}"),
        (
            "start to first page, cold (with the demonstration) / warm",
            lambda f: f"{f['cold']:.1f} s / {f['warm']:.1f} s",
        ),
        (
            "memory of all processes (PSS), started / after the bookings",
            lambda f: f"{f['memory_idle']:.0f} / {f['memory']:.0f} MiB",
        ),
        ("request page, as it is / gzip", lambda f: f"{f['page']:,} / {f['page_gzip']:,} bytes"),
    )
    lines = [f"| | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    statements = "/".join(str(each["statements"]) for each in columns.values())
    lines += [
        f"| {what.format(n=statements)} | {' | '.join(tell(each) for each in columns.values())} |"
        for what, tell in rows
    ]
    return "\n".join(lines)


def main() -> int:
    """Measure on SQLite, and on PostgreSQL when TEST_DATABASE_URL names one; returns the exit code."""
    postgres, columns = os.environ.pop("TEST_DATABASE_URL", ""), {}
    for name in ("SQLite", "PostgreSQL") if postgres else ("SQLite",):
        if name == "PostgreSQL":
            os.environ["TEST_DATABASE_URL"] = postgres
        with tempfile.TemporaryDirectory() as folder:
            house = make_house(Path(folder), DEMO="1")
            try:
                columns[name] = measure(house)
            finally:
                house.stop()
                drop_databases(house)
    print(table(columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
