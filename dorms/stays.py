"""The trade's words for stays: how far one has come, why it ends, what furniture is like, what its story tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.words import Words
from dorms import vocabulary as say

TO_SIGN, TO_MOVE_IN, LIVING, LEAVING = "to_sign", "to_move_in", "living", "leaving"
FORFEITED, WITHDRAWN, HANDED_BACK, MOVED = "forfeited", "withdrawn", "handed_back", "moved"
ENDED = (FORFEITED, WITHDRAWN, HANDED_BACK, MOVED)
STATES: dict[str, Words] = {
    TO_SIGN: Words("待簽約公證", "To sign and notarise"),
    TO_MOVE_IN: Words("待點交遷入", "To move in"),
    LIVING: Words("借用中", "Living there"),
    LEAVING: Words("待遷出", "To move out"),
    FORFEITED: Words("逾期未簽約，失效", "Not signed in time"),
    WITHDRAWN: Words("遷入前終止", "Ended before moving in"),
    HANDED_BACK: Words("已點交返還", "Handed back"),
    MOVED: Words("已換住", "Moved to another room"),
}
TONES = {
    TO_SIGN: "warn",
    TO_MOVE_IN: "wait",
    LIVING: "ok",
    LEAVING: "warn",
    FORFEITED: "mute",
    WITHDRAWN: "mute",
    HANDED_BACK: "mute",
    MOVED: "mute",
}
OVERDUE = Words("逾期未遷出", "Overdue")

BORROWER, AGENCY = "borrower", "agency"
PAYERS: dict[str, Words] = {
    BORROWER: Words("借用人負擔", "The borrower pays"),
    AGENCY: Words("機關負擔（機關調整房間時）", "The agency pays (when it moved the person)"),
}

GOOD, WORN, DAMAGED, MISSING = "good", "worn", "damaged", "missing"
CONDITIONS: dict[str, Words] = {
    GOOD: Words("良好", "Good"),
    WORN: Words("堪用", "Worn"),
    DAMAGED: Words("損壞", "Damaged"),
    MISSING: Words("缺少", "Missing"),
}
WORSE = {condition: place for place, condition in enumerate(CONDITIONS)}

AT_MOVE_IN, AT_HAND_BACK = "move_in", "hand_back"
AT = {AT_MOVE_IN: Words("點交遷入時", "At moving in"), AT_HAND_BACK: Words("點交返還時", "At handing back")}

ROOM_AFTER = {state: say.ROOM_STATES[state] for state in (say.TO_LET, say.AWAITING_REPAIR)}

USUAL_FURNITURE: tuple[tuple[str, int], ...] = (
    ("單人床架", 1),
    ("床墊", 1),
    ("書桌", 1),
    ("椅子", 1),
    ("衣櫃", 1),
    ("冷氣機", 1),
    ("電熱水器", 1),
    ("房門鑰匙", 2),
    ("門禁卡", 1),
)
"""What a single room is handed over with, as a start of its list."""

LEAVE, REMOVAL, DEATH, HOME_LOAN, FAMILY_GONE, GIVEN, STAYS = (
    "leave",
    "removal",
    "death",
    "home_loan",
    "family_gone",
    "given",
    "stays",
)
"""Terms of the clock: so many months of the dated rules; a day that the officer gives; or none, as nobody has to leave."""


@dataclass(frozen=True)
class Cause:
    """Why a stay ends, by which rule, and how long there is."""

    words: Words
    term: str
    rule: str = "D-45"


CAUSES: dict[str, Cause] = {
    "transfer": Cause(Words("調職", "Transfer"), LEAVE),
    "resignation": Cause(Words("離職", "Leaving the service"), LEAVE),
    "suspension": Cause(Words("停職", "Suspension"), LEAVE),
    "unpaid_leave": Cause(Words("留職停薪", "Unpaid leave"), LEAVE),
    "retirement": Cause(Words("退休", "Retirement"), LEAVE),
    "dismissal": Cause(Words("免職", "Dismissal"), REMOVAL),
    "removal": Cause(Words("撤職", "Removal from office"), REMOVAL),
    "recess": Cause(Words("休職", "Suspension from office as a penalty"), REMOVAL),
    "death": Cause(Words("在職死亡，由遺族遷出", "Death in service; the family moves out"), DEATH),
    "child_care": Cause(
        Words("育嬰留職停薪，子女未滿 3 歲（免遷出）", "Unpaid leave for a child under 3 (need not leave)"), STAYS
    ),
    "home_loan": Cause(Words("獲政府購屋貸款", "A government home loan"), HOME_LOAN, "D-04"),
    "family_gone": Cause(
        Words("家屬不再同住：繳回多房間，改借單房間", "Family gone: give back the family room, take a single one"),
        FAMILY_GONE,
        "D-21",
    ),
    "let_on": Cause(Words("出租他人", "Let to others"), GIVEN, "D-46"),
    "lent_on": Cause(Words("轉借他人", "Lent to others"), GIVEN, "D-46"),
    "built": Cause(Words("擅自增建或改建", "Built or altered without consent"), GIVEN, "D-46"),
    "not_living": Cause(Words("未實際居住", "Not living there"), GIVEN, "D-46"),
    "business": Cause(Words("供營業使用", "Used for business"), GIVEN, "D-46"),
}
CAUSE_WORDS: Mapping[str, Words] = {code: cause.words for code, cause in CAUSES.items()}
TOLD_BY_THE_PORTAL = ("transfer", "retirement", "death", "dismissal")

STEPS: dict[str, Words] = {
    "agreed": Words("同意借用", "The room was taken"),
    "sign_by": Words("簽約公證期限延至 {on}", "Time to sign extended to {on}"),
    "signed": Words("契約已公證（{on}）", "Contract notarised ({on})"),
    "moved_in": Words("點交並遷入（{on}）", "Handed over, moved in ({on})"),
    "inventory_agreed": Words("借用人確認點交清單", "The list of furniture was confirmed"),
    "pay": Words("自 {on} 起的扣繳條件", "What is deducted from {on} on"),
    "renewed": Words("續約至 {on}", "Renewed to {on}"),
    "leave": Words("開始遷出期限，{on} 前遷出", "Has to move out by {on}"),
    "stays": Words("免遷出（{on}）", "Need not leave ({on})"),
    "leave_stopped": Words("遷出期限終止", "Need not move out any more"),
    "leave_extended": Words("遷出期限延至 {on}", "Time to move out extended to {on}"),
    "reminded": Words("已提醒，期限 {on}", "Reminded; due {on}"),
    "handed_back": Words("點交返還（{on}）", "Handed back ({on})"),
    "forfeited": Words("逾期未簽約公證，核配失效", "Not signed in time; the allotment is forfeited"),
    "withdrawn": Words("遷入前終止", "Ended before moving in"),
    "moved": Words("換住他房（{on}）", "Moved to another room ({on})"),
}
