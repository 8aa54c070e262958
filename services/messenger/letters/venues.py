"""Letters about halls and grounds."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

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
_PRICE_LINE = Words(
    "新的金額：{total} 元（場地費 {fee}、保證金 {deposit}）", "New price: NT${total} (fee {fee}, deposit {deposit})"
)
_REFUND_LINE = Words("應退：{refund} 元", "To be refunded: NT${refund}")
_DEDUCTED_LINE = Words("由保證金扣抵：{deducted} 元", "Kept from the deposit: NT${deducted}")
_CLAIMED_LINE = Words("另行求償：{claimed} 元", "Claimed beyond it: NT${claimed}")
_BACK_LINE = Words("應退保證金：{refund} 元，{return_by}前退還", "Deposit to come back: NT${refund}, by {return_by}")
_PAID_LINE = Words("已付出：{refund} 元", "Paid out: NT${refund}")
_BARRED_LINE = Words("{barred_until}起才能再申請", "You may apply again from {barred_until}")
_BACK_AGAIN_LINE = Words(
    "若提前重新開放而你想恢復檔期，請到申請頁登記。", "Should it reopen early and you want it back, say so on its page."
)


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


def _waiting(zh: str, en: str, *extra: Words) -> Letter:
    lines = (Words("活動：{event_name}", "Event: {event_name}"), Words("場地：{venue}", "Venue: {venue}"), *extra)
    return Letter("applicant", Words(zh, en), lines, "/venues/waiting", rings=True, lasting=True)


def _closure(zh: str, en: str) -> Letter:
    lines = (
        Words("場地：{venue}", "Venues: {venue}"),
        Words("時間：{when}", "When: {when}"),
        Words("原因：{reason}", "Reason: {reason}"),
        Words("受影響：{bookings} 件", "Touched: {bookings}"),
    )
    return Letter("venue_officers", Words(zh, en), lines, "/venues/closures/{closure_id}", lasting=True)


VENUES: dict[str, tuple[Letter, ...]] = {
    "venues.booking_submitted.v1": (
        _booking("venue_officers", "新的場地申請：{venue} {when}", "New application: {venue}, {when}"),
        _booking("applicant", "已收到場地申請 {number}", "We have your application {number}"),
    ),
    "venues.booking_supplement_needed.v1": (
        _booking("applicant", "場地申請 {number} 請補件", "Application {number}: more papers needed"),
    ),
    "venues.booking_contested.v1": (
        _booking("applicant", "場地申請 {number}：同時段有多件", "Application {number}: others want the same time"),
    ),
    "venues.booking_to_be_drawn.v1": (
        _booking("applicant", "場地申請 {number} 將抽籤決定", "Application {number}: a draw decides"),
        _booking(
            "venue_officers",
            "名單已公布，待抽籤：{venue} {when}",
            "List published, to be drawn: {venue}, {when}",
            mail=False,
        ),
    ),
    "venues.booking_contest_won.v1": (
        _booking(
            "applicant", "場地申請 {number} 取得時段，等待審核", "Application {number} has its time; a decision follows"
        ),
        _booking("venue_officers", "待審核：{venue} {when}", "To decide: {venue}, {when}", mail=False),
    ),
    "venues.booking_contest_lost.v1": (
        _booking(
            "applicant",
            "場地申請 {number} 未取得時段，請改選",
            "Application {number}: please choose another time",
            lasting=True,
        ),
    ),
    "venues.booking_setup_answered.v1": (
        _booking("applicant", "場地申請 {number}：進場佈置的答覆", "Application {number}: about setting up"),
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
    "venues.booking_repriced.v1": (
        _booking(
            "applicant", "場地申請 {number} 金額已變更", "Application {number}: the price changed", extra=(_PRICE_LINE,)
        ),
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
    "venues.slot_offered.v1": (
        _waiting(
            "候補到了：{venue} {when}",
            "Free now: {venue}, {when}",
            Words(
                "替你保留到 {offered_until}，請在期限內接受。",
                "Held for you until {offered_until}; please take it up by then.",
            ),
        ),
    ),
    "venues.slot_passed_by.v1": (_waiting("候補已結束：{venue} {when}", "No longer waiting: {venue}, {when}"),),
    "venues.booking_inspected.v1": (
        _booking(
            "applicant",
            "場復檢查完成：{venue} {when}",
            "Inspected: {venue}, {when}",
            extra=(_DEDUCTED_LINE, _CLAIMED_LINE, _BACK_LINE),
            lasting=True,
        ),
    ),
    "venues.booking_deposit_returned.v1": (
        _booking(
            "applicant",
            "保證金已退還：{venue} {when}",
            "Deposit returned: {venue}, {when}",
            extra=(_PAID_LINE,),
            lasting=True,
        ),
    ),
    "venues.booking_refunded.v1": (
        _booking("applicant", "退款已付出：{number}", "Refund paid out: {number}", extra=(_PAID_LINE,), lasting=True),
    ),
    "venues.booking_closed.v1": (
        _booking("applicant", "場地申請 {number} 已結案", "Booking {number} is closed", mail=False, lasting=True),
    ),
    "venues.booking_breached.v1": (
        _booking(
            "applicant",
            "場地申請 {number} 違規，停止申請",
            "Breach in booking {number}: barred from applying",
            extra=(_BARRED_LINE, _REFUND_LINE),
            invite="cancel",
            lasting=True,
        ),
    ),
    "venues.booking_bar_lifted.v1": (
        _booking("applicant", "停止申請處分已解除（{number}）", "You may apply again ({number})", lasting=True),
    ),
    "venues.booking_suspended.v1": (
        _booking(
            "applicant",
            "場地停止使用：{venue} {when}",
            "Venue closed: {venue}, {when}",
            extra=(_REFUND_LINE, _BACK_AGAIN_LINE),
            invite="cancel",
            lasting=True,
        ),
    ),
    "venues.booking_restored.v1": (
        _booking(
            "applicant",
            "場地重新開放，檔期恢復：{venue} {when}",
            "Reopened, booking restored: {venue}, {when}",
            invite="request",
        ),
    ),
    "venues.venue_closed.v1": (_closure("停止使用：{venue} {when}", "Closed: {venue}, {when}"),),
    "venues.venue_reopened.v1": (_closure("重新開放：{venue} {when}", "Reopened: {venue}, {when}"),),
}
