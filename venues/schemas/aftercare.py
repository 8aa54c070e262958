"""Shapes of a booking's end: inspections, payouts, breaches and papers, taken in and given out."""

import base64
from typing import Any

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
    Wrong,
    post_load,
)
from common.words import Words
from venues import papers, parameters, vocabulary
from venues.aftercare import Found
from venues.schemas.taken import WithRev

MOST_BASE64 = 11_000_000
"""Characters: what 8 MB take, within what a request may bring (common.web)."""

DOCUMENT = {"label": Words("文書號", "Document number"), "example": "D-115-00042"}


class DamageIn(Schema):
    """One thing damaged, dirty or missing, and what it costs."""

    what = String(required=True, max_length=200, metadata={"label": Words("損壞項目", "Damage"), "example": "地板刮痕"})
    amount = Money(required=True, min=1, metadata={"label": Words("金額", "Amount"), "example": 3500})

    @post_load
    def found(self, data: dict[str, Any], **_: Any) -> Found:
        return Found(data["what"], data["amount"])


class Inspect(WithRev):
    """How a venue was found after use; without damages it is in order (S-36)."""

    damages = List(
        Nested(DamageIn), load_default=list, max_length=20, metadata={"label": Words("損壞", "Damage"), "example": []}
    )
    present = String(
        load_default="", max_length=80, metadata={"label": Words("申請單位在場人", "Present"), "example": "蘇青田"}
    )
    note = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("檢查說明", "Note"), "example": "場地已復原"},
    )


class StartUse(WithRev):
    """Opening a venue on its day."""


class PayBack(WithRev):
    """Money that goes back to the applicant. `amount`, when given, must be exactly what is due."""

    document_number = String(load_default="", max_length=60, metadata=DOCUMENT)
    payee = String(
        load_default="", max_length=200,
        metadata={"label": Words("受款人與帳戶", "Payee and account"), "example": "臺灣銀行 012345678901（青田文化協會）"},
    )  # fmt: skip
    amount = Money(load_default=None, allow_none=True, metadata={"label": Words("金額", "Amount"), "example": 20000})


class PayClaim(WithRev):
    """What was claimed beyond the deposit came in."""

    document_number = String(required=True, max_length=60, metadata=DOCUMENT)


class GiveAccount(Schema):
    """Where the deposit and refunds of a booking go back to."""

    name = String(
        required=True, max_length=80, metadata={"label": Words("戶名", "Account holder"), "example": "青田文化協會"}
    )
    bank = String(
        required=True, max_length=80, metadata={"label": Words("金融機構", "Bank"), "example": "臺灣銀行公館分行"}
    )
    number = String(
        required=True, max_length=30, metadata={"label": Words("帳號", "Account number"), "example": "012345678901"}
    )


class RecordBreach(WithRev):
    """A venue used otherwise than permitted (S-39)."""

    kind = Choice(
        vocabulary.BREACHES, required=True, metadata={"label": Words("違規情形", "Breach"), "example": "transfer"}
    )
    what = String(
        required=True, max_length=1000, lines=True,
        metadata={"label": Words("經過", "What happened"), "example": "轉由他人辦理商品展售"},
    )  # fmt: skip


class WithReason(WithRev):
    """An act that needs its reason."""

    reason = String(
        required=True, max_length=500, lines=True, metadata={"label": Words("原因", "Reason"), "example": "申復有理由"}
    )


class PaperKindForm(Schema):
    """Which kind of paper a sent file is."""

    kind = Choice(
        papers.KINDS, required=True, metadata={"label": Words("文件種類", "Kind of paper"), "example": "registration"}
    )


class FileInside(Schema):
    """A file inside the body, as Base64; the forms on pages take the file itself."""

    filename = String(
        required=True, max_length=200, metadata={"label": Words("檔名", "File name"), "example": "立案證書.pdf"}
    )
    file = String(
        required=True, max_length=MOST_BASE64,
        metadata={
            "label": Words("檔案", "File"), "description": "PDF, JPEG, PNG, ODT or DOCX in Base64, 8 MB at most",
            "example": "JVBERi0xLjcKcGxhbgolJUVPRgo=",
        },
    )  # fmt: skip

    @post_load
    def decoded(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        try:
            return {**data, "file": base64.b64decode(data["file"], validate=True)}
        except ValueError as wrong:  # binascii.Error is one
            raise Wrong(Words("檔案要以 Base64 編碼", "The file has to be in Base64"), "file") from wrong


class SendPaper(PaperKindForm, FileInside):
    """A paper of a booking with its file."""


class ParameterForm(Schema):
    """A new value of a parameter from a day on."""

    key = Choice(parameters.SET_HERE, required=True, metadata={"label": Words("參數", "Parameter")})
    value = Integer(required=True, min=0, max=10000, metadata={"label": Words("數值", "Value")})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From")})


class BarQuery(PageQuery):
    """Which breaches."""

    barred = Boolean(
        load_default=False, metadata={"label": Words("仍受處分", "Still barred"), "description": "only bars in force"}
    )


# ── Given out ─────────────────────────────────────────────────────────────────


class DamageOut(Schema):
    """One thing found, in whole NT$."""

    what = String(required=True)
    amount = Integer(required=True, metadata={"example": 3500})


class InspectionOut(Schema):
    """How a venue was found. `deducted` never exceeds the deposit; what goes beyond is `claimed`."""

    id = Id(required=True)
    booking_id = Id(required=True)
    result = Choice(("in_order", "damaged"), required=True)
    at = Instant(required=True)
    by_name = String(required=True, metadata={"description": "the officer"})
    present = String(required=True, min_length=0, metadata={"description": "the applicant’s side"})
    note = String(required=True, min_length=0, max_length=None)
    damages = List(Nested(DamageOut), required=True)
    deducted = Integer(required=True)
    claimed = Integer(required=True)
    to_return = Integer(required=True, metadata={"description": "of the deposit, not paid out yet"})
    return_by = Date(required=True)


class RefundAccountOut(GiveAccount):
    """Where money goes back to."""


class BreachOut(Schema):
    """A breach and its bar."""

    id = Id(required=True)
    rev = Integer(required=True)
    booking_id = Id(required=True)
    agency_id = Id(required=True)
    kind = Choice(vocabulary.BREACHES, required=True)
    what = String(required=True, max_length=None)
    at = Instant(required=True)
    barred_until = Date(required=True, metadata={"description": "the first day the body may apply again"})
    lifted_at = Instant(allow_none=True)
    lifted_reason = String(required=True, min_length=0, max_length=None)


class PaperOut(Schema):
    """A paper of a booking; one taken away keeps its row."""

    id = Id(required=True)
    kind = Choice(papers.KINDS, required=True)
    filename = String(required=True)
    media_type = String(required=True)
    size = Integer(required=True)
    sha256 = String(required=True)
    sent_at = Instant(required=True)
    deleted_at = Instant(allow_none=True)
    deleted_reason = String(required=True, min_length=0, max_length=None)


class ChecklistItemOut(Schema):
    """One kind of paper: whether it is needed, there, and what was sent in."""

    kind = Choice(papers.KINDS, required=True)
    needed = Boolean(required=True)
    there = Boolean(required=True)
    papers = List(Nested(PaperOut), required=True, attribute="sent")


class ChecklistOut(Schema):
    """All kinds of paper that matter for a booking."""

    items = List(Nested(ChecklistItemOut), required=True)
    next = String(allow_none=True)
