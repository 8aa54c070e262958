"""The trade's words of meeting rooms, in both languages."""

from common.words import Words

MEETS = ("officer", "supervisor", "dispatcher", "dorm_officer", "venue_officer", "staff", "admin")
"""Who of the city's own may book a room (M-01)."""

FEATURES = {  # M-11, M-12
    "mic": Words("麥克風", "Microphones"),
    "projector": Words("投影", "Projector"),
    "whiteboard": Words("白板", "Whiteboard"),
    "stream": Words("直播設備", "Live-stream kit"),
}
STREAM = "stream"

MEETING_STATES = {
    "held": Words("等管理機關同意", "Waiting for agreement"),
    "booked": Words("已登記", "Booked"),
    "checked_in": Words("已報到", "Checked in"),
    "given_back": Words("已釋出", "Given back"),
    "unused": Words("沒有人到", "Nobody came"),
    "taken_over": Words("因市政需要調用", "Taken over"),
    "declined": Words("管理機關不同意", "Declined"),
    "lapsed": Words("逾期未獲同意", "No answer in time"),
}
MEETING_TONES = {
    "held": "wait", "booked": "info", "checked_in": "ok", "given_back": "mute", "unused": "warn", "taken_over": "bad",
    "declined": "bad", "lapsed": "mute",
}  # fmt: skip

CHAIRS = {  # M-10
    "mayor": Words("市長", "Mayor"),
    "deputy_mayor": Words("副市長", "Deputy mayor"),
    "secretary_general": Words("秘書長", "Secretary-general"),
    "deputy_secretary_general": Words("副秘書長", "Deputy secretary-general"),
}

ANSWERS = {  # M-03
    "": Words("等回覆", "Waiting"),
    "agreed": Words("同意", "Agreed"),
    "declined": Words("不同意", "Declined"),
    "lapsed": Words("逾期未回覆", "No answer in time"),
    "withdrawn": Words("申請人撤回", "Withdrawn"),
}
ANSWER_TONES = {"": "wait", "agreed": "ok", "declined": "bad", "lapsed": "mute", "withdrawn": "mute"}

BREACH_KINDS = {  # M-07
    "blocking": Words("同一事由連占多日", "Blocking many days for one cause"),
    "rebooking": Words("先占後刪再登記", "Held in reserve, deleted and re-booked"),
    "same_time": Words("同一事由同時占用多間", "Several rooms at one time for one cause"),
    "no_show": Words("登記後沒有使用", "Booked and not used"),
    "spot_check": Words("抽查不符：無人使用或作其他用途", "Spot check: nobody there, or another use"),
}

FOUND = {  # M-07
    "in_order": Words("依登記使用", "Used as booked"),
    "empty": Words("無人使用", "Nobody there"),
    "other_use": Words("作其他用途", "Put to another use"),
}
FOUND_TONES = {"in_order": "ok", "empty": "warn", "other_use": "bad"}

DECISIONS = {
    "confirmed": Words("成立", "Confirmed"),
    "dismissed": Words("不成立", "Dismissed"),
}

WEEKDAYS = tuple(
    Words(f"星期{zh}", en)
    for zh, en in zip(
        "一二三四五六日",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
