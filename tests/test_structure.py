"""The house keeps its own rules: who imports whom, how long a file grows, what the locks and the documents say."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("common", "fleet", "venues", "dorms", "services")
LONGEST_FILE = 400

# Which of our files may import a library; everything not named here is free. Patterns are matched against the whole path.
DOORS = r"(.*/)?(api|pages)(/.*|\.py)"
WEB = r"common/web/.*|services/.*"
KEPT_TO = {
    "flask": rf"{DOORS}|{WEB}",
    "flask_wtf": r"common/web/.*",
    "werkzeug": rf"{DOORS}|{WEB}",
    "wtforms": r"common/web/.*",
    "kombu": r"common/broker\.py",
    "amqp": r"common/broker\.py",
    "marshmallow": r"(.*/)?(schemas|messages|listeners)(/.*|\.py)|common/(fields|identity|inbox|schemas|wording)\.py|common/web/.*",
    "ics": r"common/calendar(/.*|\.py)",
    "gunicorn": r"services/.*",
}

DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs/structure.md",
    "docs/messages.md",
    "docs/operations.md",
    "docs/dependencies.md",
    "docs/rules.md",
)


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each import in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_point_down():
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_libraries_stay_in_their_rooms():
    strays = [
        f"{place(path)}:{line} imports {name}"
        for path in python_files(*PACKAGES)
        for line, name in imports_of(ast.parse(path.read_text()))
        if (rooms := KEPT_TO.get(name.split(".")[0])) and not re.fullmatch(rooms, place(path))
    ]
    assert strays == []


def test_imports_stand_at_the_top():
    inline = [
        f"{place(path)}:{line} imports {name}"
        for path in python_files(*PACKAGES, "tests", "bench")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for line, name in imports_of(node)
    ]
    assert inline == []


def test_no_file_outgrows_its_subject():
    long = {
        place(path): lines
        for path in python_files(*PACKAGES, "tests", "bench")
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}, f"split by subject: more than {LONGEST_FILE} lines"


def test_every_package_says_what_it_is():
    silent = [
        place(path)
        for path in python_files(*PACKAGES)
        if "migrations" not in path.parts
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == [], "a module starts with a sentence that says what it is for"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_there(name):
    assert (ROOT / name).read_text().strip()


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def wanted() -> set[str]:
    """The libraries pyproject.toml asks for, by their normalised names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {re.split(r"[\[<>=~! ]", line)[0].lower().replace("_", "-") for line in project["dependencies"]}


def test_the_lock_holds_what_is_asked_for_with_hashes():
    lock = (ROOT / "requirements.lock").read_text()
    assert wanted() <= locked("requirements.lock").keys()
    for entry in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_development_lock_contains_the_other_one():
    run, dev = locked("requirements.lock"), locked("requirements-dev.lock")
    assert run.items() <= dev.items()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_host_and_no_folder(name):
    assert not re.search(r"://|--index|--find-links|file:", (ROOT / name).read_text())


def test_every_dependency_is_accounted_for():
    """docs/dependencies.md has one row for each library we ask for, with the version that is locked."""
    rows = dict(
        re.findall(
            r"^\| ([A-Za-z0-9_.-]+)(?:\[\w+\])? \| (\d\S*) \|",
            (ROOT / "docs/dependencies.md").read_text(),
            re.MULTILINE,
        )
    )
    versions = locked("requirements.lock")
    assert {name.lower(): version for name, version in rows.items()} == {name: versions[name] for name in wanted()}
