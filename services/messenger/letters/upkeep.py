"""Letters about what falls due for cars and drivers, and about accidents."""

from common.words import Words
from services.messenger.letters.shape import Letter

UPKEEP: dict[str, tuple[Letter, ...]] = {
    "fleet.upkeep_due.v1": tuple(
        Letter(told_to, Words(zh, en), (), link, states=(state,), mail=state == "overdue")
        for told_to, link in (("dispatchers", "/fleet/upkeep"), ("owners", "/fleet/"))
        for state, zh, en in (
            ("soon", "{label} {kind_zh}快到期：{due_on}", "{label}: {kind_en} due {due_on}"),
            ("overdue", "{label} {kind_zh}已逾期：{due_on}", "{label}: {kind_en} overdue since {due_on}"),
        )
    ),
    "fleet.accident_reported.v1": tuple(
        Letter(
            told_to,
            Words("事故通報：{vehicle_label}，{place}", "Accident: {vehicle_label}, {place}"),
            (Words("時間：{happened_at}", "When: {happened_at}"),),
            "/fleet/accidents/{accident_id}" if told_to == "dispatchers" else "/fleet/",
            lasting=True,
        )
        for told_to in ("dispatchers", "owners")
    ),
}
