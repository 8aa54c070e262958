"""Letters about loans, postings, gallery terms, contributed days and equipment that is short."""

from common.words import Words
from services.messenger.letters.shape import Letter

_WHAT = Words("內容：{what_zh}", "What: {what_en}")
_DAYS = Words("期間：{starts_on}–{ends_on}", "Days: {starts_on}–{ends_on}")
_MORE = Words("{details_zh}", "{details_en}")
_REASON = Words("說明：{reason}", "Reason: {reason}")
_NUMBER = Words("編號：{number}", "Number: {number}")


def _decided(state: str, zh: str, en: str, link: str, *lines: Words) -> Letter:
    return Letter("applicant", Words(zh, en), (*lines, _REASON), link, states=(state,), lasting=True)


GROUNDS: dict[str, tuple[Letter, ...]] = {
    "venues.loan_decided.v1": (
        _decided(
            "approved", "借用已核准，請於 {starts_on} 領用", "Loan approved; collect it on {starts_on}", "/venues/loans/{thing_id}",
            _WHAT, _DAYS, _NUMBER,
        ),
        _decided(
            "rejected", "借用未核准：{what_zh}", "Loan not approved: {what_en}", "/venues/loans/{thing_id}",
            _WHAT, _DAYS, _NUMBER,
        ),
    ),
    "venues.loan_overdue.v1": (
        Letter(
            "applicant", Words("借用逾期，請歸還：{what_zh}", "Overdue, please return: {what_en}"),
            (_WHAT, Words("應還日：{ends_on}", "Due back: {ends_on}"), _NUMBER), "/venues/loans/{thing_id}", lasting=True,
        ),
        Letter(
            "venue_officers", Words("借用逾期：{number} {what_zh}", "Loan overdue: {number}, {what_en}"),
            (Words("應還日：{ends_on}", "Due back: {ends_on}"),), "/venues/loans/{thing_id}", mail=False, lasting=True,
        ),
    ),
    "venues.posting_decided.v1": (
        _decided(
            "approved", "看板已核准：{what_zh}", "Posting approved: {what_en}", "/venues/postings/{thing_id}",
            _DAYS, _MORE, _NUMBER,
        ),
        _decided(
            "rejected", "看板未核准：{what_zh}", "Posting not approved: {what_en}", "/venues/postings/{thing_id}",
            _DAYS, _NUMBER,
        ),
    ),
    "venues.gallery_decided.v1": (
        _decided(
            "assigned", "師生畫廊第 {number} 檔排定：{what_zh}", "Gallery term {number} is yours: {what_en}", "/venues/gallery/{thing_id}",
            _DAYS,
        ),
        _decided(
            "declined", "師生畫廊第 {number} 檔未入選", "Gallery term {number}: not chosen", "/venues/gallery/{thing_id}",
            _WHAT, _DAYS,
        ),
    ),
    "venues.contributed_allotted.v1": (
        _decided(
            "given", "回饋場地已分配：{what_zh}", "Days allotted: {what_en}", "/venues/contributed/{thing_id}",
            _MORE,
        ),
        _decided(
            "none", "回饋場地沒有分配到：{what_zh}", "No day allotted: {what_en}", "/venues/contributed/{thing_id}",
            _MORE,
        ),
    ),
    "venues.equipment_short.v1": (
        Letter(
            "venue_officers", Words("設備不足：{what_zh}", "Equipment short: {what_en}"),
            (Words("日期：{starts_on}", "Day: {starts_on}"), _NUMBER), "/venues/bookings/{thing_id}/equipment",
        ),
    ),
}  # fmt: skip
