"""Settings come from the environment, once; everything missing or wrong is named at once."""

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from common.settings import CATALOGUE, SERVICES, Settings, SettingsError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(keys_dir: Path, tmp_path: Path) -> dict[str, str]:
    """What is enough to start."""
    return {"DATA_DIR": str(tmp_path), "KEYS_DIR": str(keys_dir)}


def faults_of(environment: dict[str, str], service: str = "fleet") -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment(service, environment)
    first, *faults = str(refused.value).splitlines()
    assert first == f"{service} cannot start:"
    return [fault.strip() for fault in faults]


def test_a_desk_needs_nothing_but_its_keys(environment: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_environment("fleet", environment)
    assert settings.database_url == f"sqlite:///{tmp_path}/fleet.db"
    assert settings.broker_url == "filesystem://"
    assert (settings.demo, settings.secure, settings.trusted_proxies, settings.password_policy) == (
        False,
        False,
        1,
        "nist",
    )
    assert set(settings.urls) == set(SERVICES)


def test_every_value_of_the_environment_is_taken(environment: dict[str, str]) -> None:
    environment |= {
        "DATABASE_URL": "postgresql+psycopg://citykeys@db/{service}", "PUBLIC_URL": "https://keys.example.tw/", "DEMO": "1",
        "PORTAL_URL": "http://portal:8000/", "MAIL_URL": "smtp://mail:25", "PASSWORD_POLICY": "tw-baseline", "TRUSTED_PROXIES": "2",
    }  # fmt: skip
    settings = Settings.from_environment("venues", environment)
    assert settings.database_url == "postgresql+psycopg://citykeys@db/venues"
    assert (settings.public_url, settings.secure, settings.demo) == ("https://keys.example.tw", True, True)
    assert (settings.urls["portal"], settings.mail_url, settings.trusted_proxies) == (
        "http://portal:8000",
        "smtp://mail:25",
        2,
    )


def test_nothing_changes_them_afterwards(environment: dict[str, str]) -> None:
    settings = Settings.from_environment("fleet", environment)
    with pytest.raises(FrozenInstanceError):
        settings.demo = True  # type: ignore[misc]


def test_everything_wrong_is_named_at_once_and_each_once(tmp_path: Path) -> None:
    wrong = {
        "DATA_DIR": str(tmp_path), "KEYS_DIR": str(tmp_path / "none"), "DATABASE_URL": "mysql://db/x", "PUBLIC_URL": "citykeys",
        "FLEET_URL": "ftp://fleet", "VENUES_URL": "venues", "MAIL_URL": "http://mail", "PASSWORD_POLICY": "none",
        "TRUSTED_PROXIES": "-1", "BROKER_URL_FILE": str(tmp_path / "missing"), "MAIL_FROM_FILE": str(tmp_path),
    }  # fmt: skip
    faults = faults_of(wrong)
    named = [fault.split(":")[0] for fault in faults]
    assert sorted(set(named)) == sorted(
        [
            "DATABASE_URL", "FLEET_URL", "KEYS_DIR", "MAIL_URL", "PASSWORD_POLICY", "PUBLIC_URL", "TRUSTED_PROXIES", "VENUES_URL",
            "BROKER_URL_FILE", "MAIL_FROM_FILE",
        ]
    )  # fmt: skip
    assert len(faults) == len(set(faults))
    assert named.count("KEYS_DIR") == 2, "the private key and the secret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "not an address"),
        ("DATABASE_URL", "sqlserver://x"),
        ("TRUSTED_PROXIES", "one"),
        ("TRUSTED_PROXIES", "²"),
        ("PORTAL_URL", "//portal"),
        ("PASSWORD_POLICY", "NIST"),
        ("PUBLIC_URL", "http://[half"),
        ("MAIL_URL", "smtp://[half"),
        ("DORMS_URL", "http://[half"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable(environment: dict[str, str], name: str, value: str) -> None:
    assert [fault.split(":")[0] for fault in faults_of({**environment, name: value})] == [name]


def test_a_password_in_an_address_is_not_shown(environment: dict[str, str]) -> None:
    faults = faults_of(
        {**environment, "DATABASE_URL": "mysql://user:hunter2@db/x", "MAIL_URL": "http://user:hunter2@mail"}
    )
    assert len(faults) == 2 and "hunter2" not in "".join(faults)


def test_an_unknown_service_is_named(environment: dict[str, str]) -> None:
    assert any(fault.startswith("SERVICE:") for fault in faults_of(environment, "parking"))


def test_a_secret_may_come_from_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://u:p@db/{service}\n")
    told = {**environment, "DATABASE_URL": "sqlite:///other.db", "DATABASE_URL_FILE": str(secret)}
    assert Settings.from_environment("dorms", told).database_url == "postgresql+psycopg://u:p@db/dorms"


@pytest.mark.parametrize("broken", ["missing", "a folder", "not text"])
def test_a_file_that_cannot_be_read_is_named(environment: dict[str, str], tmp_path: Path, broken: str) -> None:
    path = tmp_path / "secret"
    if broken == "a folder":
        path.mkdir()
    elif broken == "not text":
        path.write_bytes(b"\xff\xfe\x00")
    (fault,) = faults_of({**environment, "MAIL_FROM_FILE": str(path)})
    assert fault.startswith("MAIL_FROM_FILE:") and str(path) in fault


@pytest.mark.parametrize("setting", CATALOGUE, ids=lambda setting: setting.name)
def test_every_setting_is_documented_with_its_default(setting: Any) -> None:
    rows = [
        line
        for line in (ROOT / "docs/operations.md").read_text().splitlines()
        if line.startswith(f"| `{setting.name}` |")
    ]
    assert rows, f"docs/operations.md does not tell of {setting.name}"
    assert f"| `{setting.default}` |" in rows[0] or not setting.default
