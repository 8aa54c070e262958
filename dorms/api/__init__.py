"""The dorms API: the operations outsiders rely on. One file a subject."""

from dorms.api import objections, tables
from dorms.api.core import api

__all__ = ["api", "objections", "tables"]
