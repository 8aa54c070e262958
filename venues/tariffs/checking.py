"""What is wrong with a tariff before it is saved: unknown names, odd figures, gaps, and rates that stand level. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product

from common.errors import FieldError
from common.words import Words
from venues.slots import SlotTime
from venues.tariffs import applying
from venues.tariffs.applying import DAYS, HALF_YEAR, LIMITS, MONTHS, Window
from venues.tariffs.calendar import DAY_WORDS, KINDS_OF_DAY
from venues.tariffs.lines import DEPOSIT
from venues.tariffs.model import (
    BEFORE_USE_MOST,
    COUNTED_BY,
    EQUIPMENT,
    HOUR,
    KINDS,
    MOST,
    SERVICE,
    USE,
    Moment,
    Rate,
    Tariff,
    Waiver,
    minutes,
)
from venues.tariffs.paying import BEFORE_USE

TIE = Words(
    "和第 {n} 列說的是同一件事，條件一樣細，分不出適用哪一列；請改其中一列的條件",
    "Row {n} prices the same thing under equally narrow conditions; nobody could say which holds. Change one of them",
)
ANY = ""
NAME_THE_RULE = Words("請填依據的規定編號", "Name the rule it rests on")
OPENS_MOST = {MONTHS: 36, DAYS: 1000, HALF_YEAR: 12}


@dataclass(frozen=True)
class Known:
    """The names that conditions may use here; an empty set of parts or equipment means there are none."""

    plan: tuple[SlotTime, ...]
    classes: frozenset[str]
    events: frozenset[str]
    equipment: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    @property
    def slots(self) -> frozenset[str]:
        return frozenset(slot.code for slot in self.plan)


def faults(tariff: Tariff, known: Known) -> list[FieldError]:
    """Everything that is wrong, each at its row (`rates.3.days`); empty when the version can be saved."""
    out = [*_rates(tariff, known), *_waivers(tariff, known), *_ladder(tariff), *_pay(tariff), *_applying(tariff, known)]
    return out or [*_ties(tariff), *_uncovered(tariff, known)]


def _rates(tariff: Tariff, known: Known) -> Iterator[FieldError]:
    for n, rate in enumerate(tariff.rates):
        at = f"rates.{n}"
        if rate.kind not in KINDS:
            yield FieldError(f"{at}.kind", Words("沒有這種費率", "There is no such kind of rate"))
            continue
        if rate.counts not in COUNTED_BY[rate.kind]:
            yield FieldError(f"{at}.per", Words("這種費率不能這樣計", "This kind of rate is not counted that way"))
        if not 0 <= rate.amount <= MOST:
            yield FieldError(f"{at}.amount", Words("金額要在 0 到 {n:,} 之間", "0 to {n:,}").fill(n=MOST))
        yield from _named(at, rate, known)
        yield from _conditions(at, rate, known)


def _named(at: str, rate: Rate, known: Known) -> Iterator[FieldError]:
    if rate.kind in (EQUIPMENT, SERVICE):
        if not rate.of:
            yield FieldError(f"{at}.of", Words("請填代號", "Give its code"))
        elif rate.kind == EQUIPMENT and rate.of not in known.equipment:
            yield FieldError(f"{at}.of", Words("沒有這種設備", "There is no such equipment"))
        if not (rate.label.zh and rate.label.en):
            yield FieldError(f"{at}.label", Words("請填中文和英文名稱", "Name it in Chinese and English"))
    elif rate.of:
        yield FieldError(f"{at}.of", Words("只有設備和服務費才填代號", "Only equipment and services have a code"))


def _conditions(at: str, rate: Rate, known: Known) -> Iterator[FieldError]:
    when = rate.when
    for name, allowed in (
        ("slots", known.slots), ("classes", known.classes), ("events", known.events), ("parts", known.parts),
        ("days", frozenset(KINDS_OF_DAY)),
    ):  # fmt: skip
        unknown = sorted(getattr(when, name) - allowed)
        if unknown:
            words = Words("這裡沒有「{what}」", "“{what}” is not known here").fill(what=unknown[0])
            yield FieldError(f"{at}.{name}", words)
    if when.season and not all(_is_day(text) for text in when.season):
        yield FieldError(
            f"{at}.season_from", Words("季節要寫成月-日，例如 07-01", "A season is month-day, such as 07-01")
        )
    if when.band and not (all(_is_clock(text) for text in when.band) and when.band[0] < when.band[1]):
        words = Words("時間要寫成 18:00，起要早於迄", "Times are written 18:00, the first before the last")
        yield FieldError(f"{at}.band_from", words)
    elif when.band and rate.kind != HOUR:
        words = Words("只有按時計費的列可以分時間", "Only hourly rates have hours of the day")
        yield FieldError(f"{at}.band_from", words)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        return False
    return len(text) == 5 and text.isascii()


def _is_clock(text: str) -> bool:
    return (
        len(text) == 5
        and text.isascii()
        and text[2] == ":"
        and (text[:2] + text[3:]).isdecimal()
        and int(text[3:]) < 60
        and minutes(text) <= 1440
    )


def _waivers(tariff: Tariff, known: Known) -> Iterator[FieldError]:
    for n, waiver in enumerate(tariff.waivers):
        at = f"waivers.{n}"
        if not 0 <= waiver.percent <= 100:
            yield FieldError(f"{at}.percent", Words("百分比要在 0 到 100 之間", "0 to 100 percent"))
        if not 0 <= waiver.amount <= MOST:
            yield FieldError(f"{at}.amount", Words("金額要在 0 到 {n:,} 之間", "0 to {n:,}").fill(n=MOST))
        elif bool(waiver.amount) == bool(waiver.percent):
            words = Words("百分比和金額只填一個", "Give a percentage or an amount, not both")
            yield FieldError(f"{at}.percent", words)
        if not (waiver.label.zh and waiver.label.en):
            yield FieldError(f"{at}.label", Words("請填中文和英文名稱", "Name it in Chinese and English"))
        for name, allowed in (
            ("classes", known.classes),
            ("events", known.events),
            ("on", frozenset(KINDS) - {DEPOSIT}),
        ):
            unknown = sorted(getattr(waiver, name) - allowed)
            if unknown:
                words = Words("這裡沒有「{what}」", "“{what}” is not known here").fill(what=unknown[0])
                yield FieldError(f"{at}.{name}", words)
    for (n, one), (m, other) in combinations(enumerate(tariff.waivers), 2):
        if one.narrowness == other.narrowness and _both(one, other):
            yield FieldError(f"waivers.{m}", TIE.fill(n=n + 1))


def _both(one: Waiver, other: Waiver) -> bool:
    pairs = ((one.classes, other.classes), (one.events, other.events))
    return all(not mine or not theirs or mine & theirs for mine, theirs in pairs)


def _ladder(tariff: Tariff) -> Iterator[FieldError]:
    steps = tariff.refunds.steps
    for n, step in enumerate(steps):
        if not 0 <= step.percent <= 100:
            yield FieldError(f"refunds.steps.{n}.percent", Words("百分比要在 0 到 100 之間", "0 to 100 percent"))
        if step.days < 0 or step.days in [other.days for other in steps[:n]]:
            words = Words("天數不能重複或小於 0", "Days must differ and not be negative")
            yield FieldError(f"refunds.steps.{n}.days", words)
        if any(other.days > step.days and other.percent < step.percent for other in steps):
            words = Words("越早取消，退的不能越少", "Cancelling earlier must not return less")
            yield FieldError(f"refunds.steps.{n}.percent", words)


def _pay(tariff: Tariff) -> Iterator[FieldError]:
    least = 0 if tariff.pay.kind == BEFORE_USE else 1  # nobody pays on the very day of the approval
    if not least <= tariff.pay.days <= BEFORE_USE_MOST:
        words = Words("天數要在 {a} 到 {n} 之間", "{a} to {n} days").fill(a=least, n=BEFORE_USE_MOST)
        yield FieldError("pay.days", words)


def _applying(tariff: Tariff, known: Known) -> Iterator[FieldError]:
    for name in LIMITS:
        limit = tariff.applying.limit(name)
        if not 0 <= limit.n <= applying.MOST[name]:
            yield FieldError(f"applying.{name}.n", Words("請填 0 到 {n}", "0 to {n}").fill(n=applying.MOST[name]))
        elif limit and not limit.rule:
            yield FieldError(f"applying.{name}.rule", NAME_THE_RULE)
    window = tariff.applying.window
    if window is None:
        return
    at = "applying.window"
    if not window.rule:
        yield FieldError(f"{at}.rule", NAME_THE_RULE)
    if not 0 <= window.closes <= BEFORE_USE_MOST:
        words = Words("天數要在 0 到 {n} 之間", "0 to {n} days").fill(n=BEFORE_USE_MOST)
        yield FieldError(f"{at}.closes", words)
    if not 1 <= window.opens <= OPENS_MOST[window.kind]:
        yield FieldError(f"{at}.opens", Words("請填 1 到 {n}", "1 to {n}").fill(n=OPENS_MOST[window.kind]))
    elif _shut(window):
        yield FieldError(f"{at}.closes", Words("截止要比開放晚", "Applications must open before they close"))
    if unknown := sorted(window.free - known.classes):
        yield FieldError(f"{at}.free", Words("這裡沒有「{what}」", "“{what}” is not known here").fill(what=unknown[0]))


def _shut(window: Window) -> bool:
    """Whether there is a day of use that nobody could ever apply for."""
    days = {MONTHS: 28 * window.opens, DAYS: window.opens, HALF_YEAR: 28 * window.opens}
    return days[window.kind] < window.closes


# ── Does every wish have exactly one price? ──────────────────────────────────


def _ties(tariff: Tariff) -> Iterator[FieldError]:
    for (n, one), (m, other) in combinations(enumerate(tariff.rates), 2):
        level = one.rivals == other.rivals and one.when.narrowness == other.when.narrowness
        if level and one.when.meets(other.when):
            yield FieldError(f"rates.{m}", TIE.fill(n=n + 1))


def _uncovered(tariff: Tariff, known: Known) -> Iterator[FieldError]:
    """The first slot, kind of day and class that no rate prices, when the tariff prices the use at all."""
    use = [rate for rate in tariff.rates if rate.kind in USE]
    if not use or any(rate.when.always for rate in use):
        return
    days = list(_days(use))
    classes = sorted(known.classes) or [ANY]
    for slot, kind, day, of, event, part in product(
        known.plan, KINDS_OF_DAY, days, classes, _named_in(use, "events"), _named_in(use, "parts")
    ):
        for starts, ends in _pieces(slot, use):
            if tariff.best(USE, "", Moment(day, kind, slot.code, starts, ends, of, event, part)) is None:
                words = Words(
                    "{slot}（{kind}）沒有價格；請補一列，或放寬條件",
                    "{slot} on a {kind} has no price; add a row or widen a condition",
                )
                said = words.fill(slot=slot.label, kind=Words(DAY_WORDS[kind].zh, DAY_WORDS[kind].en.lower()))
                yield FieldError("rates", said)
                return


def _named_in(use: Iterable[Rate], name: str) -> list[str]:
    """The names some rate asks for, and none of them."""
    return sorted({ANY} | {each for rate in use for each in getattr(rate.when, name)})


def _days(use: Iterable[Rate]) -> list[date]:
    """Days that stand for all: the edges of every season and the days beside them."""
    edges = {date(2024, 3, 1)}
    for rate in use:
        for text in rate.when.season or ():
            day = date.fromisoformat(f"2024-{text}")
            edges |= {day, day + timedelta(days=1), day - timedelta(days=1)}
    return sorted(edges)


def _pieces(slot: SlotTime, use: Iterable[Rate]) -> list[tuple[str, str]]:
    """The slot cut at every edge of an hourly rate; whole when there is none."""
    edges = {slot.starts, slot.ends}
    for rate in use:
        edges |= {edge for edge in rate.when.band or () if slot.starts < edge < slot.ends}
    cuts = sorted(edges)
    return list(zip(cuts, cuts[1:], strict=False))
