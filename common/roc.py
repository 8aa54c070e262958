"""民國 years, dates and half-years, and numbers as the city's reports write them.

The Republic's year n is the year n + 1911. A half-year is written "104H1": January to June 2015 on Taipei's calendars.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from common.errors import Invalid
from common.period import Period, local, taipei
from common.words import Words

FIRST = 1911
WEEKDAYS = "一二三四五六日"
DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# What `Period` can hold: 1990 to 2199.
FIRST_HALF_YEAR, LAST_HALF_YEAR = 79, 288


# ── Dates ─────────────────────────────────────────────────────────────────────


def roc_year(year: int) -> str:
    """2026 → "115"; 1911 → "前 1" (民國前一年)."""
    return str(year - FIRST) if year > FIRST else f"前 {FIRST + 1 - year}"


def _day(moment: date | datetime) -> date:
    return local(moment).date() if isinstance(moment, datetime) else moment


def roc_date(moment: date | datetime) -> str:
    """As in documents: "中華民國 115 年 11 月 23 日（星期一）". An instant is read on Taipei's calendar."""
    day = _day(moment)
    return f"中華民國 {roc_year(day.year)} 年 {day.month} 月 {day.day} 日（星期{WEEKDAYS[day.weekday()]}）"


def roc_digits(moment: date | datetime) -> str:
    """As in tables and numbers: "115.11.23"."""
    day = _day(moment)
    return f"{roc_year(day.year).replace(' ', '')}.{day.month:02d}.{day.day:02d}"


def day_words(moment: date | datetime, *, year: bool = False) -> Words:
    """As on screens and in letters: "11月23日（週一）" and "Mon 23 Nov"; with the year "115年11月23日（週一）", "Mon 23 Nov 2026"."""
    day = _day(moment)
    zh = f"{day.month}月{day.day}日（週{WEEKDAYS[day.weekday()]}）"
    en = f"{DAYS_EN[day.weekday()]} {day.day} {MONTHS_EN[day.month - 1]}"
    return Words(f"{roc_year(day.year)}年{zh}", f"{en} {day.year}") if year else Words(zh, en)


def when_words(starts_at: datetime, ends_at: datetime | None = None, *, year: bool = False) -> Words:
    """ "11月23日（週一）08:30–12:30"; the second day is named when it is another one. Midnight's end reads 24:00; of
    several whole days only the first and the last are named."""
    start = local(starts_at)
    words = day_words(start, year=year)
    if ends_at is None:
        return Words(f"{words.zh}{start:%H:%M}", f"{words.en} {start:%H:%M}")
    end = local(ends_at)
    if end.date() == start.date():
        return Words(f"{words.zh}{start:%H:%M}–{end:%H:%M}", f"{words.en} {start:%H:%M}–{end:%H:%M}")
    if (end.date() - start.date()).days == 1 and (end.hour, end.minute) == (0, 0):
        return Words(f"{words.zh}{start:%H:%M}–24:00", f"{words.en} {start:%H:%M}–24:00")
    if (start.hour, start.minute, end.hour, end.minute) == (0, 0, 0, 0):
        last = day_words(end - timedelta(days=1), year=year)
        return Words(f"{words.zh}至{last.zh}", f"{words.en} – {last.en}")
    until = day_words(end, year=year)
    return Words(f"{words.zh}{start:%H:%M}–{until.zh}{end:%H:%M}", f"{words.en} {start:%H:%M} – {until.en} {end:%H:%M}")


_TYPED_DATE = re.compile(r"(?:中華)?(?:民國)?\s*(\d{2,3})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")


def parse_roc_date(text: str, field: str = "date") -> date:
    """The day meant by "115/11/23", "115.11.23" or "民國115年11月23日". Raises Invalid at `field`."""
    found = _TYPED_DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        if not found:
            raise ValueError(text)
        return date(int(found[1]) + FIRST, int(found[2]), int(found[3]))
    except ValueError:
        raise Invalid(
            Words("請用民國日期，例如 115/11/23", "Enter a date of the Republic's calendar, such as 115/11/23"),
            field=field,
        ) from None


# ── Half-years ────────────────────────────────────────────────────────────────

_HALVES = {"1": 1, "2": 2, "上": 1, "下": 2}


