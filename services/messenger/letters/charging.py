"""Letters about charging."""

from common.words import Words
from services.messenger.letters.shape import Letter

CHARGING: dict[str, tuple[Letter, ...]] = {
    "fleet.charging_overstayed.v1": (
        Letter(
            "applicant",
            Words(
                "{vehicle_label} 已充滿，請移車：{charger_code}",
                "{vehicle_label} is full, please move it: {charger_code}",
            ),
            (
                Words("已充滿 {minutes} 分鐘，後面還有車要充。", "Full for {minutes} minutes; another car is waiting."),
                Words("車輛：{vehicle_label}", "Car: {vehicle_label}"),
                Words("充電樁：{charger_code}", "Charger: {charger_code}"),
            ),
            "/fleet/charging",
            lasting=True,
        ),
    ),
}
