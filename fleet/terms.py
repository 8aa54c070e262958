"""The trade's words as data: codes that rows carry, and what people read for them.

Purposes are V-18, kinds of car V-03 and V-30, states of a dispatch order V-31, reasons a driver
gives ux.md §5.8. A code never changes once rows carry it; its words may.
"""

from typing import NamedTuple

from common.words import Words

PURPOSES: dict[str, Words] = {
    "meeting": Words("奉派外出接洽公務或開會", "Official errand or meeting away"),
    "supervision": Words("專案督導／考核", "Project supervision or review"),
    "site_visit": Words("會辦、會勘", "Joint inspection on site"),
    "guests": Words("接送長官、貴賓、外賓", "Driving chiefs and guests"),
    "event": Words("經主管核准之活動", "Event approved by the supervisor"),
    "emergency": Words("緊急事故或法令規定", "Emergency or legal duty"),
}


class Kind(NamedTuple):
    """A kind of car. `seats` counts every seat, the driver's too."""

    words: Words
    seats: int


KINDS: dict[str, Kind] = {  # smallest first: dispatch goes up this list, never down
    "sedan": Kind(Words("轎車", "Sedan"), 5),
    "seven_seater": Kind(Words("七人座", "7-seater"), 7),
    "van9": Kind(Words("九人廂型", "9-seat van"), 9),
}

POWERTRAINS: dict[str, Words] = {
    "petrol": Words("汽油", "Petrol"),
    "diesel": Words("柴油", "Diesel"),
    "hybrid": Words("油電混合", "Hybrid"),
    "electric": Words("電動", "Electric"),
}

VEHICLE_STATES: dict[str, Words] = {  # V-36
    "in_service": Words("可使用", "In service"),
    "repair": Words("維修中", "In repair"),
    "suspended": Words("報停", "Plates suspended"),
    "retired": Words("報廢", "Retired"),
}

CHARGER_STATES: dict[str, Words] = {
    "in_service": Words("可使用", "In service"),
    "faulty": Words("故障", "Faulty"),
}

CHARGER_CONDITIONS: dict[str, tuple[Words, str]] = {  # how a post is right now, and the tone of its tag (ux.md §5.4)
    "available": (Words("空樁", "Free"), "mute"),
    "charging": (Words("充電中", "Charging"), "info"),
    "overstay": (Words("占用", "Overstay"), "warn"),
    "offline": (Words("離線", "Offline"), "warn"),
    "faulty": (Words("故障", "Faulty"), "bad"),
}

SUPPLIES: dict[str, str] = {"ac": "AC", "dc": "DC"}

SEASONS: dict[str, Words] = {
    "hot": Words("夏季（6–9 月，冷氣）", "Summer (Jun–Sep, cooling)"),
    "cold": Words("冬季（12–2 月，暖氣）", "Winter (Dec–Feb, heating)"),
    "mild": Words("春秋", "Spring and autumn"),
}

_COLD, _HOT = (12, 1, 2), (6, 7, 8, 9)
SEASON_OF_MONTH = {month: "cold" if month in _COLD else "hot" if month in _HOT else "mild" for month in range(1, 13)}

LICENCE_CLASSES: dict[str, Words] = {  # V-03, V-37: all pool cars are 小型車 (nine seats or fewer)
    "small": Words("普通小型車", "Small vehicle"),
    "small_pro": Words("職業小型車", "Small vehicle, professional"),
    "large_pro": Words("職業大客車", "Bus, professional"),
}

LICENCE_RANKS: dict[str, int] = {"small": 1, "small_pro": 2, "large_pro": 3}
"""A higher rank drives what a lower one may (V-50); which rank a kind of car needs is a parameter."""


class Status(NamedTuple):
    """A state of a trip: what people read, and the colour tone of its tag."""

    words: Words
    tone: str


STATUSES: dict[str, Status] = {  # V-31
    "submitted": Status(Words("待主管核可", "Awaiting approval"), "wait"),
    "approved": Status(Words("待派車", "To be assigned"), "wait"),
    "returned": Status(Words("已退回", "Sent back"), "bad"),
    "assigned": Status(Words("待駕駛接單", "Awaiting driver"), "wait"),
    "assigned_one_way": Status(Words("已派單程", "One way assigned"), "wait"),
    "merged": Status(Words("已併單", "Merged"), "ok"),
    "fully_booked": Status(Words("已派滿", "Fully booked"), "bad"),
    "accepted": Status(Words("已派車", "Confirmed"), "ok"),
    "under_way": Status(Words("行駛中", "On the road"), "run"),
    "finished": Status(Words("待簽證", "To be signed off"), "info"),
    "signed_off": Status(Words("已簽證", "Signed off"), "mute"),
    "cancelled": Status(Words("已取消", "Cancelled"), "mute"),
}

EVENTS: dict[str, Words] = {  # what happened to a trip, in the past tense
    "requested": Words("已送出", "Sent"),
    "approved": Words("主管核可", "Approved"),
    "returned": Words("主管退回", "Sent back"),
    "assigned": Words("已派車", "Car assigned"),
    "reassigned": Words("已改派", "Reassigned"),
    "moved": Words("改時間", "Moved to another time"),
    "settled": Words("重疊已解除", "Overlap resolved"),
    "undone": Words("改派已復原", "Move taken back"),
    "fully_booked": Words("公務車已派滿", "Fully booked"),
    "changed": Words("申請異動", "Changed"),
    "cancelled": Words("已取消", "Cancelled"),
    "accepted": Words("駕駛接單", "Driver accepted"),
    "declined": Words("駕駛無法出車", "Driver declined"),
    "released": Words("原派人車釋出", "Car and driver released"),
    "reminded": Words("提醒駕駛接單", "Driver reminded"),
    "escalated": Words("駕駛未接單，已改用別的方式通知", "Driver silent, told another way"),
    "seen": Words("駕駛已讀", "Driver read it"),
    "not_taken": Words("手機紀錄未採用", "Phone record not taken"),
    "started": Words("出車", "Left"),
    "finished": Words("回場", "Returned"),
    "signed_off": Words("使用人簽證", "Signed off"),
    "recorded_late": Words("補單", "Entered afterwards"),
    "merged": Words("已併單", "Merged"),
    "unmerged": Words("已拆單", "Taken apart again"),
    "riders_changed": Words("同車的人有變", "Others in the car changed"),
    "reopened": Words("恢復派車", "Back in the queue"),
    "no_show": Words("使用人未到", "Nobody came"),
}

