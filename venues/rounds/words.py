"""The trade's words for rounds, registrations and what is asked for. Codes are those of the public contract."""

from common.words import Words

KINDS = {
    "stall": Words("臨時攤位", "Temporary stalls"),
    "gallery": Words("畫廊檔期", "Gallery terms"),
    "contributed_venue": Words("回饋場地", "Contributed venue"),
    "plaza": Words("廣場市集", "Plaza market"),
}
KIND_ICONS = {"stall": "store", "gallery": "frame", "contributed_venue": "landmark", "plaza": "trees"}

DRAFT, OPEN, CHECKING, PUBLISHED = "draft", "open", "checking", "published"
SEED_NAMED, DRAWN, RUNNING, ENDED = "seed_named", "drawn", "running", "ended"
SUSPENDED, CANCELLED = "suspended", "cancelled"

ROUND_STATUSES = {
    DRAFT: Words("草稿", "Draft"),
    OPEN: Words("受理", "Registration"),
    CHECKING: Words("資格審查", "Checking papers"),
    PUBLISHED: Words("名單已公布，待種子", "List published"),
    SEED_NAMED: Words("種子待覆核", "Seed entered once"),
    DRAWN: Words("已抽籤", "Drawn"),
    RUNNING: Words("使用中", "Running"),
    SUSPENDED: Words("暫停使用", "Suspended"),
    ENDED: Words("已結束", "Ended"),
    CANCELLED: Words("已取消", "Cancelled"),
}
ROUND_TONES = {
    DRAFT: "mute", OPEN: "run", CHECKING: "wait", PUBLISHED: "info", SEED_NAMED: "info", DRAWN: "ok", RUNNING: "ok",
    SUSPENDED: "bad", ENDED: "mute", CANCELLED: "bad",
}  # fmt: skip
BEFORE_LIST = (DRAFT, OPEN, CHECKING)
LISTED = (PUBLISHED, SEED_NAMED)
AFTER_DRAW = (DRAWN, RUNNING, SUSPENDED)

SUBMITTED, SUPPLEMENT_NEEDED, ELIGIBLE, INELIGIBLE = "submitted", "supplement_needed", "eligible", "ineligible"
SELECTED, WAITING, ACCEPTED, HOLDING = "selected", "waiting", "accepted", "holding"
WITHDRAWN, DECLINED, LAPSED, LEFT, EXPELLED, FINISHED = (
    "withdrawn",
    "declined",
    "lapsed",
    "left",
    "expelled",
    "finished",
)

STATUSES = {
    SUBMITTED: Words("待審", "To check"),
    SUPPLEMENT_NEEDED: Words("待補正", "Papers asked for"),
    ELIGIBLE: Words("資格符合", "Eligible"),
    INELIGIBLE: Words("資格不符", "Not eligible"),
    SELECTED: Words("正取，待回覆", "Selected, to answer"),
    WAITING: Words("備取", "Waiting"),
    ACCEPTED: Words("已接受，待繳租金", "Accepted, to pay"),
    HOLDING: Words("已取得位子", "Has the place"),
    WITHDRAWN: Words("已撤回", "Withdrawn"),
    DECLINED: Words("放棄", "Declined"),
    LAPSED: Words("逾期失效", "Lapsed"),
    LEFT: Words("中途退出", "Left"),
    EXPELLED: Words("收回攤位", "Place taken back"),
    FINISHED: Words("期滿", "Term ended"),
}
TONES = {
    SUBMITTED: "wait", SUPPLEMENT_NEEDED: "warn", ELIGIBLE: "ok", INELIGIBLE: "bad", SELECTED: "warn", WAITING: "info",
    ACCEPTED: "wait", HOLDING: "ok", WITHDRAWN: "mute", DECLINED: "mute", LAPSED: "mute", LEFT: "mute", EXPELLED: "bad",
    FINISHED: "mute",
}  # fmt: skip
UNDECIDED = (SUBMITTED, SUPPLEMENT_NEEDED)
HAS_PLACE = (SELECTED, ACCEPTED, HOLDING)
GONE = (WITHDRAWN, DECLINED, LAPSED, LEFT, EXPELLED)

FIRM_KINDS = {  # T-04
    "company": Words("公司、行號", "Company or firm"),
    "farmer": Words("農民", "Farmer"),
    "charity": Words("公益、社福團體", "Charity or welfare group"),
    "agency": Words("機關、學校", "Agency or school"),
}

PAPERS = {  # T-06
    "checklist": Words("自我檢核表", "Checklist"),
    "registration": Words("登記或立案證明", "Proof of registration"),
    "firm_card": Words("廠商資料卡（附存摺影本）", "Firm card with a copy of the bank book"),
    "seller_card": Words("販售人員資料卡", "Seller’s card"),
    "application": Words("市有公用房地使用申請書", "Application for city property"),
    "food_operator": Words("食品業者登錄字號", "Food operator’s registration number"),
    "liability": Words("產品責任險保單（1 年內）", "Product liability policy, within a year"),
    "lab_test": Words("產品檢驗報告（1 年內）", "Laboratory test, within a year"),
    "farmer_proof": Words("農民證明", "Farmer’s proof"),
    "consent": Words("資料無異動同意書", "Consent form: nothing has changed"),
}

LOG = {
    WITHDRAWN: Words("撤回", "withdrew"),
    DECLINED: Words("放棄", "declined"),
    LAPSED: Words("逾期未回覆或未繳租金", "did not answer or pay in time"),
    LEFT: Words("中途退出", "left"),
    EXPELLED: Words("收回攤位", "lost the place"),
}

STAGES = (  # ux §5.6: the dated track
    ("open", Words("受理", "Registration")),
    ("checking", Words("資格", "Eligibility")),
    ("published", Words("公布名單與雜湊值", "List and hash published")),
    ("seed", Words("抽籤", "Draw")),
    ("drawn", Words("結果", "Result")),
    ("waiting", Words("遞補", "Moving up")),
)

USUAL_SOURCE = Words(
    "公布名單後第一個交易日的臺灣加權股價指數（收盤，含小數 2 位）",
    "the closing Taiwan stock index (two decimals) of the first trading day after the list is published",
)


def source_words(kept: str) -> Words:
    """Where a seed comes from: the usual source in both languages, another as the officer wrote it."""
    return USUAL_SOURCE if kept == USUAL_SOURCE.zh else Words.same(kept)
