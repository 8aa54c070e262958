"""Shapes of rounds: what is taken in and given out."""

from datetime import date, datetime
from typing import Any

from common.period import today
from common.schemas import (
    Boolean,
    Choice,
    Date,
    Id,
    Instant,
    Integer,
    List,
    Money,
    Nested,
    PageQuery,
    Schema,
    String,
    post_load,
    pre_load,
)
from common.words import Words
from venues.rounds import words as say
from venues.rounds.opening import ClassWish
from venues.rounds.parameters import LABELS
from venues.rounds.registering import Entry
from venues.schemas.aftercare import FileInside
from venues.schemas.taken import WithRev


class Moment(Instant):
    """An instant; a bare date is the midnight it begins with, on Taipei's clock."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if isinstance(value, str) and len(value.strip()) == 10:
            value = f"{value.strip()}T00:00:00+08:00"
        return super()._deserialize(value, attr, data, **kwargs)


class Day(Date):
    """A calendar day; an instant is the Taipei day it lies in."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if isinstance(value, str) and "T" in value:
            return today(Instant().deserialize(value))
        return super()._deserialize(value, attr, data, **kwargs)


class _Pair(Schema):
    """`[from, until]` says the same as `{"from", "until"}`."""

    @pre_load
    def pair(self, data: Any, **_: Any) -> Any:
        if isinstance(data, list) and len(data) == 2:
            return {"from": data[0], "until": data[1]}
        return data


class WindowIn(_Pair):
    """When firms may register, from and up to."""

    from_ = Moment(
        required=True, data_key="from",
        metadata={"label": Words("登記開始", "Registration opens"), "example": "2026-12-01T09:00:00+08:00"},
    )  # fmt: skip
    until = Moment(
        required=True,
        metadata={"label": Words("登記截止", "Registration ends"), "example": "2026-12-05T17:00:00+08:00"},
    )


class TermIn(_Pair):
    """The days of the term: the first, and the one after the last."""

    from_ = Day(
        required=True, data_key="from", metadata={"label": Words("使用開始", "Term begins"), "example": "2027-01-01"}
    )  # fmt: skip
    until = Day(
        required=True,
        metadata={"label": Words("使用結束（不含）", "Term ends (not included)"), "example": "2027-07-01"},
    )


class ClassIn(Schema):
    """A class of places. A usual code (T-03) brings its name, its letter and its papers."""

    code = String(required=True, max_length=20, metadata={"label": Words("類別", "Class"), "example": "food"})
    places = Integer(required=True, min=1, max=500, metadata={"label": Words("位數", "Places"), "example": 5})
    name = String(load_default="", max_length=40, metadata={"label": Words("名稱", "Name")})
    name_en = String(load_default="", max_length=60, metadata={"label": Words("英文名稱", "Name in English")})
    papers = List(
        Choice(say.PAPERS), load_default=None, allow_none=True, max_length=20, metadata={"label": Words("應備文件", "Papers")}
    )  # fmt: skip

    @post_load
    def wish(self, data: dict[str, Any], **_: Any) -> ClassWish:
        papers = data.pop("papers")
        return ClassWish(**data, papers=None if papers is None else tuple(papers))


