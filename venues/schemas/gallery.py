"""Shapes of gallery terms and schools' applications."""

from common.schemas import Choice, Date, Id, Integer, List, Nested, PageQuery, Schema, String
from common.words import Words
from venues.schemas.taken import WithRev
from venues.terms import GALLERY_STATES


class PlanGalleryTerm(Schema):
    """A new term of the series."""

    starts_on = Date(required=True, metadata={"label": Words("開始日", "First day"), "example": "2098-01-04"})
    ends_on = Date(required=True, metadata={"label": Words("最後一天", "Last day"), "example": "2098-04-30"})
    number = Integer(
        load_default=None,
        allow_none=True,
        min=1,
        max=9999,
        metadata={"label": Words("第幾檔", "Number"), "example": 44},
    )
    apply_by = Date(
        load_default=None, allow_none=True,
        metadata={"label": Words("申請期限", "Applications until"), "example": "2097-12-10"},
    )  # fmt: skip


class ApplyForGalleryTerm(Schema):
    """A school's wish."""

    title = String(required=True, max_length=80, metadata={"label": Words("展名", "Title"), "example": "城市的光"})
    works = Integer(required=True, min=1, max=500, metadata={"label": Words("作品件數", "Works"), "example": 40})
    heaviest_kg = Integer(
        required=True, min=1, max=500, metadata={"label": Words("最重一件（公斤）", "Heaviest (kg)"), "example": 8}
    )
    about = String(
        load_default="",
        max_length=1000,
        lines=True,
        metadata={"label": Words("內容", "About"), "example": "水彩與版畫"},
    )


class HangingIn(WithRev):
    """When the works are hung and taken down, within the term."""

    hangs_on = Date(required=True, metadata={"label": Words("佈展日", "Hung on"), "example": "2098-01-04"})
    comes_down_on = Date(required=True, metadata={"label": Words("撤展日", "Taken down on"), "example": "2098-04-30"})


class AssignGalleryTerm(WithRev):
    """Which school gets the term."""

    application_id = Id(required=True, metadata={"label": Words("學校", "School"), "example": "1"})
    reason = String(
        load_default="",
        max_length=500,
        lines=True,
        metadata={"label": Words("理由", "Reason"), "example": "首次參展優先"},
    )
    hangs_on = Date(
        load_default=None, allow_none=True, metadata={"label": Words("佈展日", "Hung on"), "example": "2098-01-04"}
    )
    comes_down_on = Date(
        load_default=None,
        allow_none=True,
        metadata={"label": Words("撤展日", "Taken down on"), "example": "2098-04-30"},
    )


class GalleryQuery(PageQuery):
    """All terms, the newest first."""


class GalleryApplicationOut(Schema):
    """A school's application."""

    id = Id(required=True)
    term_id = Id(required=True)
    agency_id = Id(required=True)
    status = Choice(GALLERY_STATES, required=True)
    title = String(required=True)
    works = Integer(required=True)
    heaviest_kg = Integer(required=True)
    reason = String(required=True, min_length=0, max_length=None)


class GalleryTermOut(Schema):
    """A term, and the exhibition that was given it."""

    id = Id(required=True)
    number = Integer(required=True)
    starts_on = Date(required=True)
    ends_on = Date(required=True)
    apply_by = Date(required=True)
    hangs_on = Date(allow_none=True)
    comes_down_on = Date(allow_none=True)
    show = Nested(GalleryApplicationOut, allow_none=True)
    applications = List(
        Nested(GalleryApplicationOut), required=True, metadata={"description": "those the reader may see"}
    )
    rev = Integer(required=True)
