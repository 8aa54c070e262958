"""The desk: one command starts the house, nothing is left behind, and what goes wrong is said in a sentence."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.house_fixture import (
    PASSWORD,
    ROOT,
    DemoCity,
    House,
    csrf_in,
    drop_databases,
    eventually,
    make_house,
    running_house,
)
from tests.journeys.days import weekday_ahead

pytestmark = pytest.mark.slow


def processes_of(house: House) -> dict[int, str]:
    """Every process on this machine that was started for this house's folder, by id: what it runs."""
    mark = f"DATA_DIR={house.data_dir}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                if mark in environment and state != "Z":
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, IndexError):
                continue
    return found


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run something to its end and keep what it said."""
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def start_again(house: House, **environment: str) -> float:
    """Another run in the same folder."""
    house.log.write_text("")
    house.environment.update(environment)
    return house.start()


def opens(house: House, username: str, password: str) -> int:
    """What the sign-in page answers: 303 in, 401 or 422 not."""
    browser = requests.Session()
    page = browser.get(f"{house.url}/sign-in", timeout=20)
    sent = {"csrf_token": csrf_in(page.text), "username": username, "password": password}
    return browser.post(f"{house.url}/sign-in", data=sent, timeout=20, allow_redirects=False).status_code


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, demo_city: DemoCity) -> Iterator[House]:
    """A desk of this module's own, which its tests start and end as they like."""
    with running_house(tmp_path_factory.mktemp("desk"), demo_city) as made:
        yield made


def test_a_port_in_use_is_one_clear_sentence_in_both_languages(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(tmp_path / "data")}
        told = run([sys.executable, "-m", "services.desk"], environment)
    assert told.returncode == 1
    assert told.stdout == ""
    zh, en = told.stderr.strip().splitlines()
    offered = re.search(r"PORT=(\d+)", en)
    assert offered and int(offered[1]) != port
    assert zh == f"連接埠 {port} 已被占用，請用 PORT={offered[1]} make run。"
    assert en == f"Port {port} is in use. Choose another: PORT={offered[1]} make run"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("told", ["abc", "0", "65536", "80 80", "-1"])
def test_what_is_no_port_is_one_clear_sentence_too(tmp_path: Path, told: str) -> None:
    ended = run([sys.executable, "-m", "services.desk"], {**os.environ, "PORT": told, "DATA_DIR": str(tmp_path / "d")})
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"PORT 要是 1 到 65535 的數字，不是「{told}」。",
        f"PORT must be a number from 1 to 65535, not ‘{told}’.",
    ]
    assert not (tmp_path / "d").exists()


def test_wrong_settings_are_named_all_at_once_before_anything_starts(tmp_path: Path) -> None:
    house = make_house(tmp_path, BROKER_URL="carrier-pigeon://", PASSWORD_POLICY="none")
    told = run([sys.executable, "-m", "services.desk"], house.environment)
    assert told.returncode == 2
    said = told.stdout + told.stderr
    assert "BROKER_URL" in said and "PASSWORD_POLICY" in said and "Traceback" not in said
    assert processes_of(house) == {}
    drop_databases(house)


def test_every_killed_child_comes_back_and_the_pages_answer(desk: House) -> None:
    children = dict(desk.description()["children"])
    assert set(children) == {
        "front",
        "charge-points",
        *(f"{name}-{role}" for name in desk.description()["services"] for role in ("web", "worker")),
    }
    for name in ("fleet-web", "messenger-worker", "front"):
        os.kill(children[name], signal.SIGKILL)

    def back() -> bool:
        now_there = desk.description()["children"]
        return all(now_there[name] != children[name] for name in ("fleet-web", "messenger-worker", "front"))

    eventually(back, 30)

    def answers() -> bool:
        try:
            return all(
                requests.get(f"{desk.url}{path}", timeout=5).status_code == 200
                for path in ("/readyz", "/fleet/readyz", "/venues/")
            )
        except requests.RequestException:
            return False

    eventually(answers, 40)
    assert "fleet-web 停了，重新啟動 · fleet-web stopped, starting it again" in desk.said()
    others = [name for name in children if name not in ("fleet-web", "messenger-worker", "front")]
    assert {name: desk.description()["children"][name] for name in others} == {name: children[name] for name in others}


def test_ctrl_c_leaves_nothing_behind_and_a_second_run_finds_everything_again(desk: House) -> None:
    day = weekday_ahead(15)
    asked = {
        "purpose_code": "meeting", "purpose": "第二次啟動還在", "origin": "市政大樓", "destination": "市議會", "passengers": 1,
        "starts_at": f"{day}T09:00:00+08:00", "ends_at": f"{day}T10:00:00+08:00",
    }  # fmt: skip
    trip = desk.api("officer", "POST", "/fleet/api/v1/trips", asked).json()
    bookings = desk.api("venues", "GET", "/venues/api/v1/bookings?limit=100").json()["items"]
    running = processes_of(desk)
    assert len(running) >= 12, running

    desk.stop()
    assert desk.process and desk.process.returncode == 0
    assert processes_of(desk) == {}
    assert "已全部結束 · everything has ended" in desk.said()

    start_again(desk)
    assert "示範城市" not in desk.said() and "資料庫已是最新" in desk.said()
    again = desk.api("officer", "GET", f"/fleet/api/v1/trips/{trip['id']}")
    assert again.status_code == 200 and again.json()["purpose"] == "第二次啟動還在"
    kept = desk.api("venues", "GET", "/venues/api/v1/bookings?limit=100").json()["items"]
    assert {row["id"] for row in bookings} == {row["id"] for row in kept}


