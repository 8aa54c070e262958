"""The dispatch slip 派車單 (V-30): its cells once, for the page and for the PDF, which is drawn here with its own font.

A document of the city: in Chinese, with ROC dates, times of Taipei. Half an A4 sheet, so that two print on one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import pylopdf_fonts_zh_tw
import segno
from fpdf import FPDF, Align
from fpdf.enums import MethodReturnValue

from common.period import local
from common.roc import roc_date, roc_digits
from fleet.models import Trip, TripSignature
from fleet.terms import KINDS

OFFICE = "臺北市政府秘書處"
TITLE = "派車單"
LEADING = 0.5  # mm of line for each point of type
UNMERGED, LEFT, TOP, WIDE = 4, 14.0, 12.0, 182.0
COLUMNS = (24.0, 78.0, 24.0, 56.0)
SIGN_MM, HALF_MM = 22.0, 148.5
SIZES = (10.5, 9.5, 8.5, 7.5, 6.5)
"""Sizes of type in points, the first that lets the slip fit its half of the sheet is taken."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Signed:
    """One of the four cells at the foot: whose, what is written there, and what was drawn by hand."""

    label: str
    text: str
    drawing: str = ""


@dataclass(frozen=True)
class Slip:
    """A slip as it is printed. A row is label and value, once or twice."""

    number: str
    rows: Sequence[Row]
    signs: Sequence[Signed]
    foot: str


def slip_of(trip: Trip, signature: TripSignature | None, now: datetime, *, driver_shown: bool) -> Slip:
    """What stands on the slip of `trip`; the driver's name only where it may be shown."""
    starts, ends = local(trip.starts_at), local(trip.ends_at)
    who, ride = trip.requester, trip.carried_by  # whoever rides along goes with the other trip's car and driver (V-20)
    car = ride.vehicle
    driver = ride.driver.person if ride.driver and driver_shown else None
    leg = {"out": "　只派去程", "back": "　只派回程"}.get(trip.leg or "", "")
    until = f"{roc_date(ends.date())} {ends:%H 時 %M 分}" if ends.date() != starts.date() else f"{ends:%H 時 %M 分}"
    back = " → 返回" if trip.round_trip else ""
    rows: list[Row] = [
        ("用車單位", f"{trip.agency.name if trip.agency else ''} {who.unit if who else ''}".strip(),
         "申請人", f"{who.name}　{who.phone}".strip() if who else ""),
        ("用車時間", f"{roc_date(starts.date())} {starts:%H 時 %M 分} 至 {until}"),
        ("起迄地點", f"{trip.origin} → {trip.destination}{back}（預估 {trip.distance_km} 公里）"),
        ("用途", f"{trip.purpose_words.zh}：{trip.purpose}", "人數", f"{trip.passengers} 人"),
        ("車號", f"{car.plate}（{KINDS[car.kind].words.zh}，{car.colour}）{leg}" if car else "",
         "駕駛", ("自行駕駛" if not trip.needs_driver else f"{driver.name}　{driver.phone}".strip() if driver else "")),
        *_together(trip),
        ("出車里程", _km(trip.odometer_out), "回場里程", _km(trip.odometer_in)),
        ("實際出車", _clock(trip.started_at), "實際回場", _clock(trip.finished_at)),
        ("油電", "加油　　　公升／充電　　　度", "車況", "□ 正常　□ 異常："),
    ]  # fmt: skip
    user = f"{signature.name} {roc_digits(signature.signed_at)}" if signature else ""
    if not user and trip.signed_off_at and who:
        user = f"{who.name} {roc_digits(trip.signed_off_at)}"
    signs = (
        Signed("申請人", who.name if who else ""),
        Signed("單位主管", _who(trip, "approved")),
        Signed("車管", _who(trip, "assigned", "reassigned")),
        Signed("用車人簽認", user, (signature.drawing or "") if signature else ""),
    )
    made = local(now)
    foot = f"掃描右上條碼看這趟的最新內容；本單由系統於 {roc_digits(now)} {made:%H:%M} 產製，電子核章視同簽章。"
    return Slip(trip.number, rows, signs, foot)


def pdf_of(slip: Slip, address: str, now: datetime) -> bytes:
    """The slip as one page of PDF whose upper half it fills; every character it needs is inside, so any reader shows it."""
    paper = FPDF(format="A4")
    paper.set_creation_date(now)
    paper.set_title(f"{TITLE} {slip.number}")
    paper.set_lang("zh-TW")
    paper.set_auto_page_break(False)
    paper.add_page()
    paper.add_font("slip", "", pylopdf_fonts_zh_tw.sans_path())
    _heading(paper, slip, address)
    y = TOP + 26
    paper.set_line_width(0.25)
    size = next((each for each in SIZES if y + _height(paper, slip.rows, each) + SIGN_MM + 8 <= HALF_MM), SIZES[-1])
    for row in slip.rows:
        y = _row(paper, y, row, size)
    y = _signatures(paper, y, slip.signs)
    paper.set_line_width(0.6)
    paper.rect(LEFT, TOP + 26, WIDE, y - TOP - 26)
    paper.set_xy(LEFT, y + 1.5)
    paper.set_font_size(8.5)
    paper.cell(WIDE, 5, slip.foot)
    paper.set_line_width(0.15)
    paper.set_dash_pattern(dash=1.5, gap=1.5)
    paper.line(6, HALF_MM, 204, HALF_MM)  # where it is cut
    return bytes(paper.output())


