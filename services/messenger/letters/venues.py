"""Letters about halls, grounds and rooms to meet in."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Invite, Letter

_VENUE_PLACE = Words("{venue}", "{venue}")
_HALL = Words("場地", "Venue")
_BOOKING_LINES = (
    Words("活動：{event_name}", "Event: {event_name}"),
    Words("場地：{venue}", "Venue: {venue}"),
    Words("時間：{when}", "When: {when}"),
    Words("說明：{reason}", "Reason: {reason}"),
    Words("編號：{number}", "Number: {number}"),
)
_PAY_LINE = Words(
    "請在 {pay_by} 前繳 {total} 元（場地費 {fee}、保證金 {deposit}），逾期檔期會釋出。",
    "Please pay NT${total} (fee {fee}, deposit {deposit}) before {pay_by}; after that the slot is released.",
)
_REFUND_LINE = Words("應退：{refund} 元", "To be refunded: NT${refund}")


def _booking(told_to: str, zh: str, en: str, *, extra: tuple[Words, ...] = (), **more: Any) -> Letter:
    return Letter(
        told_to,
        Words(zh, en),
        (*_BOOKING_LINES, *extra),
        "/venues/bookings/{booking_id}",
        entry=Words("{event_name}（{venue}）", "{event_name} ({venue})"),
        place=_VENUE_PLACE,
        category=_HALL,
        **more,
    )


def _meeting(zh: str, en: str, *, invite: Invite) -> Letter:
    lines = (
        Words("會議：{title}", "Meeting: {title}"),
        Words("會議室：{room}", "Room: {room}"),
        Words("時間：{when}", "When: {when}"),
    )
    return Letter(
        "booker",
        Words(zh, en),
        lines,
        "/venues/meetings",
        invite=invite,
        entry=Words("{title}（{room}）", "{title} ({room})"),
        place=Words("{room}", "{room}"),
        category=Words("會議室", "Meeting room"),
        alarm_minutes=10,
    )


VENUES: dict[str, tuple[Letter, ...]] = {
    "venues.booking_submitted.v1": (
        _booking("venue_officers", "新的場地申請：{venue} {when}", "New application: {venue}, {when}"),
        _booking("applicant", "已收到場地申請 {number}", "We have your application {number}"),
    ),
    "venues.booking_supplement_needed.v1": (
        _booking("applicant", "場地申請 {number} 請補件", "Application {number}: more papers needed"),
    ),
    "venues.booking_approved.v1": (
        _booking("applicant", "場地申請 {number} 已核准", "Application {number} approved", extra=(_PAY_LINE,)),
    ),
    "venues.booking_rejected.v1": (
        _booking("applicant", "場地申請 {number} 未核准", "Application {number} was not approved", lasting=True),
    ),
    "venues.booking_changed.v1": (
        _booking("venue_officers", "場地申請 {number} 有更新", "Application {number} was updated", mail=False),
    ),
    "venues.booking_confirmed.v1": (
        _booking("applicant", "場地已成立：{venue} {when}", "Confirmed: {venue}, {when}", invite="request"),
    ),
    "venues.booking_cancelled.v1": (
        _booking(
            "applicant",
            "場地已取消：{venue} {when}",
            "Cancelled: {venue}, {when}",
            extra=(_REFUND_LINE,),
            invite="cancel",
            lasting=True,
        ),
        _booking("venue_officers", "場地取消，檔期已釋出：{venue} {when}", "Cancelled, slot released: {venue}, {when}"),
    ),
    "venues.booking_lapsed.v1": (
        _booking(
            "applicant",
            "場地申請 {number} 已失效，檔期釋出",
            "Application {number} lapsed; the slot was released",
            invite="cancel",
            lasting=True,
        ),
    ),
    "venues.meeting_booked.v1": (
        _meeting("會議室已預約：{room} {when}", "Room booked: {room}, {when}", invite="request"),
    ),
    "venues.meeting_released.v1": (
        _meeting("會議室已釋出：{room} {when}", "Room released: {room}, {when}", invite="cancel"),
    ),
}
