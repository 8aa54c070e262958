"""Carries words to people: the in-app inbox and mail with `.ics`; counts what arrived."""

from services.messenger.service import SERVICE

__all__ = ["SERVICE"]