def _heading(paper: FPDF, slip: Slip, address: str) -> None:
    paper.set_font("slip", size=11)
    for n, text in enumerate((OFFICE, f"單號 {slip.number}")):
        paper.set_xy(LEFT, TOP + 10 + 6 * n)
        paper.cell(80, 6, text)
    paper.set_font_size(20)
    paper.set_xy(LEFT, TOP + 12)
    paper.cell(WIDE, 10, "  ".join(TITLE), align=Align.C)
    code = segno.make(address, error="m")
    module = 22 / code.symbol_size(border=0)[0]
    paper.set_fill_color(0)
    for y, line in enumerate(code.matrix):
        for x, dark in enumerate(line):
            if dark:
                paper.rect(LEFT + WIDE - 22 + x * module, TOP + 1 + y * module, module, module, style="F")


def _height(paper: FPDF, rows: Sequence[Row], size: float) -> float:
    """How many millimetres the rows take in type of this size."""
    return sum(_set(paper, row, size)[2] for row in rows)


def _set(paper: FPDF, row: Row, size: float) -> tuple[Sequence[float], list[list[str]], float]:
    """The widths of a row's cells, their lines, and how high the row is."""
    widths: Sequence[float] = COLUMNS if len(row) == UNMERGED else (COLUMNS[0], sum(COLUMNS[1:], 0.0))
    paper.set_font_size(size)
    lines = [
        cast(
            list[str],
            paper.multi_cell(width - 2, size * LEADING, text or " ", dry_run=True, output=MethodReturnValue.LINES),
        )
        for text, width in zip(row, widths, strict=True)
    ]
    return widths, lines, size * (LEADING * max(len(each) for each in lines) + 0.32)


def _row(paper: FPDF, y: float, row: Row, size: float) -> float:
    """One row of cells; returns where the next begins."""
    widths, lines, height = _set(paper, row, size)
    step = size * LEADING
    x = LEFT
    for n, (width, text) in enumerate(zip(widths, lines, strict=True)):
        if n % 2 == 0:
            paper.set_fill_color(241, 240, 236)
        paper.rect(x, y, width, height, style="DF" if n % 2 == 0 else "D")
        for k, line in enumerate(text):
            paper.set_xy(x + 1, y + size * 0.16 + step * k)
            paper.cell(width - 2, step, line)
        x += width
    return y + height


def _signatures(paper: FPDF, y: float, signs: Sequence[Signed]) -> float:
    width = WIDE / len(signs)
    for n, sign in enumerate(signs):
        x = LEFT + n * width
        paper.rect(x, y, width, SIGN_MM)
        paper.set_xy(x + 1, y + 1)
        paper.set_font_size(9)
        paper.cell(width - 2, 5, sign.label)
        _draw(paper, x + 2, y + 5.5, width - 4, sign.drawing)
        paper.set_xy(x + 1, y + SIGN_MM - 6.5)
        paper.set_font_size(10)
        paper.cell(width - 2, 5, sign.text)
    return y + SIGN_MM


def _draw(paper: FPDF, x: float, y: float, width: float, drawing: str) -> None:
    """What a finger drew, 1000 by 400, to scale."""
    scale = width / 1000
    for stroke in re.findall(r"M[^M]+", drawing):
        points = [(x + int(a) * scale, y + int(b) * scale) for a, b in re.findall(r"(\d+) (\d+)", stroke)]
        if len(points) > 1:
            paper.polyline(points)


def _together(trip: Trip) -> list[Row]:
    """What the slip says of those who share a car (V-20), and of a car whose time is another than the trip's."""
    rows: list[Row] = []
    if trip.merged_into:
        answer = f"（{trip.answer}）" if trip.answer else ""
        rows.append(("併單", f"併入 {trip.merged_into.number}{answer}"))
    elif trip.riders:
        riders = (
            f"{each.number} {each.agency.name if each.agency else ''} {each.passengers} 人" for each in trip.riders
        )
        rows.append(("併單", f"同車 {'、'.join(riders)}"))
    if trip.car_period != trip.period:
        out, back = local(trip.car_period.starts_at), local(trip.car_period.ends_at)
        rows.append(("車輛時間", f"{out:%H:%M} 至 {back:%H:%M}"))
    return rows


def _km(reading: int | None) -> str:
    return f"{reading:,} 公里" if reading is not None else ""


def _clock(moment: datetime | None) -> str:
    return f"{local(moment):%H 時 %M 分}" if moment else "　　時　　分"


def _who(trip: Trip, *whats: str) -> str:
    """Who did the last of these steps, and when."""
    done = [event for event in trip.events if event.what in whats and event.who]
    return f"{done[-1].who.name} {roc_digits(done[-1].at)}" if done and done[-1].who else ""
