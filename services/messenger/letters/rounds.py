"""Letters about rounds: stalls, galleries, plazas given out by a draw. Tickets, not names, go into the subject."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

_ROUND = Words("檔期：{round_title}（{number}）", "Round: {round_title_en} ({number})")
_TICKET = Words("票號：{ticket}", "Ticket: {ticket}")
_REASON = Words("說明：{reason}", "Reason: {reason}")
_MINE, _DRAW = "/venues/registrations/{registration_id}", "/venues/rounds/{round_id}/draw"


def _mine(zh: str, en: str, *lines: Words, **more: Any) -> Letter:
    return Letter("applicant", Words(zh, en), (_ROUND, _TICKET, *lines, _REASON), _MINE, lasting=True, **more)


def _round(zh: str, en: str, *lines: Words) -> Letter:
    return Letter("ranked", Words(zh, en), (_ROUND, *lines, _REASON), _DRAW, lasting=True)


ROUNDS: dict[str, tuple[Letter, ...]] = {
    "venues.round_list_published.v1": (
        _round(
            "名單已公布：{round_title}",
            "The list is published: {round_title_en}",
            Words("名單 SHA-256：{tickets_sha256}", "SHA-256 of the list: {tickets_sha256}"),
            Words("種子 {seed_known_at} 公布。", "The seed becomes known {seed_known_at}."),
        ),
    ),
    "venues.round_suspended.v1": (
        _round("暫停使用：{round_title}", "Suspended: {round_title_en}"),
    ),
    "venues.round_cancelled.v1": (
        _round("已取消：{round_title}", "Cancelled: {round_title_en}"),
    ),
    "venues.registration_received.v1": (
        _mine("已收到登記，票號 {ticket}", "We have your registration, ticket {ticket}"),
    ),
    "venues.registration_supplement_needed.v1": (
        _mine("登記 {ticket} 請補件", "Registration {ticket}: papers needed", Words("期限：{due_on}", "By: {due_on}")),
    ),
    "venues.registration_papers_sent.v1": (
        _mine("已收到補件（{ticket}）", "We have your papers ({ticket})"),
    ),
    "venues.registration_decided.v1": (
        _mine("資格符合：{ticket}", "Eligible: {ticket}", states=("eligible",)),
        _mine(
            "資格不符：{ticket}", "Not eligible: {ticket}", Words("可申復到：{due_on}", "Appeal by: {due_on}"),
            states=("ineligible",),
        ),
    ),
    "venues.registration_selected.v1": (
        _mine(
            "抽中 {place_no} 號位，請回覆（{ticket}）", "Drawn for place {place_no}, please answer ({ticket})",
            Words(
                "請在 {answer_by} 前接受或放棄，逾期由備取遞補。",
                "Accept or decline before {answer_by}; then it goes to the next.",
            ),
        ),
    ),
    "venues.registration_waiting.v1": (
        _mine("備取 {position}（{ticket}）", "Waiting list, number {position} ({ticket})"),
    ),
    "venues.registration_moved_up.v1": (
        _mine(
            "遞補到 {place_no} 號位，請回覆（{ticket}）", "Moved up to place {place_no}, please answer ({ticket})",
            Words("請在 {answer_by} 前接受或放棄。", "Accept or decline before {answer_by}."),
        ),
    ),
    "venues.registration_accepted.v1": (
        _mine(
            "已接受 {place_no} 號位（{ticket}）", "Place {place_no} accepted ({ticket})",
            Words("請在 {pay_by} 前繳租金 {amount} 元。", "Please pay the rent of NT${amount} before {pay_by}."),
        ),
    ),
    "venues.registration_settled.v1": (
        _mine(
            "{place_no} 號位租金已結清（{ticket}）", "Nothing more is owed for place {place_no} ({ticket})",
            Words("收到租金：{amount} 元", "Rent received: NT${amount}"),
        ),
    ),
    "venues.registration_finished.v1": (
        _mine("{place_no} 號位使用期間已滿（{ticket}）", "The term of place {place_no} is over ({ticket})"),
    ),
    "venues.registration_withdrawn.v1": (
        _mine(
            "登記 {ticket} 已結束", "Registration {ticket} has ended",
            Words("應退租金：{amount} 元", "Rent to be returned: NT${amount}"),
        ),
    ),
    "venues.registration_warned.v1": (
        _mine("勸導通知（{ticket}）", "A warning ({ticket})", Words("停權到：{due_on}", "Barred until: {due_on}")),
    ),
}  # fmt: skip
