"""The demonstration city for the tests of promises."""

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import keys as keyring
from common.settings import SERVICES, Settings
from tests.conftest import Databases
from tests.contracts.city import HOUSE, City, fill_city, open_city
from tests.house_fixture import ADDRESSES, FILLED_CITY, shared_folder


def settings_of(folder: Path, keys_dir: Path, addresses: dict[str, str]) -> dict[str, Settings]:
    """Settings of every service on the databases at these addresses."""
    return {
        name: Settings(
            service=name, data_dir=folder, database_url=address, broker_url="filesystem://",
            keys_dir=keys_dir, public_url="http://localhost", mail_url="", mail_from="citykeys@localhost",
            password_policy="nist", demo=True, trusted_proxies=1, urls={name: f"http://127.0.0.1:9/{name}" for name in SERVICES},
        )
        for name, address in addresses.items()
    }  # fmt: skip


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, databases: Databases, keys_dir: Path) -> dict[str, str]:
    """The addresses of the filled databases that every city of this run is a copy of; one test process fills them."""
    folder = shared_folder(tmp_path_factory) / FILLED_CITY
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ADDRESSES).exists():
            addresses = {name: databases.copy(service) for name, service in HOUSE.items()}
            fill_city(settings_of(folder, keys_dir, addresses), keyring.Keys.load(keys_dir, "portal"))
            for address in addresses.values():
                databases.leave(address)
            (folder / ADDRESSES).write_text(json.dumps(addresses))
    told: dict[str, str] = json.loads((folder / ADDRESSES).read_text())
    return told


@pytest.fixture(scope="module")
def city(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, keys_dir: Path, filled: dict[str, str]
) -> Iterator[City]:
    """A city of the module's own: what it changes or loses concerns nobody else."""
    copies = {name: databases.copy_of(address) for name, address in filled.items()}
    made = open_city(
        settings_of(tmp_path_factory.mktemp("city"), keys_dir, copies), keyring.Keys.load(keys_dir, "portal")
    )
    yield made
    made.close()
    for address in copies.values():
        databases.drop(address)


@pytest.fixture(scope="module")
def ids(city: City) -> dict[str, dict[str, list[str]]]:
    """For each service: ids that its rows have, by table."""
    return {name: city.ids(name) for name in city.databases}
