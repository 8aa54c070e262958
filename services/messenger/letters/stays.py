"""Letters about living in a room: contract, moving in, moving out. Why somebody leaves is told to them alone (C-27)."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

_ROOM_LINE = Words("房間：{room}", "Room: {room}")
_WHY = Words("原因：{kind}", "Because: {kind}")
_LINK = "/dorms/tenancies/{tenancy_id}"
_ITEM_BY_ITEM = Words(
    "請在期限前騰空並約定點交；自費增設的留歸機關，不得拆除。",
    "Empty the room and arrange to hand it back item by item; what you built there stays with the agency.",
)


def _stay(told_to: str, zh: str, en: str, *lines: Words, **more: Any) -> Letter:
    return Letter(told_to, Words(zh, en), (_ROOM_LINE, *lines), _LINK, **more)


STAYS: dict[str, tuple[Letter, ...]] = {
    "dorms.tenancy_signed.v1": (
        _stay(
            "applicant",
            "契約已登記：{room}",
            "Your contract is recorded: {room}",
            Words("公證書字號：{number}", "Contract: {number}"),
            Words("請在 {move_in_by} 前約定點交遷入。", "Arrange to move in by {move_in_by}."),
            states=("first",),
        ),
        _stay(
            "applicant",
            "已續約：{room}",
            "Renewed: {room}",
            Words("借用至 {stay_until}", "Until {stay_until}"),
            states=("renewed",),
        ),
    ),
    "dorms.tenancy_moved_in.v1": (
        _stay(
            "applicant",
            "已點交遷入：{room}",
            "You have moved in: {room}",
            Words(
                "點交清單共 {items} 項，請在頁面上確認。", "The list has {items} lines; please confirm it on its page."
            ),
        ),
    ),
    "dorms.tenancy_forfeited.v1": (
        _stay(
            "applicant",
            "逾期未簽約公證，核配失效：{room}",
            "Not signed in time, the allotment is forfeited: {room}",
            Words("房間已讓給下一位。", "The room went to the next on the list."),
        ),
        _stay("dorm_officers", "逾期未簽約，核配失效：{room}", "Not signed in time: {room}"),
    ),
    "dorms.tenancy_leaving.v1": (
        _stay(
            "applicant",
            "請在 {leave_by} 前遷出：{room}",
            "Please move out by {leave_by}: {room}",
            _WHY,
            _ITEM_BY_ITEM,
            states=("own",),
        ),
        _stay("dorm_officers", "遷出期限開始（{leave_by}）：{room}", "Moving out by {leave_by}: {room}", mail=False),
    ),
    "dorms.tenancy_leaving_extended.v1": (
        _stay(
            "applicant",
            "遷出期限延至 {leave_by}：{room}",
            "Time to move out extended to {leave_by}: {room}",
            states=("own",),
        ),
    ),
    "dorms.tenancy_leaving_stopped.v1": (
        _stay("applicant", "不必遷出了：{room}", "You need not move out any more: {room}", states=("own",)),
    ),
    "dorms.tenancy_due.v1": (
        _stay(
            "applicant",
            "提醒：{leave_by} 前點交返還 {room}",
            "Reminder: hand back {room} by {leave_by}",
            _WHY,
            _ITEM_BY_ITEM,
            states=("own",),
        ),
        _stay("dorm_officers", "點交期限 {leave_by}：{room}", "To be handed back by {leave_by}: {room}"),
    ),
    "dorms.tenancy_handed_back.v1": (
        _stay(
            "applicant",
            "已點交返還：{room}",
            "Handed back: {room}",
            Words("津貼扣繳與管理費算到 {handed_back_on}。", "Allowance and fee are counted to {handed_back_on}."),
        ),
    ),
}
