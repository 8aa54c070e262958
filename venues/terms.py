"""The words of the grounds' other business: loans, gallery terms, contracts, contributed venues, boards."""

from common.words import Words

LOAN_STATES = {
    "requested": Words("待核定", "Requested"),
    "approved": Words("已核准，待領用", "Approved, to be collected"),
    "rejected": Words("未核准", "Not approved"),
    "out": Words("借用中", "Out"),
    "returned": Words("已歸還", "Returned"),
    "cancelled": Words("已取消", "Cancelled"),
}
LOAN_TONES = {
    "requested": "wait",
    "approved": "info",
    "rejected": "bad",
    "out": "run",
    "returned": "ok",
    "cancelled": "mute",
}

POSTING_STATES = {
    "requested": Words("待核定", "Requested"),
    "approved": Words("已核准", "Approved"),
    "rejected": Words("未核准", "Not approved"),
    "withdrawn": Words("已撤回", "Withdrawn"),
}
POSTING_TONES = {"requested": "wait", "approved": "ok", "rejected": "bad", "withdrawn": "mute"}

GALLERY_STATES = {
    "applied": Words("已申請", "Applied"),
    "assigned": Words("已排定", "Assigned"),
    "declined": Words("未入選", "Not chosen"),
}
GALLERY_TONES = {"applied": "wait", "assigned": "ok", "declined": "mute"}

COUNTER_KINDS = {
    "counter": Words("固定櫃位", "Fixed counter"),
    "bank": Words("銀行分行", "Bank branch"),
}

CONTRACT_STATES = {
    "ahead": Words("尚未開始", "Not begun"),
    "running": Words("契約期間中", "Running"),
    "notice": Words("應洽續約", "Renewal due"),
    "ended": Words("已結束", "Ended"),
}
CONTRACT_TONES = {"ahead": "info", "running": "ok", "notice": "warn", "ended": "mute"}

SURVEY_STATES = {
    "open": Words("調查中", "Open"),
    "published": Words("名單已公布，待抽序", "List published, draw to come"),
    "allotted": Words("已分配", "Allotted"),
}
SURVEY_TONES = {"open": "run", "published": "wait", "allotted": "ok"}