def test_when_the_desk_itself_is_killed_nothing_is_left(desk: House) -> None:
    assert desk.process
    os.kill(desk.process.pid, signal.SIGKILL)
    desk.process.wait(timeout=10)
    eventually(lambda: not processes_of(desk), 30)
    start_again(desk)
    assert opens(desk, "officer", PASSWORD) == 303


def test_another_demo_password_on_a_later_run_replaces_the_old_one(desk: House) -> None:
    desk.stop()
    start_again(desk, DEMO_PASSWORD="another-plain-password-2")
    assert "another-plain-password-2" in desk.said()
    assert opens(desk, "officer", "another-plain-password-2") == 303
    assert opens(desk, "admin", "another-plain-password-2") == 303
    assert opens(desk, "officer", PASSWORD) == 401
    desk.stop()
    desk.environment["DEMO_PASSWORD"] = ""
    start_again(desk)
    made_up = (desk.data_dir / "demo-password").read_text().strip()
    assert len(made_up) >= 15 and made_up in desk.said()
    assert opens(desk, "supervisor", made_up) == 303
    assert (desk.data_dir / "demo-password").stat().st_mode & 0o077 == 0


def test_two_desks_stand_side_by_side_and_know_nothing_of_each_other(desk: House, tmp_path: Path) -> None:
    """The second one is empty, says how to let the first administrator in, and that works."""
    empty = make_house(tmp_path, DEMO="0")
    try:
        empty.start()
        said = empty.said()
        assert "還沒有任何人員" in said and "nobody is here yet" in said and "示範" not in said
        assert opens(empty, "officer", PASSWORD) == 401
        assert "officer" not in requests.get(f"{empty.url}/sign-in", timeout=20).text
        assert requests.get(f"{empty.url}/styleguide", timeout=20).status_code == 404

        told = re.search(r"DATA_DIR=\S+ \S+ -m services portal add-admin NAME", said)
        assert told
        command = told[0].replace("NAME", "first.admin")
        made = run(["/bin/sh", "-c", command], empty.environment)
        assert made.returncode == 0, made.stderr
        password = re.search(r"one-time password: (\S+)", made.stdout)
        assert password
        twice = run(["/bin/sh", "-c", command], empty.environment)
        assert twice.returncode == 1 and "這個帳號已經有人使用" in twice.stdout

        browser = requests.Session()
        page = browser.get(f"{empty.url}/sign-in", timeout=20)
        sent = {"csrf_token": csrf_in(page.text), "username": "first.admin", "password": password[1]}
        first = browser.post(f"{empty.url}/sign-in", data=sent, timeout=20)
        assert first.url.endswith("/password"), "a one-time password has to be changed first"
        new = {"csrf_token": csrf_in(first.text), "new_password": "teapot-lantern-46-rowing"}
        browser.post(f"{empty.url}/password", data=new, timeout=20)
        assert opens(empty, "first.admin", "teapot-lantern-46-rowing") == 303
        assert opens(desk, "first.admin", "teapot-lantern-46-rowing") == 401

        empty.stop()
        assert processes_of(empty) == {}
        assert requests.get(f"{desk.url}/readyz", timeout=10).status_code == 200
        start_again(empty)
        assert "還沒有任何人員" not in empty.said()
    finally:
        empty.stop()
        drop_databases(empty)


def test_ctrl_c_while_preparing_ends_quietly_and_the_next_run_takes_it_up_again(tmp_path: Path) -> None:
    house = make_house(tmp_path)
    try:
        for moment in (
            "preparing the portal database",
            "preparing the dorms database",
            "demo city: agencies and people",
        ):
            house.log.write_text("")
            with house.log.open("ab") as out:
                broken_off = subprocess.Popen(
                    [sys.executable, "-m", "services.desk"],
                    cwd=ROOT,
                    env=house.environment,
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            eventually(lambda moment=moment: moment in house.said(), 90, every=0.02)
            os.killpg(broken_off.pid, signal.SIGINT)
            assert broken_off.wait(timeout=10) == 130
            assert "Traceback" not in house.said() and "the next run takes it up" in house.said()
            assert processes_of(house) == {}
        start_again(house)
        assert "agencies and people" not in house.said() and "demo city: " in house.said()
        assert house.api("dispatcher", "GET", "/fleet/api/v1/vehicles?limit=100").json()["items"]
        assert house.api("dorms", "GET", "/dorms/api/v1/occupancy").json()["total"] == 123
    finally:
        house.stop()
        drop_databases(house)
