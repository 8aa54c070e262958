"""The dorms API: the operations outsiders rely on. One file a subject."""

from dorms.api import checks, houses, objections, repairs, rounds, tables, tenancies
from dorms.api.door import api

__all__ = ["api", "checks", "houses", "objections", "repairs", "rounds", "tables", "tenancies"]
