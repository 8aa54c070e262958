"""Slots several want, in every state: open, listed and to be drawn, drawn with a loser who may choose again; a waiting list;
a series of dates."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from common.identity import Person
from common.period import taipei, today
from venues import booking_series, bookings, cancellations, contests, waiting
from venues.demo.bookings import CITY, OUTSIDE, PAST_DAYS, Story
from venues.models import Contest
from venues.models.contest import LISTED
from venues.slots import Chosen

SEEDS = ("27614.32", "27588.05", "27702.91")


def load(story: Story, group: Person, outside: list[Person], city: list[Person]) -> None:
    """Plan all of it; `outside` are people of registered bodies other than the group's."""
    others = list({person.agency_id: person for person in outside}.values())
    if len(others) < 2 or not city:
        return
    _rivals(story, 31, [others[1], others[0]], sent=-1)  # open
    _rivals(story, 37, [others[0], others[1]], sent=-5)  # closed since, to be drawn
    _rivals(story, 44, [others[1], others[0]], sent=-8)  # drawn; who lost may choose again
    _rivals(story, 49, [group, city[0]], sent=-6)  # the city's own came first by class; the group may choose again
    for days in range(-PAST_DAYS, 1):
        story.history.at(taipei(today(story.history.now) + timedelta(days=days), "17:02"), lambda at: _close(story, at))
        story.history.at(taipei(today(story.history.now) + timedelta(days=days), "15:20"), lambda at: _draw(story, at))
    _waiting(story, group, others[0], city[0])
    _series(story, others[1])


def _free_day(story: Story, days: int) -> date:
    """The first day from `days` on on which the story has nothing in the atrium yet; it is the story's from now on."""
    day = today(story.history.now) + timedelta(days=days)
    while ("atrium", day) in story.used:
        day += timedelta(days=1)
    story.used.add(("atrium", day))
    return day


def _told(number: int, *, ours: bool = False) -> dict[str, object]:
    name, kind, people, _, plan = (CITY if ours else OUTSIDE)[number]
    return {"event_name": name, "event_kind": kind, "attendees": people, "event_plan": plan}


def _rivals(story: Story, days: int, people: list[Person], sent: int) -> None:
    """These people apply for the same evening, one after another; all but the first enter against the others."""
    day = _free_day(story, days)
    for number, person in enumerate(people):
        told = _told((days + number) % 7, ours=person.agency.kind == "city")

        def apply(at: datetime, person: Person = person, told: dict[str, object] = told) -> None:
            chosen = [Chosen(day, "evening")]
            place = story.venues["atrium"].id
            bookings.apply(story.session, person, at, venue_id=place, slots=chosen, may_contest=True, **told)  # type: ignore[arg-type]

        story.history.at(story.history.hour(sent, 9 + 2 * number), apply)


def _close(story: Story, at: datetime) -> None:
    contests.close_due(story.session, at)


def _draw(story: Story, at: datetime) -> None:
    ready = select(Contest).where(Contest.state == LISTED, Contest.seed_at <= at)
    for contest in story.session.scalars(ready):
        contests.draw_tie(story.session, story.officer, at, contest.id, seed=SEEDS[contest.id % len(SEEDS)])


def _waiting(story: Story, group: Person, other: Person, officer: Person) -> None:
    """Two wait for a slot somebody has; of another the holder cancelled, and the first who waits has an offer."""
    hour, session, place = story.history.hour, story.session, story.venues["atrium"].id
    kept, given_up = _free_day(story, 26), _free_day(story, 40)

    def take(day: date, who: Person) -> None:
        def apply(at: datetime) -> None:
            booking = bookings.apply(
                session,
                who,
                at,
                venue_id=place,
                slots=[Chosen(day, "afternoon")],
                **_told(6, ours=True),  # type: ignore[arg-type]
            )
            if day == given_up:
                story.history.at(
                    hour(0, 9) - timedelta(hours=18),
                    lambda then: _cancel(story, who, then, booking.id),
                )

        story.history.at(hour(-20, 10), apply)

    def wait(day: date, who: Person, sent: int, number: int) -> None:
        told = _told(number)

        def join(at: datetime) -> None:
            waiting.join(session, who, at, venue_id=place, slots=[Chosen(day, "afternoon")], **told)  # type: ignore[arg-type]

        story.history.at(hour(sent, 11), join)

    for day in (kept, given_up):
        take(day, officer)
        wait(day, group, -8, 3)
    wait(kept, other, -6, 4)


def _cancel(story: Story, who: Person, at: datetime, booking_id: int) -> None:
    cancellations.cancel(story.session, who, at, booking_id, reason="活動改為線上辦理。")


def _series(story: Story, who: Person) -> None:
    """Every second week, three times."""
    days = [_free_day(story, ahead) for ahead in (29, 43, 57)]
    told = _told(2)

    def send(at: datetime) -> None:
        booking_series.apply(
            story.session, who, at, venue_id=story.venues["atrium"].id, days=days, slot_codes=["morning"], free_only=True,
            **told,
        )  # fmt: skip

    story.history.at(story.history.hour(-3, 15), send)