class OpenRound(Schema):
    """A round to announce. Rent that is not given is the usual one, a sample (T-08)."""

    kind = Choice(say.KINDS, required=True, metadata={"label": Words("種類", "Kind"), "example": "stall"})
    classes = List(
        Nested(ClassIn), required=True, min_length=1, max_length=12, metadata={"label": Words("類別", "Classes")}
    )
    registration = Nested(WindowIn, required=True, metadata={"label": Words("登記期間", "Registration")})
    term = Nested(TermIn, required=True, metadata={"label": Words("使用期間", "Term")})
    title = String(load_default="", max_length=60, metadata={"label": Words("名稱", "Title")})
    title_en = String(load_default="", max_length=100, metadata={"label": Words("英文名稱", "Title in English")})
    place = String(
        load_default="", max_length=60, metadata={"label": Words("地點", "Place"), "example": "市政大樓 1 樓"}
    )
    place_en = String(load_default="", max_length=100, metadata={"label": Words("地點（英文）", "Place in English")})
    notice = String(load_default="", max_length=2000, lines=True, metadata={"label": Words("公告事項", "Notice")})
    rent = Money(load_default=None, allow_none=True, max=1_000_000, metadata={"label": Words("租金", "Rent")})
    rent_per = Choice(
        {"day": Words("每天", "a day"), "term": Words("全期", "a term")}, load_default="day",
        metadata={"label": Words("計租", "Rent per")},
    )  # fmt: skip
    seed_source = String(load_default="", metadata={"label": Words("種子來源", "Source of the seed")})
    seed_known_at = Instant(
        load_default=None, allow_none=True, metadata={"label": Words("種子公布時間", "When the seed becomes known")}
    )
    draft = Boolean(load_default=False, metadata={"label": Words("先存草稿", "Keep as a draft")})

    @post_load
    def flat(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        window, term = data.pop("registration"), data.pop("term")
        data |= {"registration_from": window["from_"], "registration_until": window["until"]}
        return data | {"term_from": term["from_"], "term_until": term["until"]}


class PapersIn(Schema):
    """Papers ticked as ready, with a note."""

    papers = List(
        Choice(say.PAPERS), load_default=list, max_length=20, metadata={"label": Words("已備文件", "Papers ready")}
    )
    papers_note = String(load_default="", max_length=500, lines=True, metadata={"label": Words("說明", "Note")})


class RegisterForRound(PapersIn):
    """A firm’s registration. Without a name it is the own body’s."""

    class_code = String(required=True, max_length=20, metadata={"label": Words("類別", "Class"), "example": "food"})
    firm_kind = Choice(say.FIRM_KINDS, load_default="company", metadata={"label": Words("身分", "Kind of firm")})
    firm_number = String(
        required=True, max_length=40, metadata={"label": Words("統一編號或字號", "Firm number"), "example": "04595257"}
    )
    firm_name = String(load_default="", max_length=60, metadata={"label": Words("廠商名稱", "Firm name")})
    seller_id = String(
        load_default="", max_length=20,
        metadata={"label": Words("販售人員身分證號", "The seller’s number"), "example": "A123456789"},
    )  # fmt: skip
    seller_name = String(load_default="", max_length=40, metadata={"label": Words("販售人員", "Seller")})
    phone = String(load_default="", max_length=40, metadata={"label": Words("電話", "Telephone")})
    goods = String(load_default="", max_length=100, metadata={"label": Words("販售品項", "What is sold")})

    @post_load
    def entry(self, data: dict[str, Any], **_: Any) -> Entry:
        return Entry(**{**data, "papers": tuple(data["papers"])})


class SendPapers(PapersIn, WithRev):
    """The papers that were asked for."""

    @post_load
    def listed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"papers": tuple(data["papers"])}


class TickPapers(WithRev):
    """The papers that the desk found in order; those not named lose their tick."""

    papers = List(
        Choice(say.PAPERS), load_default=list, max_length=20,
        metadata={"label": Words("齊備的文件", "Papers in order"), "example": ["registration"]},
    )  # fmt: skip

    @post_load
    def listed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"papers": tuple(data["papers"])}


class RegistrationPaperForm(Schema):
    """Which paper a sent file is; a policy and a laboratory test say their day."""

    kind = Choice(
        say.PAPERS, required=True, metadata={"label": Words("文件種類", "Kind of paper"), "example": "registration"}
    )
    issued_on = Date(
        load_default=None, allow_none=True,
        metadata={"label": Words("保單或報告日期", "Day of the policy or test"), "example": "2026-06-01"},
    )  # fmt: skip


