"""What runs: each service wires a package, its database and its doors. No rules live here."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the desk, which stays small, imports this package too
    from common.service import Service


def service_named(name: str) -> "Service":
    """The description of one service: `services/<name>.py`."""
    found: Service = importlib.import_module(f"services.{name}").SERVICE
    return found
