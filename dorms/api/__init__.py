"""The dorms API: the operations outsiders rely on. One file a subject."""

from dorms.api import files, rounds
from dorms.api.door import api

__all__ = ["api", "files", "rounds"]