LEGS: dict[str, Words] = {  # V-31: 派單程
    "out": Words("去程", "way out"),
    "back": Words("回程", "way back"),
}

WHOLE = "whole"
WAYS: dict[str, Words] = {WHOLE: Words("全程", "whole way"), **LEGS}  # what dispatch can give a car for

GATE_WAYS: dict[str, Words] = {  # V-28: how a car passes the gate
    "out": Words("出場", "Out"),
    "in": Words("進場", "In"),
}

REACHED_BY: dict[str, Words] = {  # V-35: how dispatch reached the applicant before cancelling
    "phone": Words("電話", "by phone"),
    "in_person": Words("當面", "in person"),
    "message": Words("訊息回覆", "by message, answered"),
    "mail": Words("郵件回覆", "by mail, answered"),
}

CHANGE_CODES: dict[str, Words] = {  # V-32: why an 異動申請 is filed
    "1": Words("1 變更", "1 change"),
    "2": Words("2 取消", "2 cancel"),
}

RECALL_REASONS: dict[str, Words] = {  # V-42
    "epidemic": Words("防疫", "Epidemic control"),
    "flood": Words("防汛", "Flood control"),
    "other": Words("其他公務", "Other duty"),
}

DECLINE_REASONS: dict[str, Words] = {
    "unwell": Words("身體不適", "Unwell"),
    "vehicle_fault": Words("車輛異常", "Vehicle fault"),
    "clash": Words("時間衝突", "Clash"),
    "other": Words("其他", "Other"),
}

LEAVE_REASONS: dict[str, Words] = {
    "annual": Words("休假", "Annual leave"),
    "sick": Words("病假", "Sick leave"),
    "personal": Words("事假", "Personal leave"),
    "training": Words("訓練", "Training"),
    "duty": Words("支援其他勤務", "Other duty"),
    "other": Words("其他", "Other"),
}


def kind_words(code: str) -> Words:
    """People's words for a kind of car."""
    return KINDS[code].words


# --- upkeep, energy, money, survey --------------------------------------------------------------------------------

ENERGY_KINDS: dict[str, Words] = {
    "petrol": Words("汽油", "Petrol"),
    "diesel": Words("柴油", "Diesel"),
    "electricity": Words("電力", "Electricity"),
}
ENERGY_UNITS: dict[str, str] = {"petrol": "L", "diesel": "L", "electricity": "kWh", "fuel": "L"}
TOTAL_KINDS: dict[str, Words] = {**ENERGY_KINDS, "fuel": Words("汽柴油", "Petrol and diesel")}
ENERGY_SOURCES = ("form", "api", "import", "charging", "demo")

UPKEEP_KINDS: dict[str, Words] = {
    "inspection": Words("定期檢驗", "Periodic inspection"),
    "extra": Words("臨時檢驗", "Extra inspection"),
    "service": Words("定期保養", "Service"),
    "insurance": Words("保險", "Insurance"),
    "tax": Words("牌照稅", "Licence tax"),
    "repair": Words("修理", "Repair"),
    "overhaul": Words("大修", "Overhaul"),
}
DUE_KINDS: dict[str, Words] = {
    **{code: UPKEEP_KINDS[code] for code in ("inspection", "extra", "service", "insurance", "tax")},
    "licence": Words("駕照", "Driving licence"),
    "suspension": Words("報停期限", "End of suspension"),
}

ACCIDENT_STEPS: dict[str, Words] = {  # V-56, in order
    "reported": Words("立即通報主管", "Reported to the supervisor at once"),
    "scene": Words("現場與警方處理", "Scene and police"),
    "insurer": Words("通知保險公司", "Insurer notified"),
    "settled": Words("和解、調解或訴訟", "Settlement, mediation or court"),
    "closed": Words("結案", "Closed"),
}

STANDING_COSTS: dict[str, Words] = {
    "depreciation": Words("折舊", "Depreciation"),
    "lease": Words("租金", "Lease"),
    "parking": Words("車位", "Parking place"),
}
TRIP_COSTS: dict[str, Words] = {
    "toll": Words("通行費", "Toll"),
    "parking": Words("停車費", "Parking"),
    "cleaning": Words("清潔費", "Cleaning"),
    "other": Words("其他", "Other"),
}

SCORES: dict[int, Words] = {  # V-43: the two highest count as satisfied
    5: Words("非常滿意", "Very satisfied"),
    4: Words("滿意", "Satisfied"),
    3: Words("普通", "Neither"),
    2: Words("不滿意", "Dissatisfied"),
    1: Words("非常不滿意", "Very dissatisfied"),
}
SURVEY_CHIPS: dict[str, Words] = {
    "punctual": Words("準時", "On time"),
    "polite": Words("服務親切", "Friendly"),
    "safe": Words("行車平穩", "Smooth drive"),
    "clean": Words("車輛整潔", "Clean car"),
}
