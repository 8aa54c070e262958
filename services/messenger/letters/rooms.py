"""Letters about meeting rooms: booked, changed, taken over, given up, asked for, and breaches of their rules."""

from common.words import Words
from services.messenger.letters.shape import Invite, Letter

_LINES = (
    Words("會議：{title}", "Meeting: {title}"),
    Words("會議室：{room}", "Room: {room}"),
    Words("時間：{when}", "When: {when}"),
)
_WAS = Words("原來的會議室：{previous_room}", "The room before: {previous_room}")
_WHY = Words("原因：{reason}", "Reason: {reason}")
_OFFERS = Words("同時段可用：{offers}", "Free at that time: {offers}")
_ANSWER_BY = Words(
    "請在 {answer_by} 前回覆，逾期會議室就釋出。", "Please answer by {answer_by}; after that the room is free."
)
_UNUSED = Words(
    "開始後 {minutes} 分鐘沒有人報到，會議室已開放給別人。用不到請提早釋出，未使用會列入紀錄。",
    "Nobody checked in within {minutes} minutes, so others may have the room. Give back early; no-shows are noted.",
)
_STOP = Words("暫停登記會議室到：{stops_until}", "Booking of rooms is stopped until {stops_until}")


def _meeting(
    zh: str, en: str, *, invite: Invite = "", told_to: str = "booker", extra: tuple[Words, ...] = (),
    link: str = "/venues/meetings/{meeting_id}", states: tuple[str, ...] = (), lasting: bool = False,
) -> Letter:  # fmt: skip
    return Letter(
        told_to,
        Words(zh, en),
        (*_LINES, *extra),
        link,
        invite=invite,
        entry=Words("{title}（{room}）", "{title} ({room})"),
        place=Words("{room}", "{room}"),
        category=Words("會議室", "Meeting room"),
        alarm_minutes=10 if invite else None,
        states=states,
        lasting=lasting,
    )


def _breach(told_to: str, zh: str, en: str, *lines: Words) -> Letter:
    return Letter(told_to, Words(zh, en), (*lines, _WHY), "/venues/meetings", lasting=True)


ROOMS: dict[str, tuple[Letter, ...]] = {
    "venues.meeting_booked.v1": (
        _meeting("會議室已預約：{room} {when}", "Room booked: {room}, {when}", invite="request"),
    ),
    "venues.meeting_released.v1": (
        _meeting("會議室已釋出：{room} {when}", "Room released: {room}, {when}", invite="cancel"),
    ),
    "venues.meeting_suspended.v1": (
        _meeting(
            "會議室停止使用，會議請改期：{room} {when}", "Room closed, please meet elsewhere: {room}, {when}",
            invite="cancel", extra=(_WHY,),
        ),
    ),
    "venues.meeting_moved.v1": (
        _meeting("會議已更改：{room} {when}", "Meeting changed: {room}, {when}", invite="update", extra=(_WAS,)),
    ),
    "venues.meeting_taken_over.v1": (
        _meeting(
            "會議室因市政需要調用：{title}", "Your room was taken for a city need: {title}", invite="update",
            extra=(_WAS, _WHY, _OFFERS), lasting=True,
        ),
    ),
    "venues.meeting_released_unused.v1": (
        _meeting(
            "沒有人報到，會議室已釋出：{room} {when}", "Nobody came; the room was released: {room}, {when}", invite="cancel",
            extra=(_UNUSED,), lasting=True,
        ),
    ),
    "venues.meeting_agreement_asked.v1": (
        _meeting(
            "別的機關想用你們的保留日：{room} {when}", "Others ask for your reserved day: {room}, {when}",
            told_to="managers", extra=(_ANSWER_BY,), link="/venues/rooms/agreements",
        ),
        _meeting("會議室先保留，等管理機關同意：{room} {when}", "Held until the managing agency agrees: {room}, {when}"),
    ),
    "venues.meeting_agreement_answered.v1": (
        _meeting("保留日的登記有結果：{room} {when}", "An answer about the reserved day: {room}, {when}", extra=(_WHY,)),
    ),
    "venues.meeting_stream_asked.v1": (
        _meeting("需要直播：{room} {when}", "Live stream needed: {room}, {when}", told_to="venue_officers"),
    ),
    "venues.meeting_after_hours.v1": (
        _meeting(
            "下班後有會議，請會同鎖門：{room} {when}", "A meeting after hours, please lock with them: {room}, {when}",
            told_to="guards", link="/venues/rooms/week", states=("meets",),
        ),
        _meeting(
            "不用會同鎖門了：{room} {when}", "No need to lock with them: {room}, {when}",
            told_to="guards", link="/venues/rooms/week", states=("off",),
        ),
    ),
    "venues.room_breach_recorded.v1": (
        _breach(
            "applicant", "會議室使用違規：{kind}", "A breach of the rules of rooms: {kind}", _STOP,
        ),
        _breach(
            "owners", "貴機關同仁的會議室使用違規：{kind}", "A breach by your agency’s staff: {kind}", _STOP,
        ),
    ),
    "venues.room_breach_lifted.v1": (
        _breach("applicant", "可以再登記會議室了", "You may book rooms again"),
        _breach("owners", "貴機關同仁可以再登記會議室了", "Your agency’s staff may book rooms again"),
    ),
}  # fmt: skip
