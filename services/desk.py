"""All services on one desk: what `make run` starts. No server, no root, nothing left behind.

Prepares (see `services.prepare`), then starts for every service a web process and a worker,
what the charging posts talk to, and one front door. A
child that dies is started again; Ctrl-C ends them all. Hardly more than the standard library, so that the desk itself
stays small.
"""

import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from common.files import write_whole

SERVICES = ("portal", "fleet", "venues", "dorms", "messenger")
ROOT = Path(__file__).resolve().parents[1]
PDEATHSIG = 1
SIGN_INS = (
    ("officer", "承辦人 · officer: asks for cars and rooms"),
    ("supervisor", "單位主管 · supervisor: approves"),
    ("dispatcher", "調度 · dispatcher: gives cars and drivers"),
    ("driver", "駕駛 · driver: the phone page"),
    ("venues", "場地承辦 · venue officer"),
    ("group", "立案團體 · a registered body that rents the atrium"),
    ("dorms", "宿舍管理 · dormitory officer"),
    ("staff", "同仁 · applies for a room"),
    ("auditor", "稽核 · auditor: sees, changes nothing"),
    ("admin", "系統管理 · administrator"),
)
MORE = "officer2, driver2, staff2"


def die_with_parent() -> None:
    """On Linux: the child gets SIGTERM when the desk is gone, however it went."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process of the house, and how often it had to be started."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)
    not_before: float = 0.0

    def start(self, log: Path | None) -> None:
        """Start it in a session of its own; what it says goes to its log file, or where the desk's words go."""
        with log.open("ab") if log else contextlib.nullcontext() as out:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent, start_new_session=True, cwd=ROOT,  # noqa: PLW1509 - the desk has no threads
            )  # fmt: skip
        self.starts.append(time.monotonic())

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Desk:
    """The supervisor of all children."""

    def __init__(self, environment: dict[str, str]):
        self.port = port_of(environment)
        self.data_dir = Path(environment.get("DATA_DIR") or ROOT / "data").absolute()
        self.url = f"http://127.0.0.1:{self.port}"
        self.demo = environment.get("DEMO", "1") not in ("", "0")
        self.environment = {
            **environment,
            "DATA_DIR": str(self.data_dir),
            "PUBLIC_URL": environment.get("PUBLIC_URL") or self.url,
            "DEMO": "1" if self.demo else "0",
            "PYTHONUNBUFFERED": "1",
        }
        if environment.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = one_each(environment["DATABASE_URL"])
        self.children: list[Child] = []
        self.stopping = False

    def run(self) -> int:
        """Prepare, start, supervise until told to stop; returns the exit code."""
        began = time.monotonic()
        if not port_is_free(self.port):
            other = next((port for port in range(self.port + 1, 65536) if port_is_free(port)), 8000)
            print(f"連接埠 {self.port} 已被占用，請用 PORT={other} make run。\n"
                  f"Port {self.port} is in use. Choose another: PORT={other} make run", file=sys.stderr)  # fmt: skip
            return 1
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.demo:
            self.environment["DEMO_PASSWORD"] = self.demo_password()
        print("市鑰 Citykeys", flush=True)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.stop)
        if failed := self.prepare():
            return failed
        self.plan()
        try:
            return self.supervise(began)
        finally:
            self.end_all()

    def prepare(self) -> int:
        """Run `services.prepare` to its end; returns its exit code, 130 when asked to stop meanwhile.

        Then it is ended where it stands, and without a word: the next run takes up what it left.
        """
        preparing = Child("prepare", [sys.executable, "-m", "services.prepare"], self.environment)
        preparing.start(None)
        while not preparing.died() and not self.stopping:
            time.sleep(0.05)
        if self.stopping:
            _signal_group(preparing, signal.SIGTERM)
            print("  已停止準備，下次會接著做 · stopped preparing; the next run takes it up", flush=True)
        code = preparing.process.wait()  # type: ignore[union-attr]
        return 130 if self.stopping else code

    def plan(self) -> None:
        """Decide on addresses, and on the children: web and worker of each service, and the front door."""
        ports = free_ports(len(SERVICES))
        for service, port in zip(SERVICES, ports, strict=True):
            self.environment[f"{service.upper()}_URL"] = f"http://127.0.0.1:{port}"
        for service, port in zip(SERVICES, ports, strict=True):
            own = {**self.environment, "HOST": "127.0.0.1", "PORT": str(port)}
            for role in ("web", "worker"):
                self.children.append(Child(f"{service}-{role}", [sys.executable, "-m", "services", service, role], own))
        posts = self.environment.get("CHARGE_POINTS_PORT") or str(free_ports(1)[0])
        self.environment["CHARGE_POINTS_PORT"] = posts
        speaks = {**self.environment, "HOST": "127.0.0.1"}
        self.children.append(
            Child("charge-points", [sys.executable, "-m", "services", "fleet", "charge-points"], speaks)
        )
        front = [
            sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread",
            "--threads", "48", "--no-control-socket", "--timeout", "90", "--graceful-timeout", "3", "--keep-alive", "15",
            "--log-level", "warning", "services.front:front()",
        ]  # fmt: skip
        self.children.append(Child("front", front, self.environment))

    def supervise(self, began: float) -> int:
        """Keep every child alive until told to stop."""
        logs = self.data_dir / "logs"
        logs.mkdir(exist_ok=True)
        print("  啟動服務 · starting " + ", ".join(SERVICES), flush=True)
        for child in self.children:
            child.start(logs / f"{child.name}.log")
        write_whole(self.data_dir / "desk.json", json.dumps(self.description()))
        announced = False
        while not self.stopping:
            for child in self.children:
                if child.died():
                    self.revive(child, logs / f"{child.name}.log")
            if not announced and self.ready():
                announced = True
                self.announce(time.monotonic() - began)
            time.sleep(0.1)
        return 0

    def revive(self, child: Child, log: Path) -> None:
        """Start a dead child again; one that keeps dying waits longer each time, up to ten seconds."""
        now = time.monotonic()
        if child.not_before == 0.0:
            _signal_group(child, signal.SIGKILL)  # what a killed gunicorn leaves would go on listening for a while
            recent = [at for at in child.starts if now - at < 60]
            child.not_before = now + min(0.1 * 2 ** max(len(recent) - 1, 0), 10.0)
            if not self.stopping:
                print(f"  {child.name} 停了，重新啟動 · {child.name} stopped, starting it again", flush=True)
        if now >= child.not_before:
            child.not_before = 0.0
            child.start(log)
            write_whole(self.data_dir / "desk.json", json.dumps(self.description()))

    def description(self) -> dict[str, object]:
        """Who runs where; for operators and tests."""
        return {
            "url": self.url,
            "pid": os.getpid(),
            "children": {child.name: child.process.pid for child in self.children if child.process},
            "charge_points": f"ws://127.0.0.1:{self.environment['CHARGE_POINTS_PORT']}/ocpp",
            "services": {service: self.environment[f"{service.upper()}_URL"] for service in SERVICES},
        }

    def ready(self) -> bool:
        """Whether every service answers through the front door."""
        paths = ["/readyz", *(f"/{service}/readyz" for service in SERVICES if service != "portal")]
        try:
            for path in paths:
                with urllib.request.urlopen(self.url + path, timeout=2) as answer:  # noqa: S310 - our own address
                    if answer.status != 200:
                        return False
        except OSError:
            return False
        return True

    def announce(self, seconds: float) -> None:
        """Tell where it is and how to get in."""
        print(f"\n  {self.url}   （{seconds:.1f} 秒 · ready in {seconds:.1f} s）\n", flush=True)
        if self.demo:
            print("  示範帳號（密碼都是） · demo sign-ins, all with the password  " + self.environment["DEMO_PASSWORD"])
            for name, about in SIGN_INS:
                print(f"    {name:<11}{about}")
            print(f"    {'':<11}{MORE}")
        print("\n  Ctrl-C 結束 · Ctrl-C ends everything", flush=True)

    def demo_password(self) -> str:
        """DEMO_PASSWORD, or one made up on the first run and kept in DATA_DIR for the next."""
        if self.environment.get("DEMO_PASSWORD"):
            return self.environment["DEMO_PASSWORD"]
        kept = self.data_dir / "demo-password"
        if not kept.exists():
            write_whole(kept, "-".join(secrets.token_hex(2) for _ in range(4)), mode=0o600)
        return kept.read_text().strip()

    def stop(self, *_signal: object) -> None:
        """Asked to end; a second time changes nothing."""
        self.stopping = True

    def end_all(self) -> None:
        """End every child: politely, then for good."""
        alive = [child for child in self.children if child.process and child.process.poll() is None]
        for child in alive:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + 6
        for child in alive:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))  # type: ignore[union-attr]
        for child in alive:
            _signal_group(child, signal.SIGKILL)
        for child in alive:
            child.process.wait()  # type: ignore[union-attr]
        print("  已全部結束 · everything has ended", flush=True)


def _signal_group(child: Child, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)  # type: ignore[union-attr]


def one_each(url: str) -> str:
    """A database address with a place for the service's name: `…/citykeys` becomes `…/citykeys_{service}`."""
    if "{service}" in url:
        return url
    parts = urlsplit(url)
    stem, dot, ending = parts.path.rpartition(".") if parts.scheme.startswith("sqlite") else (parts.path, "", "")
    path = f"{stem or parts.path}_{{service}}{dot}{ending}" if stem else f"{parts.path}_{{service}}"
    return (
        urlunsplit(parts._replace(path=path)) if not parts.scheme.startswith("sqlite") else f"{parts.scheme}://{path}"
    )


def port_of(environment: dict[str, str]) -> int:
    """PORT, 8000 unless told. Ends the program with a sentence when it is no port."""
    told = environment.get("PORT") or "8000"
    if not (told.isascii() and told.isdigit() and 1 <= int(told) <= 65535):
        sys.exit(f"PORT 要是 1 到 65535 的數字，不是「{told}」。\nPORT must be a number from 1 to 65535, not ‘{told}’.")
    return int(told)


def port_is_free(port: int) -> bool:
    """Whether we could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


if __name__ == "__main__":
    sys.exit(Desk(dict(os.environ)).run())
