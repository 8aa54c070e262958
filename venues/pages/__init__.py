"""Doors for people: what is free and what it costs, applying, following a booking, deciding it, meeting rooms."""

from venues.pages.bookings import pages as booking_pages
from venues.pages.feeds import feeds
from venues.pages.halls import pages as hall_pages
from venues.pages.rooms import pages as room_pages

PAGES = (hall_pages, booking_pages, room_pages, feeds)

__all__ = ["PAGES"]
