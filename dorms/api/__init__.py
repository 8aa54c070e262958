"""The dorms API: the operations outsiders rely on. One file a subject."""

from dorms.api import rounds, tenancies
from dorms.api.door import api

__all__ = ["api", "rounds", "tenancies"]
