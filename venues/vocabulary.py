"""The trade's words for states, uses, classes and kinds, in both languages. Codes are those of the public contract."""

from common.words import Words

SUBMITTED = "submitted"
SUPPLEMENT_NEEDED = "supplement_needed"
APPROVED = "approved"
AWAITING_INSURANCE = "awaiting_insurance"
AWAITING_PAYMENT = "awaiting_payment"
CONFIRMED = "confirmed"
REJECTED = "rejected"
LAPSED = "lapsed"
CANCELLED = "cancelled"

UNDECIDED = (SUBMITTED, SUPPLEMENT_NEEDED)
UNPAID = (APPROVED, AWAITING_INSURANCE, AWAITING_PAYMENT)
ALIVE = (*UNDECIDED, *UNPAID, CONFIRMED)
ENDED = (REJECTED, LAPSED, CANCELLED)

STATUSES = {
    SUBMITTED: Words("已送件", "Submitted"),
    SUPPLEMENT_NEEDED: Words("待補正", "More papers needed"),
    "contested": Words("同時段多件", "Contested"),
    APPROVED: Words("已核准", "Approved"),
    AWAITING_INSURANCE: Words("待投保", "Awaiting insurance"),
    AWAITING_PAYMENT: Words("待繳費", "Awaiting payment"),
    CONFIRMED: Words("已確認", "Confirmed"),
    "in_use": Words("使用中", "In use"),
    "inspection": Words("場復檢查", "Inspection"),
    "closed": Words("結案", "Closed"),
    REJECTED: Words("已駁回", "Rejected"),
    LAPSED: Words("逾期失效", "Lapsed"),
    CANCELLED: Words("已取消", "Cancelled"),
    "suspended": Words("停止使用", "Suspended"),
}

STATUS_TONES = {
    SUBMITTED: "wait",
    SUPPLEMENT_NEEDED: "warn",
    APPROVED: "info",
    AWAITING_INSURANCE: "wait",
    AWAITING_PAYMENT: "wait",
    CONFIRMED: "ok",
    REJECTED: "bad",
    LAPSED: "mute",
    CANCELLED: "mute",
}

STATUS_ICONS = {
    SUBMITTED: "inbox",
    SUPPLEMENT_NEEDED: "file-plus",
    APPROVED: "circle-check",
    AWAITING_INSURANCE: "shield",
    AWAITING_PAYMENT: "banknote",
    CONFIRMED: "circle-check",
    REJECTED: "circle-x",
    LAPSED: "clock-alert",
    CANCELLED: "circle-x",
}

WAITS_FOR = {
    SUBMITTED: Words("等場地承辦審核", "Waiting for the venue officer’s decision"),
    SUPPLEMENT_NEEDED: Words("等申請單位補件", "Waiting for the applicant’s papers"),
    AWAITING_INSURANCE: Words("等公共意外責任險保單", "Waiting for the liability insurance policy"),
    AWAITING_PAYMENT: Words("等繳費", "Waiting for payment"),
    CONFIRMED: Words("已成立，等使用日", "Confirmed; waiting for the day of use"),
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
