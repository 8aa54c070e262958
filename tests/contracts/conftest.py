"""The demonstration city for the tests of promises."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common import keys as keyring
from common.service import Service
from common.settings import SERVICES, Settings
from tests.conftest import Databases
from tests.contracts.city import City, build_city


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, databases: Databases, keys_dir: Path) -> Iterator[City]:
    """A city of the module's own: what it changes or loses concerns nobody else."""
    folder = tmp_path_factory.mktemp("city")

    def settings_of(service: Service) -> Settings:
        return Settings(
            service=service.name, data_dir=folder, database_url=databases.copy(service), broker_url="filesystem://",
            keys_dir=keys_dir, public_url="http://localhost", mail_url="", mail_from="citykeys@localhost",
            password_policy="nist", demo=True, trusted_proxies=1, urls={name: f"http://127.0.0.1:9/{name}" for name in SERVICES},
        )  # fmt: skip

    made = build_city(settings_of, keyring.Keys.load(keys_dir, "portal"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ids(city: City) -> dict[str, dict[str, list[str]]]:
    """For each service: ids that its rows have, by table."""
    return {name: city.ids(name) for name in city.databases}