@dataclass(frozen=True, order=True)
class HalfYear:
    """Half of a year of the Republic. `year` is 民國, `half` 1 or 2. Raises Invalid outside 79–288 (1990–2199)."""

    year: int
    half: int

    def __post_init__(self) -> None:
        if self.half not in (1, 2) or not FIRST_HALF_YEAR <= self.year <= LAST_HALF_YEAR:
            raise Invalid(
                Words("期間要在民國 {a} 到 {b} 年之間", "The period must lie between ROC years {a} and {b}").fill(
                    a=FIRST_HALF_YEAR, b=LAST_HALF_YEAR
                ),
                field="period",
            )

    @classmethod
    def parse(cls, text: str, field: str = "period") -> "HalfYear":
        """ "104H1", "104上" or "104年上半年". Raises Invalid at `field`."""
        plain = unicodedata.normalize("NFKC", text).strip().upper()
        found = re.fullmatch(r"([0-9]{2,3})(?:H([12])|年?([上下])(?:半年)?)", plain)
        if not found:
            raise Invalid(
                Words("期間要像 104H1（104年上半年）", "The period must look like 104H1 (first half of ROC year 104)"),
                field=field,
            )
        try:
            return cls(int(found[1]), _HALVES[found[2] or found[3]])
        except Invalid as out_of_range:
            raise Invalid(out_of_range.words, field=field) from None

    @classmethod
    def of(cls, moment: date | datetime) -> "HalfYear":
        """The half-year that this day (or instant, on Taipei's calendar) lies in."""
        day = _day(moment)
        return cls(day.year - FIRST, 1 if day.month <= 6 else 2)

    @property
    def code(self) -> str:
        return f"{self.year}H{self.half}"

    def __str__(self) -> str:
        return self.code

    @property
    def first_day(self) -> date:
        return date(self.year + FIRST, 1 if self.half == 1 else 7, 1)

    @property
    def last_day(self) -> date:
        return date(self.year + FIRST, 6, 30) if self.half == 1 else date(self.year + FIRST, 12, 31)

    @property
    def period(self) -> Period:
        """From the first day's midnight to the midnight after the last day in Taipei, as UTC instants."""
        return Period(taipei(self.first_day, "00:00"), taipei(self.last_day, "24:00"))

    @property
    def label(self) -> Words:
        half_zh, half_en = ("上", "First") if self.half == 1 else ("下", "Second")
        return Words(f"{self.year}年{half_zh}半年", f"{half_en} half of {self.year + FIRST}")

    @property
    def year_before(self) -> "HalfYear":
        """The same half of the year before: what the reports compare with."""
        return HalfYear(self.year - 1, self.half)

    @property
    def previous(self) -> "HalfYear":
        """The half-year just before."""
        return HalfYear(self.year, 1) if self.half == 2 else HalfYear(self.year - 1, 2)

    @property
    def next(self) -> "HalfYear":
        """The half-year just after."""
        return HalfYear(self.year, 2) if self.half == 1 else HalfYear(self.year + 1, 1)

    def in_year(self, year: int) -> "HalfYear":
        """The same half of another 民國 year, such as the base year 95."""
        return HalfYear(year, self.half)


# ── Numbers ───────────────────────────────────────────────────────────────────

Number = int | float | Decimal


def rounded(value: Number, places: int = 0) -> Decimal:
    """Half away from zero, as people round; a float is taken as it prints."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Number, places: int = 0) -> str:
    """5000 → "5,000"; (−10497.5, 2) → "−10,497.50", with a true minus sign. Never "−0"."""
    quantity = rounded(value, places)
    text = f"{abs(quantity):,.{places}f}"
    return f"−{text}" if quantity < 0 else text


def signed(value: Number, places: int = 0) -> str:
    """A difference: "+415.27", "−10,497", "0"."""
    return ("+" if rounded(value, places) > 0 else "") + number(value, places)


def rate_percent(this: Number, base: Number) -> Decimal | None:
    """By how many percent `this` differs from `base`, two decimals (104H1: 9,098 L against 19,595 L → −53.57).

    None when there is no base to compare with.
    """
    whole = Decimal(str(base))
    return None if whole == 0 else rounded((Decimal(str(this)) - whole) * 100 / whole, 2)


def percent(value: Number | None, places: int = 2) -> str:
    """−53.57 → "−53.57 %"; "—" when there is none."""
    return "—" if value is None else f"{number(value, places)} %"
