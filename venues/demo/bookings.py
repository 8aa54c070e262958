"""What people did with the halls and grounds: applications, decisions, policies, payments, cancellations, lapses."""

from datetime import date, datetime, timedelta
from typing import Any

from common.identity import Person
from common.period import taipei, today
from venues import bookings, cancellations, decisions, papers
from venues.demo.history import History
from venues.models import Booking, Venue
from venues.slots import Chosen

PAST_DAYS, COMING_DAYS = 56, 84

OUTSIDE = (
    # event, kind, people, slots, plan
    ("冬季合唱音樂會", "文化", 160, ("afternoon", "evening"), "彩排、演出、散場；兩具 300 瓦喇叭。"),
    ("公益二手書交換日", "公益", 120, ("morning", "afternoon"), "書籍交換與閱讀角，現場不販售。"),
    ("街舞公開練習與交流", "文化", 80, ("evening",), "分組練習，音量依規定。"),
    ("聽見社區：長者口述歷史展", "社教", 90, ("morning", "afternoon"), "展板 20 片、導覽 3 場。"),
    ("淨灘成果分享會", "公益", 70, ("afternoon",), "照片展與志工分享。"),
    ("親子手作科學市集", "社教", 180, ("morning", "afternoon"), "12 個手作攤位，免費參加。"),
    ("身心障礙者才藝發表", "公益", 150, ("afternoon",), "無障礙動線與手語翻譯。"),
    ("青少年弦樂團期末演出", "文化", 140, ("evening",), "演出 90 分鐘。"),
)
CITY = (
    ("毒品防制宣導週", "政令宣導", 150, ("morning",), "宣導攤位與有獎徵答。"),
    ("市民健檢服務日", "公益", 200, ("morning", "afternoon"), "量測與衛教諮詢。"),
    ("防災體驗教室", "社教", 120, ("morning", "afternoon"), "地震體驗與滅火操作。"),
    ("資源回收成果展", "政令宣導", 100, ("afternoon",), "展示與兌換。"),
    ("新住民文化日", "文化", 180, ("morning", "afternoon"), "舞蹈、服飾與飲食文化。"),
    ("校園美術班聯展開幕", "社教", 130, ("afternoon",), "開幕與導覽。"),
    ("就業博覽說明會", "政令宣導", 160, ("morning",), "說明與諮詢。"),
)


def lapse_every_day(history: History) -> None:
    """What is not paid, supplemented or decided in time lapses each evening."""
    for days in range(-PAST_DAYS, 1):
        history.at(taipei(today(history.now) + timedelta(days=days), "17:05"), lambda at: _lapse(history, at))


def _lapse(history: History, at: datetime) -> None:
    cancellations.lapse_due(history.session, at)


