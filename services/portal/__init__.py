"""The front door: people, agencies, sign-in, sessions, calendar addresses, and everyone's own next things."""

from services.portal.service import SERVICE

__all__ = ["SERVICE"]
