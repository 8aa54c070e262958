"""What the data centre gets: containers without passwords or privileges, and secrets that the services can use."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from common.keys import Keys
from common.settings import CATALOGUE, SERVICES, Settings

ROOT = Path(__file__).parents[1]
ROLES = ("migrate", "web", "worker")
# Read by the image, by Docker Compose or by the launcher rather than by Settings.
BESIDE_SETTINGS = {"SERVICE", "ROLE", "HOST", "PORT", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


@pytest.fixture(scope="module")
def house():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets.sh", folder], check=True, capture_output=True)
    return folder


def test_every_service_has_its_web_its_worker_and_its_migration(house):
    for service in SERVICES:
        for role in ROLES:
            container = house["services"][f"{service}-{role}"]
            assert container["command"] == ["python", "-m", "services", service, role]
            assert container["environment"]["SERVICE"] == service


def test_no_container_runs_as_root_or_keeps_privileges(house):
    for name, container in house["services"].items():
        assert container.get("user", "root") not in ("root", "0", "0:0"), name
        assert container["cap_drop"] == ["ALL"], name
        assert "privileged" not in container, name
    for service in SERVICES:
        assert all(house["services"][f"{service}-{role}"]["read_only"] for role in ROLES)


def test_only_the_proxy_is_reached_from_outside(house):
    assert [name for name, container in house["services"].items() if "ports" in container] == ["proxy"]
    assert house["networks"]["inside"] == {"internal": True}


def test_no_password_stands_in_the_file(house):
    for name, container in house["services"].items():
        for variable, value in container.get("environment", {}).items():
            assert not re.search(r"PASSWORD$|SECRET$|^DATABASE_URL$|^BROKER_URL$", variable), (
                f"{name}: {variable} belongs in a file"
            )
            assert "@" not in str(value), f"{name}: {variable} holds a password"


def test_the_containers_are_told_only_documented_settings(house):
    known = {setting.name for setting in CATALOGUE} | BESIDE_SETTINGS
    for service in SERVICES:
        told = {name.removesuffix("_FILE") for name in house["services"][f"{service}-web"]["environment"]}
        assert told <= known


def test_every_secret_that_is_mounted_is_made(house, secrets):
    files = {Path(secret["file"]).name for secret in house["secrets"].values()}
    assert files == {name for name in files if (secrets / name).read_text().strip()}
    for container in house["services"].values():
        assert set(container.get("secrets", ())) <= house["secrets"].keys()


def test_secrets_are_made_once_and_for_their_owner_only(secrets):
    before = {path: path.read_bytes() for path in secrets.rglob("*") if path.is_file()}
    subprocess.run([ROOT / "deploy/make-secrets.sh", secrets], check=True, capture_output=True)
    assert before == {path: path.read_bytes() for path in secrets.rglob("*") if path.is_file()}
    assert os.stat(secrets).st_mode & 0o777 == 0o700
    passwords = [(secrets / f"{service}_database_password").read_text() for service in SERVICES]
    assert len(set(passwords)) == len(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_from_what_its_container_is_given(house, secrets, service):
    """The environment of the web container, with the paths inside it turned into those of the made files."""
    environment = {}
    for name, value in house["services"][f"{service}-web"]["environment"].items():
        if value is not None:
            text = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", str(value))
            environment[name] = text.replace("/run/secrets", str(secrets))
    environment |= {"KEYS_DIR": str(secrets / "keys" / service)}
    settings = Settings.from_environment(service, environment)
    assert settings.database_url.startswith(f"postgresql+psycopg://{service}:")
    assert settings.broker_url.startswith("amqp://")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_holds_its_own_private_key_and_knows_all_public_ones(secrets, service):
    folder = secrets / "keys" / service
    keys = Keys.load(folder, service)
    assert keys.kid == f"{service}.1"
    assert set(keys.public) == {f"{each}.1" for each in SERVICES}
    pushes = {"vapid.pem"} if service == "messenger" else set()
    assert {path.name for path in folder.glob("*.pem")} == {f"{service}.pem"} | pushes


def test_every_service_has_its_way_in(house):
    caddy = (ROOT / "deploy/Caddyfile").read_text()
    for service in SERVICES:
        assert f"reverse_proxy {service}-web:8000" in caddy
        assert house["services"]["proxy"]["depends_on"][f"{service}-web"] == {"condition": "service_healthy"}


def test_every_setting_is_documented():
    operations = (ROOT / "docs/operations.md").read_text()
    missing = [setting.name for setting in CATALOGUE if f"| `{setting.name}` |" not in operations]
    assert missing == []