class SendRegistrationPaper(RegistrationPaperForm, FileInside):
    """A paper of a registration with its file (T-06)."""


class ReasonForDeletion(Schema):
    """Why a file is taken away."""

    reason = String(
        required=True, max_length=500, lines=True, metadata={"label": Words("原因", "Reason"), "example": "傳錯檔案"}
    )


class ReasonIn(WithRev):
    """A reason that those concerned read."""

    reason = String(
        required=True, max_length=500, lines=True, metadata={"label": Words("理由", "Reason"), "example": "整修"}
    )


class WithdrawIn(WithRev):
    """A reason, if one likes to give it."""

    reason = String(load_default="", max_length=500, lines=True, metadata={"label": Words("理由", "Reason")})


class CloseIn(WithdrawIn):
    """A reason, needed before the window’s end."""


class PublishIn(WithRev):
    """When the seed becomes known, and its source, unless named before."""

    seed_known_at = Instant(
        load_default=None, allow_none=True, metadata={"label": Words("種子公布時間", "When the seed becomes known")}
    )
    seed_source = String(load_default="", metadata={"label": Words("種子來源", "Source of the seed")})


class DrawIn(WithRev):
    """The public seed as one officer reads it, and the text of the document it stands in where one is at hand."""

    seed = String(required=True, metadata={"label": Words("種子", "Seed"), "example": "27650.11"})
    document = String(
        load_default="",
        max_length=20_000,
        lines=True,
        strip=False,
        metadata={"label": Words("公開文件", "Public document")},
    )


class AskPapers(WithRev):
    """What is missing, and until when."""

    what = String(
        required=True, max_length=500, lines=True,
        metadata={"label": Words("缺少的文件", "What is missing"), "example": "產品責任險保單"},
    )  # fmt: skip
    due_on = Date(load_default=None, allow_none=True, metadata={"label": Words("補正期限", "Due date")})


class NoteIn(WithRev):
    """A note, if one likes."""

    note = String(load_default="", max_length=500, lines=True, metadata={"label": Words("說明", "Note")})


class PaymentIn(WithRev):
    """Rent received."""

    receipt_number = String(
        required=True, max_length=60, metadata={"label": Words("收據號碼", "Receipt number"), "example": "R-1150001"}
    )
    amount = Money(load_default=None, allow_none=True, metadata={"label": Words("金額", "Amount")})


class PayoutIn(WithRev):
    """A refund paid out."""

    document = String(
        required=True, max_length=60, metadata={"label": Words("付款憑證", "Document"), "example": "P-1150001"}
    )


class WarnIn(WithRev):
    """A warning (T-08)."""

    what = String(
        required=True, max_length=300, lines=True,
        metadata={"label": Words("違規情形", "What happened"), "example": "占用通道"},
    )  # fmt: skip
    grave = Boolean(load_default=False, metadata={"label": Words("情節重大", "Grave")})


class SuspendIn(ReasonIn):
    """From which day, and maybe until when, places are not used."""

    first_day = Date(required=True, metadata={"label": Words("開始日", "First day"), "example": "2027-02-01"})
    until = Date(load_default=None, allow_none=True, metadata={"label": Words("恢復日", "Used again from")})


class ParameterForm(Schema):
    """A new value of a parameter of rounds from a day on."""

    key = Choice(LABELS, required=True, metadata={"label": Words("參數", "Parameter")})
    value = Integer(required=True, min=0, max=100_000, metadata={"label": Words("數值", "Value")})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From")})


class RoundQuery(PageQuery):
    """Which rounds."""

    kind = Choice(say.KINDS, load_default=None, metadata={"label": Words("種類", "Kind")})


class RegistrationQuery(PageQuery):
    """Which registrations."""

    round_id = Id(load_default=None, metadata={"label": Words("檔期", "Round")})
    status = Choice(say.STATUSES, load_default=None, metadata={"label": Words("狀態", "State")})
