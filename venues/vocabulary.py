"""The trade's words for states, uses, classes and kinds, in both languages. Codes are those of the public contract."""

from common.words import Words

SUBMITTED = "submitted"
SUPPLEMENT_NEEDED = "supplement_needed"
CONTESTED = "contested"
APPROVED = "approved"
AWAITING_INSURANCE = "awaiting_insurance"
AWAITING_PAYMENT = "awaiting_payment"
CONFIRMED = "confirmed"
IN_USE = "in_use"
INSPECTION = "inspection"
CLOSED = "closed"
REJECTED = "rejected"
LAPSED = "lapsed"
CANCELLED = "cancelled"
SUSPENDED = "suspended"

UNDECIDED = (SUBMITTED, SUPPLEMENT_NEEDED)
UNPAID = (APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT)
ALIVE = (*UNDECIDED, CONTESTED, *UNPAID, CONFIRMED, IN_USE)
USED = (IN_USE, INSPECTION, CLOSED)
ENDED = (REJECTED, LAPSED, CANCELLED, SUSPENDED)

STATUSES = {
    SUBMITTED: Words("已送件", "Submitted"),
    SUPPLEMENT_NEEDED: Words("待補正", "More papers needed"),
    CONTESTED: Words("同時段多件", "Contested"),
    APPROVED: Words("已核准", "Approved"),
    AWAITING_INSURANCE: Words("待投保", "Awaiting insurance"),
    AWAITING_PAYMENT: Words("待繳費", "Awaiting payment"),
    CONFIRMED: Words("已確認", "Confirmed"),
    IN_USE: Words("使用中", "In use"),
    INSPECTION: Words("場復檢查", "Inspection"),
    CLOSED: Words("結案", "Closed"),
    REJECTED: Words("已駁回", "Rejected"),
    LAPSED: Words("逾期失效", "Lapsed"),
    CANCELLED: Words("已取消", "Cancelled"),
    SUSPENDED: Words("停止使用", "Suspended"),
}

STATUS_TONES = {
    SUBMITTED: "wait",
    SUPPLEMENT_NEEDED: "warn",
    CONTESTED: "warn",
    APPROVED: "info",
    AWAITING_INSURANCE: "wait",
    AWAITING_PAYMENT: "wait",
    CONFIRMED: "ok",
    IN_USE: "run",
    INSPECTION: "info",
    CLOSED: "mute",
    REJECTED: "bad",
    LAPSED: "mute",
    CANCELLED: "mute",
    SUSPENDED: "bad",
}

STATUS_ICONS = {
    SUBMITTED: "inbox",
    SUPPLEMENT_NEEDED: "file-plus",
    CONTESTED: "scale",
    APPROVED: "circle-check",
    AWAITING_INSURANCE: "shield",
    AWAITING_PAYMENT: "banknote",
    CONFIRMED: "circle-check",
    IN_USE: "door-open",
    INSPECTION: "clipboard-check",
    CLOSED: "archive",
    REJECTED: "circle-x",
    LAPSED: "clock-alert",
    CANCELLED: "circle-x",
    SUSPENDED: "ban",
}

WAITS_FOR = {
    SUBMITTED: Words("等場地承辦審核", "Waiting for the venue officer’s decision"),
    SUPPLEMENT_NEEDED: Words("等申請單位補件", "Waiting for the applicant’s papers"),
    CONTESTED: Words("等截止後依順位決定", "Waiting for the deadline, then by class"),
    AWAITING_INSURANCE: Words("等公共意外責任險保單", "Waiting for the liability insurance policy"),
    AWAITING_PAYMENT: Words("等繳費", "Waiting for payment"),
    CONFIRMED: Words("已成立，等使用日", "Confirmed; waiting for the day of use"),
    IN_USE: Words("使用中，用畢檢查", "In use; inspected afterwards"),
    INSPECTION: Words("等場復檢查與退還保證金", "Waiting for the inspection and the deposit"),
}

EVENT_KINDS = {  # S-09: the only uses there are
    "政令宣導": Words("政令宣導", "Policy information"),
    "公益": Words("公益", "Public benefit"),
    "文化": Words("文化", "Culture"),
    "社教": Words("社教", "Social education"),
}

MANAGING_AGENCY = "managing_agency"
CITY_AGENCY = "city_agency"
GOVERNMENT = "government"
REGISTERED_BODY = "registered_body"

CLASSES = {  # S-30: in order of priority
    MANAGING_AGENCY: Words("管理機關", "Managing agency"),
    CITY_AGENCY: Words("本府機關學校", "City agency or school"),
    GOVERNMENT: Words("其他政府機關學校", "Other government body or school"),
    REGISTERED_BODY: Words("立案團體", "Registered body"),
}

VENUE_KINDS = {
    "hall": Words("廳堂", "Halls"),
    "ground": Words("戶外場地", "Grounds"),
    "room": Words("會議室", "Meeting rooms"),
}

CAUSES = {
    "applicant": Words("申請單位取消", "Cancelled by the applicant"),
    "government_need": Words("因市政需要停止使用", "Stopped for a city need"),
    "force_majeure": Words("不可抗力（天災、停止上班）", "Force majeure (disaster, closure)"),
}

CLOSURE_GROUNDS = {  # S-18, S-37: all of them return everything
    "government_need": Words("因市政需要停止使用", "City need"),
    "force_majeure": Words("不可抗力（天災、疫情、停止上班）", "Force majeure (disaster, epidemic, closure)"),
    "renovation": Words("整修", "Renovation"),
}

CLOSURE_STATES = {
    "recorded": Words("辦理中", "Under way"),
    "carried_out": Words("已辦畢", "Carried out"),
    "reopening": Words("重新開放辦理中", "Being withdrawn"),
    "reopened": Words("已重新開放", "Withdrawn"),
}

BREACHES = {  # S-39
    "different_activity": Words("活動與核准不符", "Another activity than permitted"),
    "transfer": Words("轉讓他人使用", "Handed on to somebody else"),
    "rule_broken": Words("違反使用規定", "Rules of use broken"),
}
