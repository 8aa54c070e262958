"""What is said when a driver does not answer: to the driver the next way, and to dispatch."""

from common.words import Words
from services.messenger.letters.fleet import TRIP_LINES
from services.messenger.letters.shape import Letter

AGAIN = Letter(
    "driver",
    Words("請接單：{when} {vehicle_label} 往{destination}", "Please accept: {when}, {vehicle_label} to {destination}"),
    TRIP_LINES,
    "/fleet/driver/{trip_id}",
)
NEXT = Letter(
    "dispatchers",
    Words(
        "{driver} {minutes} 分鐘未接單，已改發{channel}：{number}",
        "{driver} has not accepted for {minutes} min; {channel} is tried now: {number}",
    ),
    TRIP_LINES,
    "/fleet/trips/{trip_id}",
    mail=False,
)
CALL = Letter(
    "dispatchers",
    Words(
        "請打電話給駕駛：{driver} {minutes} 分鐘未接單，{number}",
        "Please call the driver: {driver} has not accepted for {minutes} min, {number}",
    ),
    (Words("電話：{phone}", "Phone: {phone}"), *TRIP_LINES),
    "/fleet/trips/{trip_id}",
    mail=False,
)
