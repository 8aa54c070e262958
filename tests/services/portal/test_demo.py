"""The demo city's people: who there is, that it is the same each time, and that nobody gets in unasked."""

from typing import Any

from sqlalchemy import func, select

from common.identity import Agency, Person
from common.messages import Outbox
from services.portal import demo, sign_in
from services.portal.demo_people import AGENCIES, people
from services.portal.models import Account
from services.portal.passwords import Keeper
from services.portal.service import SERVICE

CONTRACT = (
    "officer", "supervisor", "officer2", "dispatcher", "driver", "driver2", "venues", "group", "dorms", "staff", "staff2",
    "auditor", "admin",
)  # fmt: skip


def test_the_list_is_the_same_each_time_and_names_nobody_twice() -> None:
    everybody = list(people())
    assert everybody == list(people())
    assert len({person.username for person in everybody}) == len(everybody)
    assert len({person.name for person in everybody}) == len(everybody)


def test_twenty_one_agencies_each_with_an_officer_and_a_supervisor() -> None:
    city = [agency.code for agency in AGENCIES if agency.kind == "city"]
    assert len(city) == len(set(city)) == 21
    everybody = list(people())
    for code in city:
        roles = {role for person in everybody if person.agency == code and person.signs_in for role in person.roles}
        assert {"officer", "supervisor"} <= roles
    assert sum("driver" in person.roles for person in everybody) == 30
    assert 90 <= sum(person.roles == ("staff",) for person in everybody) <= 110


def test_the_sign_ins_of_the_contract_are_there_with_their_roles() -> None:
    by_name = {person.username: person for person in people()}
    assert set(CONTRACT) <= set(by_name)
    assert by_name["officer"].agency == by_name["supervisor"].agency != by_name["officer2"].agency
    assert by_name["group"].roles == ("group",)
    assert "venue_officer" in by_name["venues"].roles
    assert "dorm_officer" in by_name["dorms"].roles


def test_loading_happens_once_tells_the_house_of_everybody_and_takes_a_new_password(database: Any, now: Any) -> None:
    assert (
        database.transact(lambda session: demo.load(session, now, password="a password for today"))
        == "a password for today"
    )
    assert not database.transact(lambda session: demo.load(session, now, password="another"))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Agency)) == len(AGENCIES)
        told = session.scalars(select(Outbox.type)).all()
        assert told.count("portal.person_changed.v1") == session.scalar(select(func.count()).select_from(Person))
        assert len(SERVICE.snapshot(session)) == len(told)
        hashes = session.scalars(select(Account.password_hash)).all()
        assert len(set(hashes)) == len(hashes)
    for name in CONTRACT:
        opened = sign_in.sign_in(database, Keeper(), now, name, "another", kind="browser", address="", user_agent="")
        assert opened.person.username == name


def test_without_a_given_password_a_random_one_is_made(database: Any, now: Any) -> None:
    made = database.transact(lambda session: demo.load(session, now))
    assert len(made) >= 12
    assert made not in ("demo", "password")
