"""Points 積點: facts about an applicant and a dated table in, lines with their reasons out. Pure.

A table is data (D-15: Taipei's own is not found, so every stored table is a sample and says so). It is made of items,
each with one of the methods below; a new kind of sum is a new method here, a new amount is a new row there.
Points are Decimal, never rounded except where an item's own rule rounds (half-years, D-14).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from common.words import Words

APPRAISALS = {
    "A": Words("甲等", "A"),
    "B": Words("乙等", "B"),
    "C": Words("丙等", "C"),
    "D": Words("丁等", "D"),
}

HOME_STATUS = {
    "none": Words("本人與配偶均無自有住宅", "no home owned by me or my spouse"),
    "elsewhere": Words("自有住宅在臺北市、新北市以外", "a home owned outside Taipei and New Taipei"),
    "here": Words("自有住宅在臺北市或新北市", "a home owned in Taipei or New Taipei"),
}

HALF = Decimal("0.5")


@dataclass(frozen=True)
class Facts:
    """What an applicant says of themselves. Years are years, to two decimals; appraisals latest year first; `home_km` is
    the way from home to work, one way."""

    grade: int
    years_of_service: Decimal
    years_elsewhere: Decimal = Decimal(0)
    appraisals: tuple[str, ...] = ()
    dependants: int = 0
    home_status: str = "here"
    home_km: int = 0
    disabled: bool = False


@dataclass(frozen=True)
class Item:
    """One row of a point table. `private` items (family, home) are shown to others only as one sum."""

    code: str
    label: Words
    method: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rule: str = ""
    sample: bool = True
    private: bool = False

    def number(self, name: str) -> Decimal:
        """A parameter as an exact number."""
        return Decimal(str(self.parameters[name]))


@dataclass(frozen=True)
class Table:
    """A point table as it stood on a date."""

    version: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Line:
    """One line of the explanation: what was counted, on what basis, from which value, for how many points."""

    item: str
    label: Words
    basis: Words
    value: Words
    points: Decimal
    rule: str
    sample: bool
    private: bool


@dataclass(frozen=True)
class Score:
    """All lines of a table for one applicant. `total` is their sum."""

    lines: tuple[Line, ...]
    total: Decimal
    table_version: str


@dataclass(frozen=True)
class Check:
    """What the officer found of a line against the papers: as claimed (`points` None), or other points with the reason."""

    points: Decimal | None
    reason: str = ""


def checked(counted: Score, checks: Mapping[str, Check]) -> Score:
    """The score with the officer's findings, each told in its line."""
    lines = tuple(_checked(line, checks[line.item]) if line.item in checks else line for line in counted.lines)
    return Score(lines, sum((line.points for line in lines), Decimal(0)), counted.table_version)


def _checked(line: Line, check: Check) -> Line:
    if check.points is None:
        told = Words("{value}（已核對）", "{value} (checked)").fill(value=line.value)
        return replace(line, value=told)
    told = Words(
        "{value}。管理人核定 {points} 分，原計 {before} 分：{reason}",
        "{value}. The officer counts {points}, not {before}: {reason}",
    ).fill(value=line.value, points=plain(check.points), before=plain(line.points), reason=check.reason)
    return replace(line, value=told, points=check.points)


def score(table: Table, facts: Facts) -> Score:
    """Count an applicant's points by a table. Raises KeyError for an item with an unknown method."""
    lines = tuple(_line(item, facts) for item in table.items)
    return Score(lines, sum((line.points for line in lines), Decimal(0)), table.version)


def whole_half_years(years: Decimal) -> Decimal:
    """Years of service as they count: half a year or more is a year, less is nothing (D-14)."""
    return (years + HALF).to_integral_value(ROUND_FLOOR)


