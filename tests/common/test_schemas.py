"""Shapes refuse in the person's words, and what they let through fits the database."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal as Dec

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from common.errors import Invalid
from common.schemas import (
    Boolean,
    Choice,
    Clock,
    ContainsOnly,
    Date,
    Decimal,
    Id,
    Instant,
    Integer,
    Length,
    List,
    Money,
    Nested,
    PageQuery,
    Raw,
    Regexp,
    Schema,
    String,
    Wrong,
    load_form,
    load_json,
    load_query,
    page_of,
    validates_schema,
)
from common.words import Words

KINDS = {"sedan": Words("轎車", "Sedan"), "van": Words("廂型車", "Van")}


class SlotIn(Schema):
    date = Date(required=True, metadata={"label": Words("日期", "Date")})
    slot = Choice(["morning", "evening"], required=True, metadata={"label": Words("時段", "Slot")})


class TripIn(Schema):
    destination = String(required=True, max_length=10, metadata={"label": Words("目的地", "Destination")})
    passengers = Integer(required=True, min=1, max=60, metadata={"label": Words("人數", "Number of passengers")})
    starts_at = Instant(metadata={"label": Words("出發時間", "Departure")})
    ends_at = Instant(metadata={"label": Words("回程時間", "Return")})
    kind = Choice(KINDS, load_default=None, metadata={"label": Words("車種", "Vehicle kind")})
    may_share = Boolean(load_default=False)
    slots = List(Nested(SlotIn), metadata={"label": Words("時段", "Slots")})
    tags = List(String(), validate=ContainsOnly(["a", "b"]), metadata={"label": Words("標籤", "Tags")})

    @validates_schema
    def ends_after_it_starts(self, data, **_):
        if "starts_at" in data and "ends_at" in data and data["ends_at"] <= data["starts_at"]:
            raise Wrong(Words("回程時間要晚於出發時間", "Return must be after departure"), "ends_at")


GOOD = {"destination": "市議會", "passengers": 4}


def faults(load, schema, data):
    with pytest.raises(Invalid) as caught:
        load(schema, data)
    return {error.field: error.words for error in caught.value.errors}


def test_a_missing_answer_is_asked_for_by_its_name():
    found = faults(load_json, TripIn, {})
    assert found["destination"] == Words("請填寫目的地", "Enter a destination")
    assert found["passengers"] == Words("請填寫人數", "Enter the number of passengers")
    assert list(found) == ["destination", "passengers"]


@pytest.mark.parametrize("blank", ["", "   ", None])
def test_blank_is_missing(blank):
    assert faults(load_json, TripIn, {**GOOD, "destination": blank}) == {
        "destination": Words("請填寫目的地", "Enter a destination")
    }


def test_faults_inside_lists_carry_their_json_path():
    found = faults(
        load_json,
        TripIn,
        {**GOOD, "slots": [{"date": "2026-11-23", "slot": "morning"}, {"date": "23/11", "slot": "noon"}]},
    )
    assert found == {
        "slots.1.date": Words("日期要像 2026-11-23", "Date must look like 2026-11-23"),
        "slots.1.slot": Words("請從清單選擇時段", "Choose a slot from the list"),
    }


def test_ranges_lengths_and_lists_are_put_into_words():
    found = faults(load_json, TripIn, {"destination": "很" * 12, "passengers": 61, "tags": ["c"]})
    assert found["destination"] == Words(
        "目的地最多 10 字，現在 12 字", "Destination must be 10 characters or fewer; it is 12"
    )
    assert found["passengers"].en == "Number of passengers must be between 1 and 60"
    assert found["tags"].zh == "請從清單選擇標籤"


def test_a_rule_over_two_fields_points_at_one_of_them():
    found = faults(load_json, TripIn, {**GOOD, "starts_at": "2026-11-23T10:00+08:00", "ends_at": "2026-11-23T02:00Z"})
    assert found == {"ends_at": Words("回程時間要晚於出發時間", "Return must be after departure")}


def test_json_refuses_unknown_fields_and_shapes_that_are_no_object():
    assert faults(load_json, TripIn, {**GOOD, "colour": "red"}) == {
        "colour": Words("沒有這個欄位", "There is no such field")
    }
    assert faults(load_json, TripIn, []) == {"": Words("這裡要是一個 JSON 物件", "This must be a JSON object")}
    assert list(faults(load_json, TripIn, {**GOOD, "slots": ["x", {}]})) == ["slots.0", "slots.1.date", "slots.1.slot"]


def test_json_types_are_strict():
    class Shape(Schema):
        n = Integer()
        fee = Money()
        yes = Boolean()
        vehicle_id = Id()
        litres = Decimal()

    assert set(faults(load_json, Shape, {"n": "3", "fee": 5.0, "yes": "true", "vehicle_id": 3, "litres": "1.5"})) == {
        "n", "fee", "yes", "vehicle_id", "litres",
    }  # fmt: skip
    assert set(faults(load_json, Shape, {"n": True, "fee": -1, "yes": 1, "vehicle_id": "-3", "litres": 1.234})) == {
        "n", "fee", "yes", "vehicle_id", "litres",
    }  # fmt: skip
    assert load_json(Shape, {"n": 3, "fee": 5000, "yes": True, "vehicle_id": "31", "litres": 9098.25}) == {
        "n": 3, "fee": 5000, "yes": True, "vehicle_id": 31, "litres": Dec("9098.25"),
    }  # fmt: skip


@given(st.integers())
def test_no_integer_overflows_its_column(n):
    class Shape(Schema):
        n = Integer()

    if abs(n) < 2**31:
        assert load_json(Shape, {"n": n}) == {"n": n}
    else:
        assert set(faults(load_json, Shape, {"n": n})) == {"n"}
    text = {"n": str(n)}
    assert (load_form(Shape, text) == {"n": n}) if abs(n) < 2**31 else faults(load_form, Shape, text)


@pytest.mark.parametrize("bad", ["1" * 19, "9" * 5000, "１２", "0x1f", "", "1 ", "1e3"])
def test_ids_are_digits_that_fit_a_column(bad):
    class Shape(Schema):
        id = Id(required=True, metadata={"label": Words("車輛", "Vehicle")})

    assert set(faults(load_json, Shape, {"id": bad})) == {"id"}
    assert Shape().dump({"id": 31}) == {"id": "31"}


@pytest.mark.parametrize("bad", ["a\0b", "a\nb", "\x1b[31m", "\ud800", "a\u202egpj.exe", "a\u2028b"])
def test_hidden_characters_are_refused(bad):
    class Shape(Schema):
        name = String()

    assert "控制字元" in faults(load_json, Shape, {"name": bad})["name"].zh


def test_text_of_several_lines_keeps_its_line_breaks_only():
    class Shape(Schema):
        note = String(lines=True, max_length=1000)

    assert load_form(Shape, {"note": " 一\r\n二\t三 "}) == {"note": "一\n二\t三"}
    assert faults(load_form, Shape, {"note": "a\0"})


@given(st.text())
def test_any_text_is_either_taken_trimmed_or_refused(text):
    class Shape(Schema):
        name = String(max_length=30)

    try:
        name = load_json(Shape, {"name": text})["name"]
    except Invalid:
        return
    assert len(name) <= 30 and name == name.strip() and "\0" not in name
    name.encode()


def test_an_instant_needs_its_offset_and_becomes_utc():
    class Shape(Schema):
        at = Instant(metadata={"label": Words("時間", "Time")})

    assert load_json(Shape, {"at": "2026-11-23T08:30:00+08:00"})["at"] == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    assert load_json(Shape, {"at": "2026-11-23T00:30:00Z"})["at"].tzinfo is UTC
    assert "時區" in faults(load_json, Shape, {"at": "2026-11-23T08:30:00"})["at"].zh
    assert load_form(Shape, {"at": "2026-11-23T08:30"})["at"] == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
    for bad in (
        "2026-11-23",
        "2026-13-01T00:00Z",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-12:00",
        "now",
        1700000000,
        None,
    ):
        assert faults(load_json, Shape, {"at": bad})
    for moment in (
        datetime(2026, 11, 23, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 19, 30, tzinfo=timezone(timedelta(hours=-5))),
    ):
        assert Shape().dump({"at": moment}) == {"at": "2026-11-23T08:30:00+08:00"}


def test_dates_and_clocks():
    class Shape(Schema):
        day = Date()
        at = Clock()

    assert load_json(Shape, {"day": "2026-11-23", "at": "08:30"})["day"] == date(2026, 11, 23)
    assert Shape().dump(load_json(Shape, {"day": "2026-11-23", "at": "08:30"})) == {"day": "2026-11-23", "at": "08:30"}
    for bad in (
        {"day": "20261123"},
        {"day": "2026-W47-1"},
        {"day": "2026-02-30"},
        {"day": "0115-11-23"},
        {"at": "24:00"},
        {"at": "8:30"},
    ):
        assert faults(load_json, Shape, bad)


# ── Forms ─────────────────────────────────────────────────────────────────────


def test_a_form_leaves_out_what_is_no_part_of_it_and_reads_text_as_people_type_it():
    got = load_form(
        TripIn,
        MultiDict(
            [
                ("csrf_token", "x"),
                ("destination", " 市議會 "),
                ("passengers", "１２"),
                ("tags", "a"),
                ("tags", "b"),
                ("kind", ""),
            ]
        ),
    )
    assert got == {"destination": "市議會", "passengers": 12, "tags": ["a", "b"], "kind": None, "may_share": False}
    assert load_form(TripIn, {"destination": "a", "passengers": "1", "may_share": "on"})["may_share"] is True


def test_money_is_typed_with_commas():
    class Shape(Schema):
        fee = Money()

    assert load_form(Shape, {"fee": "5,000"}) == {"fee": 5000}
    assert faults(load_form, Shape, {"fee": "5000.5"})


def test_empty_rows_of_a_form_do_not_count_and_faults_point_at_the_typed_row():
    rows = {
        "slots.0.date": "",
        "slots.0.slot": "",
        "slots.2.date": "2026-11-23",
        "slots.2.slot": "evening",
        "slots.3.date": "2026-11-24",
    }
    found = faults(load_form, TripIn, {"destination": "a", "passengers": "1", **rows})
    assert found == {"slots.3.slot": Words("請選擇時段", "Choose a slot")}
    got = load_form(TripIn, {"destination": "a", "passengers": "1", **rows, "slots.3.slot": "morning"})
    assert [slot["slot"] for slot in got["slots"]] == ["evening", "morning"]


def test_a_query_refuses_names_it_does_not_know():
    assert load_query(PageQuery, {}) == {"limit": 50, "cursor": None}
    assert load_query(PageQuery, {"limit": "200", "cursor": "abc"}) == {"limit": 200, "cursor": "abc"}
    assert set(faults(load_query, PageQuery, {"limit": "201", "lmit": "3"})) == {"limit", "lmit"}


# ── Documents ─────────────────────────────────────────────────────────────────


def test_the_shapes_describe_themselves_in_openapi():
    class TripOut(Schema):
        id = Id(required=True, metadata={"label": Words("派車", "Trip")})
        fee = Money()
        at = Instant(allow_none=True)
        litres = Decimal()
        plate = String(validate=[Length(max=8), Regexp(r"^[A-Z0-9-]+$")])
        extra = Raw(metadata={"description": "anything"})

    spec = APISpec("t", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("TripPage", schema=page_of(TripOut))
    spec.components.schema("TripIn", schema=TripIn)
    schemas = json.loads(json.dumps(spec.to_dict()))["components"]["schemas"]
    assert page_of(TripOut) is page_of(TripOut)
    assert schemas["TripPage"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/TripOut"}
    assert schemas["TripPage"]["properties"]["next"]["type"] == ["string", "null"]
    out = schemas["TripOut"]["properties"]
    assert out["id"] == {"type": "string", "pattern": "^[0-9]{1,18}$", "description": "Trip 派車"}
    assert out["fee"] == {"type": "integer", "minimum": 0, "maximum": 10**9}
    assert out["at"]["type"] == ["string", "null"] and out["at"]["format"] == "date-time"
    assert out["litres"]["type"] == "number" and out["plate"]["maxLength"] == 8
    assert schemas["TripIn"]["required"] == ["destination", "passengers"]
    assert schemas["TripIn"]["properties"]["destination"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 10,
        "description": "Destination 目的地",
    }
    assert schemas["TripIn"]["additionalProperties"] is False
