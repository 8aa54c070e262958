"""The dorms API: the operations outsiders rely on. One file a subject."""

from dorms.api import checks, files, houses, objections, repairs, rounds, tables, tenancies
from dorms.api.door import api

__all__ = ["api", "checks", "files", "houses", "objections", "repairs", "rounds", "tables", "tenancies"]
