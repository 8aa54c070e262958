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

LICENCE_CLASSES: dict[str, Words] = {  # V-03, V-37: all pool cars are 小型車 (nine seats or fewer)
    "small": Words("普通小型車", "Small vehicle"),
    "small_pro": Words("職業小型車", "Small vehicle, professional"),
    "large_pro": Words("職業大客車", "Bus, professional"),
}


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
    "fully_booked": Words("公務車已派滿", "Fully booked"),
    "changed": Words("申請異動", "Changed"),
    "cancelled": Words("已取消", "Cancelled"),
    "accepted": Words("駕駛接單", "Driver accepted"),
    "declined": Words("駕駛無法出車", "Driver declined"),
    "released": Words("原派人車釋出", "Car and driver released"),
    "reminded": Words("提醒駕駛接單", "Driver reminded"),
    "started": Words("出車", "Left"),
    "finished": Words("回場", "Returned"),
    "signed_off": Words("使用人簽證", "Signed off"),
    "recorded_late": Words("補單", "Entered afterwards"),
}

DECLINE_REASONS: dict[str, Words] = {
    "unwell": Words("身體不適", "Unwell"),
    "vehicle_fault": Words("車輛異常", "Vehicle fault"),
    "clash": Words("時間衝突", "Clash"),
    "other": Words("其他", "Other"),
}


def kind_words(code: str) -> Words:
    """People's words for a kind of car."""
    return KINDS[code].words