class Story:
    """What people did with the halls and grounds."""

    def __init__(self, history: History, officer: Person, venues: dict[str, Venue]):
        self.history, self.officer, self.venues = history, officer, venues
        self.session = history.session
        self.rng = history.rng
        self.used: set[tuple[str, date]] = set()

    def event(
        self, who: Person, venue: str, days: int, told: tuple[Any, ...], applied: datetime, *,
        ends: str = "confirmed", decided: datetime | None = None, settled: datetime | None = None, **extra: Any,
    ) -> None:  # fmt: skip
        """Somebody applies for a day `days` from today, and the officer takes it as far as `ends`."""
        day = today(self.history.now) + timedelta(days=days)
        ground = venue.removesuffix("-renai").removesuffix("-fountain")
        if (ground, day) in self.used:
            return
        self.used.add((ground, day))
        name, kind, people, slots, plan = told
        place = self.venues[venue]

        def apply(at: datetime) -> None:
            wished = {"event_name": name, "event_kind": kind, "attendees": people, "event_plan": plan, **extra}
            chosen = [Chosen(day, slot) for slot in slots]
            booking = bookings.apply(self.session, who, at, venue_id=place.id, slots=chosen, **wished)
            if ends != "submitted":
                self.history.at(
                    decided or at + timedelta(days=1, hours=2), lambda then: self._decide(booking, then, ends, settled)
                )

        self.history.at(applied, apply)

    def _decide(self, booking: Booking, at: datetime, ends: str, settled: datetime | None) -> None:
        act = (self.session, self.officer, at, booking.id)
        if ends == "supplement":
            decisions.ask_for_supplement(*act, missing="活動企劃書未附交通與安全計畫，請補附。")
            return
        if ends == "rejected":
            decisions.reject(*act, reason="活動含商品販售，不符 1 樓中庭使用目的（S-14）。")
            return
        lacking = papers.needs_reason(self.session, booking)
        decisions.approve(*act, note="證明文件已電洽，於使用日前補齊。" if lacking else "")
        if booking.status != "awaiting_insurance" or ends in ("approved", "lapsed"):
            if ends == "cancelled":
                self.history.at(at + timedelta(days=2), lambda then: self._cancel(booking, then))
            return
        policy = f"PL-{booking.id:05d}-{booking.fee:05d}"

        def insure(then: datetime) -> None:
            decisions.record_insurance(self.session, self.officer, then, booking.id, policy_number=policy)
            if ends != "insured":
                self.history.at(then + timedelta(hours=20), pay)

        def pay(then: datetime) -> None:
            receipt = f"R-{booking.number.replace('-V', '')}"
            decisions.record_payment(self.session, self.officer, then, booking.id, receipt_number=receipt)
            if ends == "cancelled":
                self.history.at(then + timedelta(days=3), lambda later: self._cancel(booking, later))

        self.history.at(settled or at + timedelta(hours=5), insure)

    def _cancel(self, booking: Booking, at: datetime) -> None:
        if booking.applicant is not None:
            cancellations.cancel(
                self.session, booking.applicant, at, booking.id, reason="主要演出者行程異動，另擇期辦理。"
            )

    def of_the_group(self, group: Person) -> None:
        """What the demonstration's registered body has: past, confirmed, to pay, to supplement, cancelled."""
        hour = self.history.hour
        self.event(group, "atrium", -19, OUTSIDE[7], hour(-50, 10))
        self.event(group, "atrium", -1, OUTSIDE[6], hour(-31, 10))
        self.event(group, "atrium", 24, OUTSIDE[0], hour(-16, 10), equipment={"stage": 1, "sound_set": 1})
        self.event(
            group, "atrium", 33, OUTSIDE[3], hour(-5, 14), ends="insured", decided=hour(-1, 10), settled=hour(-1, 15),
            overtime_minutes=60,
        )  # fmt: skip
        self.event(group, "civic-plaza-fountain", 45, OUTSIDE[5], hour(-4, 11), ends="supplement", decided=hour(-1, 11))
        self.event(group, "atrium", 38, OUTSIDE[2], hour(-14, 9), ends="cancelled")

    def queue(self, outside: list[Person], city: list[Person]) -> None:
        """What waits for the venue officer today."""
        hour = self.history.hour
        for number, (venue, days, told) in enumerate(
            (
                ("atrium", 28, OUTSIDE[1]),
                ("street-dance-corner", 34, OUTSIDE[2]),
                ("civic-plaza-renai", 41, OUTSIDE[5]),
                ("atrium", 47, OUTSIDE[6]),
            )
        ):
            self.event(outside[number % len(outside)], venue, days, told, hour(-1 - number % 3), ends="submitted")
        for number, days in enumerate((20, 52)):
            if city:
                self.event(city[(3 * number) % len(city)], "atrium", days, CITY[number], hour(-1), ends="submitted")
        self.event(outside[-1], "atrium", 36, OUTSIDE[4], hour(-4), ends="approved", decided=hour(-1, 14))
        self.event(outside[0], "east-gate-plaza", 40, OUTSIDE[3], hour(-9), ends="lapsed", decided=hour(-8, 10))

    def halls(self, outside: list[Person], city: list[Person]) -> None:
        """The atrium through the weeks: about the 42 half-days of a half-year (S-21)."""
        days = -PAST_DAYS
        while days < COMING_DAYS:
            days += self.rng.choice((2, 3, 3, 4))
            self._some_event("atrium", days, outside, city, share=0.45)

    def grounds(self, outside: list[Person], city: list[Person]) -> None:
        """The grounds, mostly on Saturdays."""
        for venue, step in (
            ("civic-plaza", 14),
            ("civic-plaza-renai", 14),
            ("east-gate-plaza", 11),
            ("street-dance-corner", 9),
        ):
            days = -PAST_DAYS + self.rng.randint(0, 6)
            while days < COMING_DAYS:
                days += step
                saturday = days + (5 - (today(self.history.now) + timedelta(days=days)).weekday()) % 7
                self._some_event(venue, saturday, outside, city, share=0.5)

    def _some_event(self, venue: str, days: int, outside: list[Person], city: list[Person], share: float) -> None:
        ours = bool(city) and (not outside or self.rng.random() > share)
        who = self.rng.choice(city if ours else outside or city)
        told = self.rng.choice(CITY if ours else OUTSIDE)
        if venue == "street-dance-corner":
            told = OUTSIDE[2] if not ours else CITY[4][:2] + (100,) + CITY[4][3:]
        lead = self.venues[venue].closes_days + self.rng.randint(3, 40)
        ends = self.rng.choices(("confirmed", "cancelled", "rejected", "lapsed"), (0.84, 0.07, 0.04, 0.05))[0]
        extra: dict[str, Any] = {}
        if self.rng.random() < 0.5:
            extra["equipment"] = {"stage": 1, "sound_set": 1}
        if not ours and self.rng.random() < 0.2:
            extra["overtime_minutes"] = self.rng.choice((30, 60, 130))
        self.event(who, venue, days, told, self.history.hour(days - lead), ends=ends, **extra)
