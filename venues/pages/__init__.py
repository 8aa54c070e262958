"""Doors for people: what is free and what it costs, applying, following a booking, deciding it, meeting rooms."""

from venues.pages import operators, round_desk, round_files, round_papers, setup
from venues.pages.aftercare import pages as aftercare_pages
from venues.pages.boards import pages as board_pages
from venues.pages.bookings import pages as booking_pages
from venues.pages.breaches import pages as breach_pages
from venues.pages.calendar import pages as calendar_pages
from venues.pages.closures import pages as closure_pages
from venues.pages.contests import pages as contest_pages
from venues.pages.contracts import pages as contract_pages
from venues.pages.contributed import pages as contributed_pages
from venues.pages.equipment import pages as equipment_pages
from venues.pages.feeds import feeds
from venues.pages.forms import pages as form_pages
from venues.pages.gallery import pages as gallery_pages
from venues.pages.halls import pages as hall_pages
from venues.pages.income import pages as income_pages
from venues.pages.loans import pages as loan_pages
from venues.pages.meetings import pages as meeting_pages
from venues.pages.papers import pages as paper_pages
from venues.pages.place_register import pages as place_pages
from venues.pages.reductions import pages as reduction_pages
from venues.pages.room_desk import pages as room_desk_pages
from venues.pages.rooms import pages as room_pages
from venues.pages.rounds import pages as round_pages
from venues.pages.series import pages as series_pages
from venues.pages.tariffs import pages as tariff_pages
from venues.pages.waiting import pages as waiting_pages
from venues.pages.what_if import pages as what_if_pages

PAGES = (
    hall_pages,
    booking_pages,
    room_pages,
    tariff_pages,
    reduction_pages,
    calendar_pages,
    what_if_pages,
    aftercare_pages,
    paper_pages,
    breach_pages,
    closure_pages,
    income_pages,
    meeting_pages,
    room_desk_pages,
    round_pages,
    board_pages,
    contract_pages,
    contributed_pages,
    equipment_pages,
    gallery_pages,
    loan_pages,
    contest_pages,
    series_pages,
    waiting_pages,
    place_pages,
    form_pages,
    feeds,
)

__all__ = [
    "PAGES", "operators", "round_desk", "round_files", "round_papers", "setup",
]  # fmt: skip
