"""Shapes of the registers' forms: cars, drivers, posts, places, monthly costs."""

from common.schemas import (
    Boolean,
    Choice,
    Clock,
    Date,
    Decimal,
    Id,
    Integer,
    List,
    Money,
    Nested,
    Schema,
    String,
)
from common.words import Words
from fleet.schemas.taken import KIND_WORDS, REV
from fleet.terms import (
    CHARGER_STATES,
    LICENCE_CLASSES,
    POWERTRAINS,
    SEASONS,
    STANDING_COSTS,
    SUPPLIES,
    TRIP_COSTS,
    VEHICLE_STATES,
)

STATES_BY_HAND = {code: VEHICLE_STATES[code] for code in ("in_service", "repair", "retired")}


class VehicleForm(Schema):
    """A car's card (V-36)."""

    plate = String(required=True, max_length=20, metadata={"label": Words("車號", "Plate")})
    kind = Choice(KIND_WORDS, required=True, metadata={"label": Words("車種", "Kind")})
    seats = Integer(required=True, min=2, max=9, metadata={"label": Words("座位（含駕駛）", "Seats with the driver’s")})
    powertrain = Choice(POWERTRAINS, required=True, metadata={"label": Words("動力", "Powertrain")})
    owner_agency_id = Id(required=True, metadata={"label": Words("所屬機關", "Owner agency")})
    asset_number = String(required=True, max_length=24, metadata={"label": Words("財產編號", "Asset number")})
    bay = String(required=True, max_length=12, metadata={"label": Words("車位", "Bay")})
    brand = String(required=True, max_length=40, metadata={"label": Words("廠牌車型", "Make and model")})
    year = Integer(required=True, min=1990, max=2199, metadata={"label": Words("購置年份", "Year bought")})
    colour = String(required=True, max_length=12, metadata={"label": Words("顏色", "Colour")})
    battery_kwh = Integer(load_default=None, min=1, max=300, metadata={"label": Words("電池容量", "Battery")})
    odometer_km = Integer(required=True, min=0, max=2_000_000, metadata={"label": Words("里程", "Odometer")})
    registered_on = Date(load_default=None, metadata={"label": Words("領照日", "First registered")})
    engine_cc = Integer(load_default=None, min=0, max=20_000, metadata={"label": Words("排氣量", "Engine")})
    new_price = Money(load_default=None, max=50_000_000, metadata={"label": Words("新車價", "Price new")})
    maker_km_per_unit = Decimal(
        load_default=None, max=100, metadata={"label": Words("原廠油耗", "Maker’s consumption")}
    )
    insurer = String(load_default=None, max_length=40, metadata={"label": Words("保險公司", "Insurer")})
    insured_from = Date(load_default=None, metadata={"label": Words("保險起日", "Insured from")})
    insured_until = Date(load_default=None, metadata={"label": Words("保險迄日", "Insured until")})
    tax_paid_until = Date(load_default=None, metadata={"label": Words("牌照稅繳到", "Licence tax paid until")})
    rev = Integer(load_default=None, min=1, metadata=REV)


class VehicleChangeForm(VehicleForm):
    """A correction; the state too. Plates handed in go another way (V-57)."""

    state = Choice(
        {**STATES_BY_HAND, "suspended": VEHICLE_STATES["suspended"]},
        required=True,
        metadata={"label": Words("狀態", "State")},
    )


class DriverForm(Schema):
    """A driver's card (V-37)."""

    person_id = Id(load_default=None, metadata={"label": Words("人員", "Person")})
    licence_class = Choice(LICENCE_CLASSES, required=True, metadata={"label": Words("駕照種類", "Licence class")})
    licence_expires_on = Date(required=True, metadata={"label": Words("駕照到期日", "Licence valid until")})
    staff_number = String(load_default=None, max_length=20, metadata={"label": Words("員工編號", "Staff number")})
    hired_on = Date(load_default=None, metadata={"label": Words("到職日", "Hired on")})
    left_on = Date(load_default=None, metadata={"label": Words("離職日", "Left on")})
    kept_vehicle_id = Id(load_default=None, metadata={"label": Words("保管車輛", "Car kept")})
    deputy_id = Id(load_default=None, metadata={"label": Words("代理人", "Deputy")})
    rev = Integer(load_default=None, min=1, metadata=REV)


