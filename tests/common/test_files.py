"""Files are found whole, whoever looks and whoever is killed."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

from common.files import write_whole
from tests.house_fixture import eventually

ROOT = Path(__file__).resolve().parents[2]
WRITES_FOR_EVER = """
import sys
from pathlib import Path
from common.files import write_whole
while True:
    for letter in "ab":
        write_whole(Path(sys.argv[1]), letter * 200_000)
"""


def test_a_reader_finds_the_old_or_the_new_and_never_a_part(tmp_path: Path) -> None:
    path = tmp_path / "told.json"
    write_whole(path, "a" * 200_000)
    writer = subprocess.Popen([sys.executable, "-c", WRITES_FOR_EVER, str(path)], cwd=ROOT)
    try:
        eventually(lambda: path.read_text().startswith("b"))
        found = {path.read_text() for _ in range(2000)}
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    found.add(path.read_text())
    assert found <= {"a" * 200_000, "b" * 200_000}


def test_two_who_write_the_same_file_do_not_spoil_it(tmp_path: Path) -> None:
    path = tmp_path / "told.json"
    writers = [threading.Thread(target=write_whole, args=(path, letter * 50_000)) for letter in "abcdefgh"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() in {letter * 50_000 for letter in "abcdefgh"}
    assert [each.name for each in tmp_path.iterdir()] == ["told.json"]


def test_what_is_private_is_never_open_to_others(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_whole(path, b"\x00\xff", mode=0o600)
    assert path.read_bytes() == b"\x00\xff"
    assert path.stat().st_mode & 0o777 == 0o600
