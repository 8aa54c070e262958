"""The one interface of fleet for programs (contract.md), and who may call what."""

from common.web import Api, has_role
from fleet.models.trip import REQUESTING_ROLES

api = Api("fleet")

insiders = has_role(
    "officer", "supervisor", "dispatcher", "driver", "venue_officer", "dorm_officer", "staff", "auditor", "admin"
)
requesters = has_role(*REQUESTING_ROLES)
dispatchers = has_role("dispatcher", "admin")
drivers = has_role("driver", "dispatcher", "admin", *REQUESTING_ROLES)