class OffRosterForm(Schema):
    """A driver off the roster."""

    from_day = Date(required=True, metadata={"label": Words("從哪一天起", "From"), "example": "2026-12-01"})
    reason = String(
        required=True, max_length=100, metadata={"label": Words("原因", "Reason"), "example": "調任其他單位"}
    )
    rev = Integer(load_default=None, min=1, metadata=REV)


class ChargerForm(Schema):
    """A post."""

    code = String(required=True, max_length=8, metadata={"label": Words("編號", "Code")})
    power_kw = Integer(required=True, min=1, max=400, metadata={"label": Words("功率", "Power")})
    supply = Choice(list(SUPPLIES), load_default="ac", metadata={"label": Words("交流或直流", "AC or DC")})
    bay = String(required=True, max_length=12, metadata={"label": Words("車位", "Bay")})
    state = Choice(CHARGER_STATES, load_default="in_service", metadata={"label": Words("狀態", "State")})


class ChargerChangeForm(ChargerForm):
    """A correction of a post, and whether it is in service."""

    state = Choice(CHARGER_STATES, required=True, metadata={"label": Words("狀態", "State")})
    fault = String(load_default=None, max_length=80, metadata={"label": Words("停用原因", "Why out of service")})
    rev = Integer(load_default=None, min=1, metadata=REV)


class PlaceForm(Schema):
    """A place."""

    name = String(required=True, max_length=60, metadata={"label": Words("地點", "Place")})
    name_en = String(required=True, max_length=80, metadata={"label": Words("英文名稱", "Name in English")})
    km = Integer(required=True, min=0, max=500, metadata={"label": Words("單程公里", "km one way")})


class PlaceChangeForm(PlaceForm):
    """A correction, and where it lies (degrees, WGS 84)."""

    latitude = Decimal(load_default=None, decimals=8, min=-90, max=90, metadata={"label": Words("緯度", "Latitude")})
    longitude = Decimal(
        load_default=None, decimals=8, min=-180, max=180, metadata={"label": Words("經度", "Longitude")}
    )


class WindowRow(Schema):
    """From a clock time on, what all posts together may draw."""

    opens = Clock(required=True, metadata={"label": Words("開始", "From")})
    kw = Integer(required=True, min=0, max=5000, metadata={"label": Words("可用功率", "Power")})
    cheap = Boolean(load_default=False, metadata={"label": Words("離峰", "Off-peak")})


class WindowsForm(Schema):
    """The site's power over the day, from a day on."""

    valid_from = Date(required=True, metadata={"label": Words("生效日", "From")})
    windows = List(Nested(WindowRow), required=True, max_length=12, metadata={"label": Words("時段", "Windows")})


class ConsumptionForm(Schema):
    """What a model draws in a season, from a day on."""

    model = String(required=True, max_length=40, metadata={"label": Words("車型", "Model")})
    season = Choice(SEASONS, required=True, metadata={"label": Words("季節", "Season")})
    wh_per_km = Integer(required=True, min=50, max=2000, metadata={"label": Words("每公里耗電", "Consumption")})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From")})


class ParameterForm(Schema):
    """A parameter's value from a day on."""

    key = String(required=True, max_length=60, metadata={"label": Words("參數", "Parameter")})
    value = Integer(required=True, min=0, max=100_000, metadata={"label": Words("數值", "Value")})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From")})


class MonthlyCostForm(Schema):
    """What a car costs a month from a day on."""

    kind = Choice(STANDING_COSTS, required=True, metadata={"label": Words("項目", "What")})
    monthly = Money(required=True, max=1_000_000, metadata={"label": Words("每月金額", "A month")})
    valid_from = Date(required=True, metadata={"label": Words("生效日", "From")})


class TripCostForm(Schema):
    """A receipt of a trip."""

    number = String(required=True, max_length=16, metadata={"label": Words("派車單號", "Slip number")})
    kind = Choice(TRIP_COSTS, required=True, metadata={"label": Words("項目", "What")})
    amount = Money(required=True, min=1, max=100_000, metadata={"label": Words("金額", "Amount")})
    spent_on = Date(required=True, metadata={"label": Words("日期", "Date")})
    note = String(load_default=None, max_length=100, metadata={"label": Words("說明", "Note")})