def plain(number: Decimal) -> str:
    """A number without idle zeros: 36, 2.5, 7.25."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def published_items(lines: Iterable[Line]) -> dict[str, str]:
    """A score as others may see it: item → points, with everything about family and home in one sum (C-27)."""
    out: dict[str, Decimal] = {}
    for line in lines:
        key = "private" if line.private else line.item
        out[key] = out.get(key, Decimal(0)) + line.points
    return {key: plain(points) for key, points in out.items()}


def _line(item: Item, facts: Facts) -> Line:
    basis, value, points = METHODS[item.method](item, facts)
    return Line(item.code, item.label, basis, value, points, item.rule, item.sample, item.private)


Counted = tuple[Words, Words, Decimal]


def _per_grade(item: Item, facts: Facts) -> Counted:
    each, most = item.number("each"), item.number("max")
    basis = Words("每一職等 {each} 分，最高 {most} 分", "{each} points a grade, {most} at most")
    return (
        basis.fill(each=plain(each), most=plain(most)),
        Words("第 {n} 職等", "Grade {n}").fill(n=facts.grade),
        min(each * facts.grade, most),
    )


def _per_year(item: Item, facts: Facts) -> Counted:
    each, most, weight = item.number("each"), item.number("max"), item.number("elsewhere_weight")
    counted = whole_half_years(facts.years_of_service + facts.years_elsewhere * weight)
    basis = Words(
        "每滿一年 {each} 分，最高 {most} 分；他機關年資以 {weight} 折算，半年以上算一年，未滿半年不計",
        "{each} points a year, {most} at most; years elsewhere count {weight}; half a year or more counts as one, less as none",
    ).fill(each=plain(each), most=plain(most), weight=plain(weight))
    if facts.years_elsewhere:
        value = Words(
            "本府 {here} 年＋他機關 {there} 年 × {weight}，計 {n} 年",
            "{here} years here + {there} elsewhere × {weight}: counts {n}",
        )
    else:
        value = Words("本府 {here} 年，計 {n} 年", "{here} years here: counts {n}")
    told = value.fill(
        here=plain(facts.years_of_service), there=plain(facts.years_elsewhere), weight=plain(weight), n=plain(counted)
    )
    return basis, told, min(each * counted, most)


def _appraisals(item: Item, facts: Facts) -> Counted:
    last = int(item.number("last"))
    counted = facts.appraisals[:last]
    basis = Words("最近 {n} 年考績：", "Last {n} years’ appraisals: ").fill(n=last)
    rates = [(APPRAISALS[grade], plain(item.number(grade))) for grade in APPRAISALS if item.number(grade)]
    listed = Words(
        "、".join(f"{grade.zh} {points} 分" for grade, points in rates),
        ", ".join(f"{grade.en} {points}" for grade, points in rates),
    )
    value = Words(
        "、".join(APPRAISALS[grade].zh for grade in counted) or "沒有填報",
        ", ".join(APPRAISALS[grade].en for grade in counted) or "none given",
    )
    basis = Words(basis.zh + listed.zh, basis.en + listed.en)
    return basis, value, sum((item.number(grade) for grade in counted), Decimal(0))


def _per_head(item: Item, facts: Facts) -> Counted:
    each, most = item.number("each"), item.number("max")
    basis = Words(
        "同住眷口每人 {each} 分，最高 {most} 分", "{each} points for each dependant living along, {most} at most"
    )
    return (
        basis.fill(each=plain(each), most=plain(most)),
        Words("{n} 人", "{n}").fill(n=facts.dependants),
        min(each * facts.dependants, most),
    )


def _by_home(item: Item, facts: Facts) -> Counted:
    rates = [(HOME_STATUS[status], plain(item.number(status))) for status in HOME_STATUS]
    basis = Words(
        "；".join(f"{status.zh} {points} 分" for status, points in rates),
        "; ".join(f"{status.en} {points}" for status, points in rates),
    )
    return basis, HOME_STATUS[facts.home_status], item.number(facts.home_status)


def _by_distance(item: Item, facts: Facts) -> Counted:
    near, far = item.number("near_km"), item.number("far_km")
    middle, most = item.number("middle"), item.number("far")
    basis = Words(
        "住家到上班地點單程 {near} 公里以內 0 分，{far} 公里以內 {middle} 分，更遠 {most} 分",
        "home to work one way: up to {near} km 0, up to {far} km {middle}, farther {most}",
    ).fill(near=plain(near), far=plain(far), middle=plain(middle), most=plain(most))
    points = Decimal(0) if facts.home_km <= near else middle if facts.home_km <= far else most
    return basis, Words("{n} 公里", "{n} km").fill(n=facts.home_km), points


def _disability(item: Item, facts: Facts) -> Counted:
    each = item.number("each")
    basis = Words("本人領有身心障礙證明 {each} 分", "{each} points for a certified disability").fill(each=plain(each))
    value = Words("有", "yes") if facts.disabled else Words("無", "no")
    return basis, value, each if facts.disabled else Decimal(0)


def _discretion(item: Item, facts: Facts) -> Counted:
    """Points the head may give (D-14): none until the officer enters them with the reason."""
    basis = Words(
        "首長裁量，最高 {most} 分，由管理人登錄並寫明理由",
        "at the head’s discretion, {most} at most; entered with its reason",
    )
    return basis.fill(most=plain(item.number("max"))), Words("未登錄", "none entered"), Decimal(0)


def _not_counted(item: Item, facts: Facts) -> Counted:
    """Single rooms count personal points only (D-14): the line stays, so that its absence needs no asking."""
    return (
        Words(
            "單房間宿舍只計個人積點，眷口不計分", "Single rooms count personal points only: no points for dependants"
        ),
        Words("不計", "not counted"),
        Decimal(0),
    )


METHODS: dict[str, Callable[[Item, Facts], Counted]] = {
    "per_grade": _per_grade,
    "per_year": _per_year,
    "appraisals": _appraisals,
    "per_head": _per_head,
    "by_home": _by_home,
    "by_distance": _by_distance,
    "disability": _disability,
    "discretion": _discretion,
    "not_counted": _not_counted,
}
