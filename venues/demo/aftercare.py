"""The end of past bookings: inspected, deposits returned, one with damage and its photo, one to be inspected today,
a breach, remittances, and a closure of some weeks ago with what it suspended.
"""

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select

from common.identity import Person
from common.period import Period, local, taipei, today
from common.uploads import Store
from venues import aftercare, breaches, closures, money, papers, suspending, treasury
from venues.aftercare import Found
from venues.demo.history import History
from venues.models import Booking, Venue
from venues.vocabulary import CLOSED, CONFIRMED, INSPECTION, REGISTERED_BODY, SUSPENDED, UNDECIDED, UNPAID

PAST_DAYS = 56
UNINSPECTED_DAYS = 2
"""Bookings of the last days wait for their inspection."""
CERTIFICATE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
DAMAGES = (Found("地板拖痕與膠帶殘膠", 2500), Found("燈架漆面刮傷", 1800))


def load(history: History, officer: Person, venues: dict[str, Venue]) -> None:
    """Plan what the officer does each evening, and the closure of a typhoon day."""
    _typhoon(history, officer, venues)
    for days in range(-PAST_DAYS, 1):
        day = today(history.now) + timedelta(days=days)
        history.at(taipei(day, "22:30"), lambda at: _evening(history, officer, at))
        if day.day in (1, 15):
            history.at(taipei(day, "16:00"), lambda at: _remit(history, officer, at))
    history.at(history.now - timedelta(minutes=5), lambda at: _turn(history, at))
    history.at(history.now - timedelta(hours=20), lambda at: _send_papers(history, at))


def _turn(history: History, at: datetime) -> None:
    aftercare.turn(history.session, at)


def _send_papers(history: History, at: datetime) -> None:
    """The demonstration's group has sent the proof that it is registered with what is still open."""
    folder = history.session.info.get("uploads_dir")
    if folder is None:
        return
    mine = select(Booking).where(Booking.status.in_((*UNDECIDED, *UNPAID)), Booking.applicant_class == REGISTERED_BODY)
    for booking in history.session.scalars(mine.order_by(Booking.id)):
        if booking.applicant and booking.applicant.username == "group":
            told = {"kind": papers.REGISTRATION, "filename": "立案證書.pdf"}
            papers.add(history.session, booking.applicant, at, booking.id, Store(folder), content=CERTIFICATE, **told)


def _evening(history: History, officer: Person, at: datetime) -> None:
    """What ended today is inspected; what was found in order three days ago is paid back; refunds go out."""
    session = history.session
    aftercare.turn(session, at)
    if at < history.now - timedelta(days=UNINSPECTED_DAYS):
        for booking in session.scalars(select(Booking).where(Booking.status == INSPECTION).order_by(Booking.id)):
            if aftercare.inspection_of(session, booking) is None:
                _inspect(history, officer, booking, at)
            elif at >= booking.ends_at + timedelta(days=3):
                document = f"D-{booking.number.replace('-V', '')}"
                aftercare.return_deposit(session, officer, at, booking.id, document_number=document)
    due = select(Booking).where(
        Booking.status.in_(("cancelled", SUSPENDED)), Booking.changed_at < at - timedelta(days=9)
    )
    for booking in session.scalars(due.order_by(Booking.id)):
        if money.to_return(booking):
            aftercare.pay_refund(
                session, officer, at, booking.id, document_number=f"P-{booking.number.replace('-V', '')}"
            )


def _inspect(history: History, officer: Person, booking: Booking, at: datetime) -> None:
    """In order, but for one paying event among many, whose damage is photographed."""
    session = history.session
    present = booking.applicant.name if booking.applicant else ""
    if booking.total and booking.applicant:
        account = {"name": booking.agency.name if booking.agency else present, "bank": "臺灣銀行公館分行"}
        number = f"0340{booking.agency_id:04d}{booking.id:04d}"
        aftercare.give_account(session, booking.applicant, at, booking.id, **account, number=number)
    damaged = bool(booking.deposit) and not session.info.get("demo.damaged")
    if damaged:
        session.info["demo.damaged"] = True
        _photograph(history, officer, booking, at)
    note = "地板與燈架有損壞，已拍照存證。" if damaged else ""
    aftercare.inspect(session, officer, at, booking.id, damages=DAMAGES if damaged else (), present=present, note=note)


def _photograph(history: History, officer: Person, booking: Booking, at: datetime) -> None:
    folder = history.session.info.get("uploads_dir")
    if folder is None:
        return
    picture = Image.new("RGB", (480, 320), "#b9a88c")
    drawing = ImageDraw.Draw(picture)
    for offset in range(0, 480, 60):
        drawing.line((offset, 0, offset, 320), fill="#9c8b70", width=2)
    drawing.line((60, 240, 210, 130, 400, 200), fill="#5b4630", width=9)
    out = io.BytesIO()
    picture.save(out, "PNG")
    told = {"kind": papers.DAMAGE_PHOTO, "filename": "地板刮痕.png"}
    papers.add(history.session, officer, at, booking.id, Store(folder), content=out.getvalue(), **told)


def _remit(history: History, officer: Person, at: datetime) -> None:
    day = local(at).date() - timedelta(days=1)
    if treasury.to_remit(history.session, day) > 0:
        number = f"市庫解-{day.year - 1911}-{day.month:02d}{day.day:02d}"
        treasury.remit(history.session, officer, at, until=day, document_number=number)


def _typhoon(history: History, officer: Person, venues: dict[str, Venue]) -> None:
    """Halls and grounds were closed for a typhoon some weeks ago; what was booked is suspended and refunded."""
    first = today(history.now) - timedelta(days=33)
    period = Period(taipei(first, "00:00"), taipei(first + timedelta(days=7), "00:00"))
    grounds = [venue.id for venue in venues.values() if venue.by_slots and venue.whole_id is None]

    def close(at: datetime) -> None:
        reason = "颱風接近，停止上班上課，場地停止使用並拆除臨時設施。"
        closures.close(
            history.session, officer, at, venue_ids=grounds, period=period, reason=reason, ground="force_majeure"
        )
        carry(at)

    def carry(at: datetime) -> None:
        while suspending.step(history.session, at):
            pass

    history.at(taipei(first - timedelta(days=2), "17:30"), close)


def breach(history: History, officer: Person) -> None:
    """One body handed its permit on: the last past booking that a body outside paid for, not the demonstration's group's."""

    def act(at: datetime) -> None:
        past = select(Booking).where(Booking.status.in_((CLOSED, CONFIRMED)), Booking.deposit > 0, Booking.ends_at < at)
        for booking in history.session.scalars(past.order_by(Booking.id.desc())):
            if booking.applicant and booking.applicant.username != "group":
                breaches.record(
                    history.session,
                    officer,
                    at,
                    booking.id,
                    kind="transfer",
                    what="現場由其他單位辦理商品展售，與核准不符。",
                )
                return

    history.at(history.now - timedelta(days=1, hours=3), act)
