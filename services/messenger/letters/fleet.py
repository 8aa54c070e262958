"""Letters about cars and those who drive and use them."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

_TRIP_PLACE = Words("{origin}", "{origin}")
_CAR = Words("公務車", "Official car")
_TRIP_LINES = (
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
    return Letter(told_to, Words(zh, en), _TRIP_LINES, link, entry=entry, place=_TRIP_PLACE, category=_CAR, **more)


_JOB = "/fleet/driver/{trip_id}"
_JOBS = "/fleet/driver"
_DISPATCH = "/fleet/dispatch"

FLEET: dict[str, tuple[Letter, ...]] = {
    "fleet.trip_requested.v1": (
        _trip("approvers", "請核可用車：{when} 往{destination}", "Please approve a car: {when} to {destination}"),
        _trip(
            "requester",
            "已送出用車申請 {number}，等主管核可",
            "Sent: request {number} waits for your supervisor",
            mail=False,
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
            "已派車 {vehicle_label}：{when} 往{destination}",
            "Car {vehicle_label} assigned: {when} to {destination}",
            invite="request",
        ),
    ),
    "fleet.trip_fully_booked.v1": (
        _trip("requester", "公務車已派滿：{when} 往{destination}", "All cars are taken: {when} to {destination}"),
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
        ),
        _trip(
            "previous_driver",
            "行程取消，不用出車：{when} 往{destination}",
            "Cancelled, no need to drive: {when} to {destination}",
            link=_JOBS,
            invite="cancel",
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
        ),
        _trip(
            "dispatchers",
            "駕駛尚未接單：{when} {vehicle_label}",
            "Driver has not accepted: {when}, {vehicle_label}",
            link=_DISPATCH,
        ),
    ),
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
    ),
    "fleet.trip_recorded_late.v1": (
        _trip(
            "approvers",
            "請核可補單：{when} 往{destination}",
            "Please approve a late entry: {when} to {destination}",
            lasting=True,
        ),
    ),
}
