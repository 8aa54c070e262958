"""Letters about cars and those who drive and use them."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

_TRIP_PLACE = Words("{origin}", "{origin}")
_CAR = Words("公務車", "Official car")
TRIP_LINES = (
    Words("時間：{when}", "When: {when}"),
    Words("路線：{origin} → {destination}", "Way: {origin} → {destination}"),
    Words("人數：{passengers} 人", "People: {passengers}"),
    Words("車輛：{vehicle_label}", "Car: {vehicle_label}"),
    Words("說明：{reason}", "Reason: {reason}"),
    Words("編號：{number}", "Number: {number}"),
)


def _trip(told_to: str, zh: str, en: str, *, link: str = "/fleet/trips/{trip_id}", **more: Any) -> Letter:
    entry = Words("用車 {vehicle_label} → {destination}", "Car {vehicle_label} → {destination}")
    if told_to in ("driver", "previous_driver"):
        entry = Words("出車 {vehicle_label} → {destination}", "Drive {vehicle_label} → {destination}")
        more.setdefault("alarm_minutes", 30)
    return Letter(told_to, Words(zh, en), TRIP_LINES, link, entry=entry, place=_TRIP_PLACE, category=_CAR, **more)


def _recall(told_to: str, zh: str, en: str, **more: Any) -> Letter:
    lines = (
        Words("原因：{reason_words}", "Reason: {reason_words}"),
        Words("開始：{starts_at}", "From: {starts_at}"),
        Words("到：{until}", "Until: {until}"),
    )
    return Letter(told_to, Words(zh, en), lines, "/fleet/recalls", lasting=True, **more)


_JOB = "/fleet/driver/{trip_id}"
_JOBS = "/fleet/driver"
_DISPATCH = "/fleet/dispatch"
_GIVEN = ("assigned", "assigned_one_way", "accepted")

FLEET: dict[str, tuple[Letter, ...]] = {
    "fleet.trip_requested.v1": (
        _trip("approvers", "請核可用車：{when} 往{destination}", "Please approve a car: {when} to {destination}"),
        _trip(
            "requester",
            "已送出用車申請 {number}，車已為你保留，等主管核可",
            "Sent: request {number}, a car is kept for you; your supervisor decides next",
            mail=False,
            held=True,
        ),
        _trip(
            "requester",
            "已送出用車申請 {number}，目前沒有車可保留，排入候補，等主管核可",
            "Sent: request {number} waits for a car, none can be kept now; your supervisor decides next",
            mail=False,
            held=False,
        ),
    ),
    "fleet.trip_approved.v1": (
        _trip("dispatchers", "待派車：{when} 往{destination}", "To assign: {when} to {destination}", link=_DISPATCH),
        _trip(
            "requester",
            "主管已核可，等派車：{when} 往{destination}",
            "Approved, waiting for a car: {when} to {destination}",
        ),
    ),
    "fleet.trip_returned.v1": (
        _trip(
            "requester",
            "用車申請 {number} 退回，請修改後再送",
            "Request {number} was sent back: please change it and send it again",
        ),
    ),
    "fleet.trip_assigned.v1": (
        _trip(
            "driver",
            "新派車：{when} {vehicle_label} 往{destination}",
            "New job: {when}, {vehicle_label} to {destination}",
            link=_JOB,
            invite="request",
            rings=True,
        ),
        _trip(
            "previous_driver",
            "改由別人出車：{when} 往{destination}",
            "No longer your job: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
            rings=True,
        ),
        _trip(
            "requester",
            "已派車 {vehicle_label}：{when} 往{destination}",
            "Car {vehicle_label} assigned: {when} to {destination}",
            invite="request",
            states=("assigned", "accepted"),
        ),
        _trip(
            "requester",
            "只派{leg}，{vehicle_label}：{when} 往{destination}，另一程請搭大眾運輸或依規定搭計程車",
            "Car {vehicle_label} for the {leg} only: {when} to {destination}. Take public transport or a taxi the other way",
            invite="request",
            states=("assigned_one_way",),
        ),
    ),
    "fleet.trip_merged.v1": (
        _trip(
            "requester",
            "已併單 {merged_into}，搭 {vehicle_label}：{when} 往{destination}",
            "You share the car of {merged_into} {vehicle_label}: {when} to {destination}",
            invite="request",
        ),
        _trip(
            "previous_driver",
            "已併單，不用出車：{when} 往{destination}",
            "Merged, no need to drive: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
        ),
    ),
    "fleet.trip_unmerged.v1": (
        _trip(
            "requester",
            "不再併車，另外派車中：{when} 往{destination}",
            "No longer shared, a car of your own is being found: {when} to {destination}",
        ),
        _trip(
            "dispatchers",
            "已拆單，待派車：{when} 往{destination}",
            "Taken apart, to assign: {when} to {destination}",
            link=_DISPATCH,
        ),
    ),
    "fleet.trip_riders_changed.v1": (
        _trip(
            "driver",
            "同車的人有變，共 {aboard} 人：{when} {vehicle_label}",
            "Who rides along changed, {aboard} people: {when}, {vehicle_label}",
            link=_JOB,
            invite="request",
        ),
        _trip(
            "requester",
            "同車的人有變，共 {aboard} 人：{when} 往{destination}",
            "Who shares your car changed, {aboard} people: {when} to {destination}",
            mail=False,
        ),
    ),
    "fleet.trip_reopened.v1": (
        _trip("requester", "現在有車了，派車中：{when} 往{destination}", "There is a car now: {when} to {destination}"),
    ),
    "fleet.trip_moved.v1": (
        _trip(
            "driver",
            "改時間，請再接單：{when} {vehicle_label} 往{destination}",
            "Moved, please accept again: {when}, {vehicle_label} to {destination}",
            link=_JOB,
            invite="request",
        ),
        _trip(
            "previous_driver",
            "改由別人出車：{when} 往{destination}",
            "No longer your job: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
        ),
        _trip(
            "requester",
            "車管調整了時間：{when} {vehicle_label} 往{destination}",
            "The vehicle unit moved your trip: {when}, {vehicle_label} to {destination}",
            invite="request",
        ),
    ),
    "fleet.trip_move_undone.v1": (
        _trip(
            "driver",
            "改派已復原，照原訂出車：{when} {vehicle_label} 往{destination}",
            "Change taken back, drive as planned: {when}, {vehicle_label} to {destination}",
            link=_JOB,
            invite="request",
            states=_GIVEN,
        ),
        _trip(
            "previous_driver",
            "改派已復原，不用出車：{when} 往{destination}",
            "Change taken back, no need to drive: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
        ),
        _trip(
            "requester",
            "改派已復原：{when} {vehicle_label} 往{destination}",
            "Change taken back: {when}, {vehicle_label} to {destination}",
            invite="request",
            states=_GIVEN,
        ),
        _trip(
            "requester",
            "派車已收回，等重新派車：{when} 往{destination}",
            "The car was taken back, waiting for another: {when} to {destination}",
            invite="cancel",
            states=("approved", "fully_booked"),
        ),
    ),
    "fleet.trip_fully_booked.v1": (
        _trip("requester", "公務車已派滿：{when} 往{destination}", "All cars are taken: {when} to {destination}"),
        _trip(
            "previous_driver",
            "原車召回，不用出車：{when} 往{destination}",
            "The car was recalled, no need to drive: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
        ),
    ),
    "fleet.trip_changed.v1": (
        _trip(
            "previous_driver",
            "行程異動，先不用出車：{when} 往{destination}",
            "Changed, please do not drive for now: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
        ),
        _trip(
            "approvers",
            "行程異動，請再核可：{when} 往{destination}",
            "Changed, please approve again: {when} to {destination}",
            states=("submitted",),
        ),
        _trip(
            "dispatchers",
            "行程異動，請再派車：{when} 往{destination}",
            "Changed, please assign again: {when} to {destination}",
            states=("approved",),
            link=_DISPATCH,
        ),
        _trip(
            "requester", "行程已異動：{when} 往{destination}", "Trip changed: {when} to {destination}", invite="update"
        ),
    ),
    "fleet.trip_cancelled.v1": (
        _trip(
            "driver",
            "行程取消，不用出車：{when} 往{destination}",
            "Cancelled, no need to drive: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
            rings=True,
        ),
        _trip(
            "previous_driver",
            "行程取消，不用出車：{when} 往{destination}",
            "Cancelled, no need to drive: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
            rings=True,
        ),
        _trip(
            "requester",
            "行程已取消：{when} 往{destination}",
            "Trip cancelled: {when} to {destination}",
            invite="cancel",
        ),
    ),
    "fleet.trip_reminded.v1": (
        _trip(
            "driver",
            "請接單：{when} {vehicle_label} 往{destination}",
            "Please accept: {when}, {vehicle_label} to {destination}",
            link=_JOB,
            rings=True,
        ),
        _trip(
            "dispatchers",
            "駕駛尚未接單：{when} {vehicle_label}",
            "Driver has not accepted: {when}, {vehicle_label}",
            link=_DISPATCH,
        ),
    ),
    "fleet.trip_seen.v1": (),  # moves the driver's messages to "read" (ladder)
    "fleet.trip_escalated.v1": (),  # tried by the next way, and told to dispatch (ladder)
    "fleet.trip_accepted.v1": (
        _trip(
            "requester",
            "駕駛已接單：{when} 往{destination}",
            "The driver accepted: {when} to {destination}",
            mail=False,
        ),
    ),
    "fleet.trip_declined.v1": (
        _trip(
            "dispatchers",
            "駕駛無法出車，請改派：{when} 往{destination}",
            "Driver can’t go, please reassign: {when} to {destination}",
            link=_DISPATCH,
        ),
        _trip(
            "previous_driver",
            "已記下你無法出車：{when} 往{destination}",
            "Noted that you can’t go: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
        ),
        _trip(
            "requester",
            "駕駛無法出車，改派中：{when} 往{destination}",
            "The driver can’t go, another car is being found: {when} to {destination}",
        ),
    ),
    "fleet.trip_released.v1": (
        _trip(
            "dispatchers",
            "駕駛離任，請改派：{when} 往{destination}",
            "Driver left the post, please reassign: {when} to {destination}",
            link=_DISPATCH,
        ),
        _trip("requester", "改派中：{when} 往{destination}", "Another car is being found: {when} to {destination}"),
    ),
    "fleet.trip_started.v1": (
        _trip(
            "requester",
            "已出車 {vehicle_label}：往{destination}",
            "On its way: {vehicle_label} to {destination}",
            mail=False,
        ),
    ),
    "fleet.trip_finished.v1": (
        _trip(
            "requester",
            "已回場，請簽證：{number} 往{destination}",
            "Back: please sign off {number} to {destination}",
            lasting=True,
        ),
    ),
    "fleet.trip_signed_off.v1": (
        _trip(
            "driver",
            "已簽證：{number} 往{destination}",
            "Signed off: {number} to {destination}",
            mail=False,
            link=_JOBS,
            lasting=True,
        ),
        _trip(
            "requester_signed_for",
            "乘客已簽名：{number} 往{destination}",
            "The passenger signed: {number} to {destination}",
            lasting=True,
        ),
        _trip(
            "requester",
            "這趟車坐得還好嗎？點一下告訴我們",
            "How was your ride? One tap tells us",
            link="/fleet/s/{survey_code}",
            lasting=True,
        ),
    ),
    "fleet.trip_recorded_late.v1": (
        _trip(
            "approvers",
            "請核可補單：{when} 往{destination}",
            "Please approve a late entry: {when} to {destination}",
            lasting=True,
        ),
    ),
    "fleet.vehicle_recalled.v1": (
        _recall("dispatchers", "{vehicle_label} 由所屬機關召回", "{vehicle_label} is recalled by its agency"),
        _recall("owner_supervisors", "{vehicle_label} 已召回機關使用", "{vehicle_label} is back with your agency"),
    ),
    "fleet.vehicle_returned.v1": (
        _recall("dispatchers", "{vehicle_label} 已歸還車隊", "{vehicle_label} is back in the pool", mail=False),
        _recall("owner_supervisors", "{vehicle_label} 已歸還車隊", "{vehicle_label} is back in the pool", mail=False),
    ),
    "fleet.agency_noticed.v1": (
        Letter(
            "owner_supervisors",
            Words(
                "貴機關 {days} 天內臨時取消或未到 {count} 次", "{count} late cancellations or no-shows in {days} days"
            ),
            (
                Words("最近一次：{number}", "The latest: {number}"),
                Words(
                    "請提醒同仁改期或取消要趁早，讓別人用得到車。（V-45）",
                    "Please remind your colleagues to change or cancel early, so that others can use the car. (V-45)",
                ),
            ),
            "/fleet/trips?whose=all&when=past",
            lasting=True,
        ),
    ),
}
