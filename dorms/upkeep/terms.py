"""The trade's words for checks, residence visits, repairs and legacy houses, in both languages."""

from common.words import Words

# ── Legacy houses and land (D-07) ─────────────────────────────────────────────

HOUSE, LAND = "house", "land"
HOUSE_KINDS = {HOUSE: Words("眷舍", "House"), LAND: Words("土地", "Land")}

LAWFUL, EMPTY, UNLAWFUL, IN_USE, PASSED_ON = "lawful_stayer", "vacant", "unlawful", "in_use", "passed_on"
HOUSE_STATES = {
    LAWFUL: Words("合法續住", "Lawful stayer"),
    EMPTY: Words("空置", "Vacant"),
    UNLAWFUL: Words("占用處理中", "Held without right, being cleared"),
    IN_USE: Words("公務使用", "Used for public business"),
    PASSED_ON: Words("已移交", "Passed on"),
}
HOUSE_TONES = {LAWFUL: "ok", EMPTY: "wait", UNLAWFUL: "bad", IN_USE: "info", PASSED_ON: "mute"}
LIVED_IN = (LAWFUL, UNLAWFUL)
KEPT = (LAWFUL, EMPTY, UNLAWFUL, IN_USE)
"""What the Secretariat still looks after."""

# ── Checks and visits (D-40, D-43, D-44) ──────────────────────────────────────

INSPECTION, FURNITURE, VISIT = "inspection", "furniture", "visit"
CHECK_KINDS = {
    INSPECTION: Words("房屋及設備檢查", "Check of dwelling and equipment"),
    FURNITURE: Words("家具盤點", "Furniture inventory"),
    VISIT: Words("居住事實訪視", "Residence visit"),
}
CHECK_RULES = {INSPECTION: "D-40", FURNITURE: "D-40", VISIT: "D-43"}
CHECK_ICONS = {INSPECTION: "clipboard-check", FURNITURE: "armchair", VISIT: "footprints"}

INSPECTIONS, VISITS = "inspections", "visits"
ERRANDS = {
    INSPECTIONS: Words("檢查與盤點（先通知借用人）", "Checks and inventories (the resident is told first)"),
    VISITS: Words("居住訪視（不先通知）", "Residence visits (not announced)"),
}
KINDS_OF = {INSPECTIONS: (INSPECTION, FURNITURE), VISITS: (VISIT,)}

PLANNED, APPOINTED, DONE, CALLED_OFF = "planned", "appointed", "done", "called_off"
CHECK_STATES = {
    PLANNED: Words("待排定", "To be scheduled"),
    APPOINTED: Words("已排定", "Scheduled"),
    DONE: Words("已完成", "Done"),
    CALLED_OFF: Words("不需辦理", "Not needed"),
}
CHECK_TONES = {PLANNED: "wait", APPOINTED: "info", DONE: "ok", CALLED_OFF: "mute"}

MORNING, AFTERNOON = "morning", "afternoon"
HALVES = {MORNING: Words("上午 9–12 時", "Morning, 9–12"), AFTERNOON: Words("下午 1:30–5 時", "Afternoon, 13:30–17")}
HOURS = {MORNING: ("09:00", "12:00"), AFTERNOON: ("13:30", "17:00")}

FINE, FAULTS, NOT_MET, RESIDES = "fine", "faults", "not_met", "resides"
RESULTS = {
    FINE: Words("符合", "In order"),
    FAULTS: Words("有待改善", "Something to put right"),
    RESIDES: Words("有居住事實", "Lives there"),
    NOT_MET: Words("未遇", "Nobody was met"),
}
RESULT_TONES = {FINE: "ok", FAULTS: "warn", RESIDES: "ok", NOT_MET: "wait"}
RESULTS_OF = {INSPECTION: (FINE, FAULTS, NOT_MET), FURNITURE: (FINE, FAULTS, NOT_MET), VISIT: (RESIDES, NOT_MET)}

# ── Evidence of non-residence, step by step (D-43, D-44, D-46) ────────────────

FIRST, SECOND, LETTER, HEARING, DECISION = "visit_1", "visit_2", "letter", "hearing", "decision"
STEPS = {
    FIRST: Words("第一次訪視未遇", "First visit: nobody met"),
    SECOND: Words("第二次訪視", "Second visit"),
    LETTER: Words("函請說明", "Letter asking for an explanation"),
    HEARING: Words("聽取說明", "Hearing"),
    DECISION: Words("承辦人決定", "Decision by a person"),
}
RESIDES_AFTER_ALL, DOES_NOT_RESIDE = "resides", "does_not_reside"
DECISIONS = {
    RESIDES_AFTER_ALL: Words("認定有居住事實，結案", "Found to live there; closed"),
    DOES_NOT_RESIDE: Words("認定未居住，依契約辦理", "Found not to live there; the contract applies"),
}

# ── Repairs (D-41, D-42) ──────────────────────────────────────────────────────

AGENCY, OWN = "agency", "own"
PAYERS = {
    AGENCY: Words("機關修繕", "Repaired by the agency"),
    OWN: Words("自費修繕（須先經同意）", "At own cost (consent first)"),
}
REQUESTED, APPROVED, UNDER_WAY, COMPLETED, REFUSED, TAKEN_BACK = (
    "requested",
    "approved",
    "under_way",
    "completed",
    "refused",
    "taken_back",
)
REPAIR_STATES = {
    REQUESTED: Words("已申請", "Requested"),
    APPROVED: Words("已核定，待施工", "Approved, to be done"),
    UNDER_WAY: Words("施工中", "Work under way"),
    COMPLETED: Words("已完工驗收", "Done and accepted"),
    REFUSED: Words("不同意", "Refused"),
    TAKEN_BACK: Words("已撤回", "Taken back"),
}
REPAIR_TONES = {
    REQUESTED: "wait",
    APPROVED: "info",
    UNDER_WAY: "run",
    COMPLETED: "ok",
    REFUSED: "mute",
    TAKEN_BACK: "mute",
}
OPEN_REPAIRS = (REQUESTED, APPROVED, UNDER_WAY)

PARTS = {
    "water": Words("給排水、漏水", "Water and drains"),
    "electric": Words("電氣、照明", "Electricity and light"),
    "doors": Words("門窗、鎖具", "Doors, windows, locks"),
    "furniture": Words("家具、設備", "Furniture and equipment"),
    "structure": Words("牆面、地板、結構", "Walls, floors, structure"),
    "other": Words("其他", "Something else"),
}
PART_ICONS = {
    "water": "droplets",
    "electric": "zap",
    "doors": "door-open",
    "furniture": "armchair",
    "structure": "brick-wall",
    "other": "wrench",
}
