"""The trade's words for states and kinds, in both languages."""

from common.words import Words

LET, TO_LET, AWAITING_REPAIR, IN_REPAIR, CLOSED = "let", "to_let", "awaiting_repair", "in_repair", "closed"

ROOM_STATES = {
    LET: Words("借用中", "Let"),
    TO_LET: Words("待配借", "To let"),
    AWAITING_REPAIR: Words("待修繕", "Awaiting repair"),
    IN_REPAIR: Words("修繕中", "In repair"),
    CLOSED: Words("停用", "Closed"),
}
LENDABLE = (LET, TO_LET)
ROOM_STATE_TONES = {LET: "run", TO_LET: "ok", AWAITING_REPAIR: "warn", IN_REPAIR: "wait", CLOSED: "mute"}
ROOM_STATE_ICONS = {
    LET: "key-round",
    TO_LET: "door-open",
    AWAITING_REPAIR: "wrench",
    IN_REPAIR: "hammer",
    CLOSED: "lock",
}

SINGLE, FAMILY = "single", "family"
ROOM_KINDS = {
    SINGLE: Words("單房間職務宿舍", "Single-room staff quarters"),
    FAMILY: Words("多房間職務宿舍", "Family staff quarters"),
}

ANNOUNCED, OPEN, CLOSED_ROUND, RANKED, PUBLISHED, ALLOTTED = (
    "announced",
    "open",
    "closed",
    "ranked",
    "published",
    "allotted",
)
ROUND_STAGES = {
    ANNOUNCED: Words("已公告", "Announced"),
    OPEN: Words("受理登記", "Registration open"),
    CLOSED_ROUND: Words("登記截止", "Registration closed"),
    RANKED: Words("已排序，待公布", "Ranked, not yet published"),
    PUBLISHED: Words("名次已公布", "Ranking published"),
    ALLOTTED: Words("已核配", "Allotted"),
}
ROUND_TONES = {
    ANNOUNCED: "info",
    OPEN: "run",
    CLOSED_ROUND: "wait",
    RANKED: "wait",
    PUBLISHED: "info",
    ALLOTTED: "ok",
}

SUBMITTED, WAITING, OFFERED, ACCEPTED, DECLINED, LAPSED, WITHDRAWN = (
    "submitted",
    "waiting",
    "offered",
    "accepted",
    "declined",
    "lapsed",
    "withdrawn",
)
APPLICATION_STATES = {
    SUBMITTED: Words("已送出", "Submitted"),
    WAITING: Words("候補", "Waiting"),
    OFFERED: Words("正取，待同意", "Allotted, awaiting your answer"),
    ACCEPTED: Words("已同意", "Accepted"),
    DECLINED: Words("已放棄", "Given up"),
    LAPSED: Words("逾期未同意", "Lapsed"),
    WITHDRAWN: Words("已撤回", "Withdrawn"),
}
APPLICATION_TONES = {
    SUBMITTED: "info",
    WAITING: "wait",
    OFFERED: "warn",
    ACCEPTED: "ok",
    DECLINED: "mute",
    LAPSED: "mute",
    WITHDRAWN: "mute",
}
ALIVE = (SUBMITTED, WAITING, OFFERED)

MADE = "made"
OFFER_STATES = {
    MADE: Words("待同意", "Awaiting an answer"),
    ACCEPTED: Words("已同意", "Accepted"),
    DECLINED: Words("已放棄", "Given up"),
    LAPSED: Words("逾期失效", "Lapsed"),
    WITHDRAWN: Words("已收回", "Withdrawn"),
}
OFFER_TONES = {MADE: "warn", ACCEPTED: "ok", DECLINED: "mute", LAPSED: "mute", WITHDRAWN: "mute"}
