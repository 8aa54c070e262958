"""A demonstration city's halls: several weeks of bookings and meetings, past and coming, in every state. One file a subject.

Everything goes through the functions that people use, with the clocks of those days. The same seed and the same `now`
give the same city.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.identity import Person
from venues import meeting_rooms, places
from venues.demo import aftercare, bookings, contests, lending, letting, meetings, posting, rooms, rounds, tariffs
from venues.demo.history import History
from venues.models import Booking, Venue


def load(session: Session, now: datetime) -> None:
    """Fill an empty database with City Hall's places and their bookings. People come from the read copies."""
    places.load(session)
    people = {
        person.username: person for person in session.scalars(select(Person).where(Person.active).order_by(Person.id))
    }
    if "venues" not in people or session.scalars(select(Booking.id).limit(1)).first():
        return
    city = [p for p in people.values() if p.agency.kind == "city" and "officer" in p.roles]
    outside = [p for p in people.values() if p.agency.kind != "city" and "group" in p.roles]
    schools = [p for p in outside if p.agency.name.endswith(letting.SCHOOLS)]
    outside = [p for p in outside if p not in schools[1:]]  # one school books halls too, the others only exhibit
    history = History(session, now)
    places_by_code = {venue.code: venue for venue in session.scalars(select(Venue))}
    story = bookings.Story(history, people["venues"], places_by_code)
    if outside and "group" in people:
        story.of_the_group(people["group"])
        others = [person for person in outside if person.agency_id != people["group"].agency_id] or outside
        story.queue(others, city)
        contests.load(story, people["group"], others, city)
        outside = others
    story.halls(outside, city)
    story.grounds(outside, city)
    meeting_people = [p for p in people.values() if meeting_rooms.can_meet(p)]
    meetings.load(history, meeting_people)
    rooms.load(history, meeting_people, people["venues"])
    if "admin" in people:
        bodies = [each for each in (people.get("group"), *outside) if each]
        rounds.load(history, people["venues"], people["admin"], bodies)
    bookings.lapse_every_day(history)
    if "admin" in people:
        tariffs.load(history, people["venues"], people["admin"])
    aftercare.load(history, people["venues"], places_by_code)
    aftercare.breach(history, people["venues"])
    asking = [person for pair in zip(city, [*outside, *city], strict=False) for person in pair]
    if asking:
        officer = people["venues"]
        lending.load(history, officer, asking)
        letting.load(history, officer, schools or outside or asking)
        posting.load(history, [officer, *filter(None, [people.get("admin")])], asking, city)
    history.play()
