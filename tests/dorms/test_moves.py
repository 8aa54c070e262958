"""Tenants who ask to move: they keep their room until another is theirs, and nobody ends between two rooms."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from common import reservations
from common.errors import Invalid
from common.period import today
from common.reservations import Reservation
from common.words import Words
from dorms import applications, occupancy, offers, rounds
from dorms.applications import HousedAlready
from dorms.models import Offer, Tenancy
from dorms.offers import OfferOver
from tests.dorms.conftest import add_application, add_round, told

SINCE = date(2024, 1, 1)


@pytest.fixture
def lives(session, people, now):
    """`lives("staff", room)`: a stay agreed before this register was kept."""

    def enter(name, room, until=date(2030, 1, 1)):
        return occupancy.record_tenancy(session, people["dorms"], now, room, people[name].id, SINCE, until)

    return enter


@pytest.fixture
def chain(session, people, house, lives, apply, close):
    """`staff` (rank 1) gets 201, where `officer` lives, who gets the vacant 202."""
    old, new = house("201", "202")
    lives("officer", old)
    newcomer = apply("staff", grade=9, preferences=[str(old.id)])
    tenant = apply("officer", grade=3, preferences=[str(new.id)], move=True)
    at = close()
    return newcomer, tenant, old, new, at


def room_of(session, person, at):
    tenancy = occupancy.current_stay(session, person.id)
    return tenancy.room if tenancy else None


def sound(session, round_, people):
    return rounds.verify(session, people["auditor"], round_) == []


def test_a_tenant_applies_only_to_move_and_only_to_rooms_they_would_rather_have(
    session, people, round_, apply, house, lives
):
    old, new = house("201", "202")
    lives("officer", old)
    with pytest.raises(HousedAlready):
        apply("officer", preferences=[str(new.id)])
    for wishes in ([], [str(old.id)]):
        with pytest.raises(Invalid) as refused:
            apply("officer", preferences=wishes, move=True)
        assert refused.value.errors[0].field == "preferences"
    row = apply("officer", preferences=["xiyuan"], move=True)
    assert (row.lives_in, row.others_ok) == (old, False)
    with pytest.raises(Invalid) as refused:
        apply("staff", preferences=["xiyuan"], move=True)
    assert refused.value.errors[0].field == "move"


def test_a_tenant_applies_anew_for_another_kind_and_gives_the_old_room_back(
    session, people, round_, apply, house, lives, close
):
    """D-21: the family is gone, or has come; the old room is no room of this round."""
    (old,) = house("201")
    old.kind = "family"
    (new,) = house("301")
    lives("officer", old)
    row = apply("officer", others_ok=True, move=True)
    assert (row.lives_in_id, row.others_ok) == (None, True)
    at = close()
    assert room_of(session, people["officer"], at) == old, "kept until the other is theirs"
    offers.accept(session, people["officer"], at, row.offer.id)
    assert room_of(session, people["officer"], at) == new
    assert (old.state, new.state) == ("to_let", "let")
    assert sound(session, round_, people)


def test_a_move_takes_effect_in_one_step_and_the_old_room_goes_to_whom_it_was_promised(session, people, round_, chain):
    newcomer, tenant, old, new, at = chain
    assert (newcomer.offer.room, tenant.offer.room) == (old, new)
    assert newcomer.offer.awaits is tenant.offer
    assert reservations.held_by(session, newcomer.offer.holder) == []
    assert offers.accept(session, people["staff"], at, newcomer.offer.id) is None
    assert room_of(session, people["staff"], at) is None
    assert room_of(session, people["officer"], at) is old
    later = at + timedelta(days=3)
    offers.accept(session, people["officer"], later, tenant.offer.id)
    assert room_of(session, people["officer"], later) is new
    assert room_of(session, people["staff"], later) is old
    assert (newcomer.state, tenant.state, old.state, new.state) == ("accepted", "accepted", "let", "let")
    stays = session.scalars(select(Tenancy).where(Tenancy.room_id == old.id).order_by(Tenancy.id)).all()
    assert [(stay.stay_from, stay.ended_on) for stay in stays] == [(SINCE, today(later)), (today(later), None)]
    assert told(session, "offer_accepted") == 2
    assert sound(session, round_, people)


def test_until_the_tenant_agrees_the_newcomers_yes_waits_and_cannot_be_given_twice(session, people, chain):
    newcomer, _, _, _, at = chain
    offers.accept(session, people["staff"], at, newcomer.offer.id)
    for verb in (offers.accept, offers.decline):
        with pytest.raises(OfferOver):
            verb(session, people["staff"], at, newcomer.offer.id)
    assert offers.open_offers(session, people["staff"], at) == []


def test_when_the_tenant_agrees_first_the_old_room_is_held_for_whom_it_was_promised(session, people, round_, chain):
    newcomer, tenant, old, _, at = chain
    offers.accept(session, people["officer"], at, tenant.offer.id)
    assert (old.state, [row.state for row in reservations.held_by(session, newcomer.offer.holder)]) == (
        "to_let",
        ["held"],
    )
    assert offers.accept(session, people["staff"], at, newcomer.offer.id).room is old
    assert sound(session, round_, people)


@pytest.mark.parametrize("answered", ["declines", "lapses", "leaves"])
def test_a_tenant_who_stays_keeps_the_room_and_the_newcomer_waits_on_at_the_same_rank(
    session, people, round_, chain, answered
):
    newcomer, tenant, old, new, at = chain
    promised = newcomer.offer
    offers.accept(session, people["staff"], at, promised.id)
    at += timedelta(days=1)
    if answered == "declines":
        offers.decline(session, people["officer"], at, tenant.offer.id)
    elif answered == "lapses":
        at = tenant.offer.accept_by
        assert offers.lapse_due(session, at) == 1
    else:
        offers.leave_lists(session, at, people["officer"].id)
    assert room_of(session, people["officer"], at) is old
    assert (promised.state, newcomer.rank) == ("withdrawn", 1)
    assert told(session, "offer_withdrawn") == 1
    session.expire_all()
    assert (newcomer.state, newcomer.offer.room_id) == ("offered", new.id)  # the next on the list, for any other room
    assert sound(session, round_, people)


def test_neither_answers_and_both_offers_lapse_without_a_room_changing_hands(session, people, round_, chain):
    newcomer, tenant, old, new, at = chain
    at = tenant.offer.accept_by
    assert offers.lapse_due(session, at) == 2
    assert (newcomer.state, tenant.state, new.state) == ("lapsed", "lapsed", "to_let")
    assert room_of(session, people["officer"], at) is old
    assert sound(session, round_, people)


def test_a_promised_room_that_is_declined_passes_to_the_next_who_waits_for_the_same_tenant(
    session, people, round_, house, lives, apply, close
):
    old, new = house("201", "202")
    lives("officer", old)
    first = apply("staff", grade=9, preferences=[str(old.id)])
    tenant = apply("officer", grade=3, preferences=[str(new.id)], move=True)
    second = apply("staff2", grade=5, preferences=[str(old.id)], others_ok=False)
    at = close()
    offers.decline(session, people["staff"], at + timedelta(hours=1), first.offer.id)
    session.expire_all()
    assert second.offer.awaits_id == tenant.offer.id
    offers.accept(session, people["officer"], at + timedelta(hours=2), tenant.offer.id)
    assert offers.accept(session, people["staff2"], at + timedelta(hours=3), second.offer.id).room_id == old.id
    assert sound(session, round_, people)


def test_the_old_room_nobody_was_promised_goes_to_the_next_on_the_list(
    session, people, round_, house, lives, apply, close
):
    old, new = house("201", "202")
    lives("officer", old)
    tenant = apply("officer", grade=9, preferences=[str(new.id)], move=True)
    waiting = apply("staff", grade=3, preferences=[str(new.id)], others_ok=False)
    patient = apply("staff2", grade=2, preferences=["xiyuan"])
    at = close()
    assert (waiting.state, patient.offer.room_id) == ("waiting", old.id)
    offers.decline(session, people["staff2"], at + timedelta(hours=1), patient.offer.id)
    offers.accept(session, people["officer"], at + timedelta(hours=2), tenant.offer.id)
    assert (old.state, waiting.state) == ("to_let", "waiting")
    assert sound(session, round_, people)


def test_two_tenants_change_rooms_when_both_have_agreed(session, people, round_, house, lives, apply, close):
    one, other = house("201", "202")
    lives("officer", one), lives("staff", other)
    mine = apply("officer", preferences=[str(other.id)], move=True)
    theirs = apply("staff", preferences=[str(one.id)], move=True)
    at = close()
    assert offers.accept(session, people["officer"], at, mine.offer.id) is None
    assert room_of(session, people["officer"], at) is one
    assert offers.accept(session, people["staff"], at, theirs.offer.id).room is one
    assert room_of(session, people["officer"], at) is other
    active = select(func.count()).select_from(Reservation).where(Reservation.state == "confirmed")
    assert session.scalar(active) == 4  # two stays that ended today, two that begin
    assert sound(session, round_, people)


def test_a_tenant_for_whom_nothing_is_left_stays_and_gets_a_room_given_back_later(
    session, people, round_, house, lives, apply, close
):
    old, new = house("201", "202")
    lives("officer", old)
    first = apply("staff", grade=9, preferences=[str(new.id)])
    tenant = apply("officer", grade=3, preferences=[str(new.id)], move=True)
    at = close()
    assert (tenant.state, tenant.offer) == ("waiting", None)
    assert "留在原來的房間" in applications.given(tenant)["explanation"]
    offers.decline(session, people["staff"], at, first.offer.id)
    session.expire_all()
    offers.accept(session, people["officer"], at, tenant.offer.id)
    assert room_of(session, people["officer"], at) is new
    assert sound(session, round_, people)


def test_a_forged_claim_that_a_tenant_stayed_is_found(session, people, round_, chain):
    newcomer, tenant, _, _, at = chain
    offers.accept(session, people["officer"], at, tenant.offer.id)
    offers.decline(session, people["staff"], at, newcomer.offer.id)
    record = rounds.public_record(session, people["auditor"], round_)
    from_log = [{**entry, "kept": entry["what"] == "declined"} for entry in record["log"]]
    assert rounds.verification.faults({**record, "log": from_log})
    assert sound(session, round_, people)


def test_women_first_and_accessible_first_are_data_of_the_round_and_stand_in_what_is_published(
    session, people, now, house
):
    house("201")
    xinyi = occupancy.add_building(
        session, people["dorms"], "xinyi", Words("信義", "Xinyi"), Words("信義區", "Xinyi"), women_first=True
    )
    marked = occupancy.add_room(session, people["dorms"], now, xinyi, "301", floor=3, since=SINCE, accessible=True)
    row = add_round(session, people["dorms"], now)
    assert row.constraints == {"accessible_first": True, "women_first": ["xinyi"], "first_timers_first": False}
    man = add_application(session, row, people["staff"], now, grade=9, preferences=["xinyi"])
    woman = add_application(session, row, people["staff2"], now, grade=3, preferences=["xinyi"], woman=True)
    at = row.registration_until
    rounds.rank_applicants(session, people["dorms"], at, row.id, seed="1")
    rounds.publish_ranking(session, people["dorms"], at, row.id)
    offers.allot_rooms(session, people["dorms"], at, row.id)
    assert (woman.offer.room, man.offer.room.number) == (marked, "201")
    assert {line["code"]: line["first"] for line in row.record["ranking"]} == {man.code: [], woman.code: ["women"]}
    assert sound(session, row, people)


def test_people_who_have_or_had_a_room_come_after_first_timers_where_the_round_says_so(
    session, people, now, house, lives
):
    old, _ = house("201", "202")
    lives("officer", old)
    for rule, ranks in ((True, (2, 1)), (False, (1, 2))):
        row = rounds.open_round(
            session,
            people["dorms"],
            now,
            kind="single",
            registration_from=now,
            registration_until=now + timedelta(days=20),
            first_timers_first=rule,
        )
        again = add_application(session, row, people["officer"], now, grade=9, preferences=["xiyuan"], move=True)
        new = add_application(session, row, people["staff"], now, grade=3)
        rounds.rank_applicants(session, people["dorms"], row.registration_until, row.id, seed="1")
        rounds.publish_ranking(session, people["dorms"], row.registration_until, row.id)
        assert (again.rank, new.rank) == ranks
        assert ("again" in row.record["ranking"][0]) == rule
        assert sound(session, row, people)


# ── Pages ─────────────────────────────────────────────────────────────────────

ANSWERS = {"on_establishment": "true", "lives_alone": "true", "had_home_loan": "false", "bought_quarters": "false"}
DETAILS = {"grade": "3", "started_on": "2019-03-04", "years_of_service": "5", "home_status": "none"}


def test_a_tenant_asks_to_move_agrees_and_moves_on_the_pages(client, clock, database, opened, people):
    def prepare(session):
        rooms = occupancy.all_rooms(session)
        person = people["dorms"]
        occupancy.record_tenancy(session, person, clock.now, rooms[0], people["officer"].id, SINCE, date(2030, 1, 1))
        old, new = rooms[0], rooms[1]
        row = session.get(rounds.Round, opened)
        add_application(session, row, people["staff"], clock.now, grade=9, preferences=[str(old.id)])
        return old.id, new.id

    old, new = database.transact(prepare)
    tenant = client(as_="officer")
    assert "這是換住申請" in tenant.get("/apply").text
    answers = {"round_id": str(opened), **ANSWERS, "spouse_housed": "false"}
    details = tenant.submit("/apply/eligibility", answers)
    assert "只選比現在的 西園 201 更想住的" in details.text
    typed = {**answers, **DETAILS, "others_ok": "false"}
    nowhere = tenant.submit("/apply", typed)
    assert nowhere.status_code == 422 and "請選想換去的房間" in nowhere.text
    assert "從 西園 201 換住" in tenant.submit("/apply/check", {**typed, "wish_1": str(new)}).text
    assert tenant.submit("/apply", {**typed, "wish_1": str(new)}).status_code == 303
    clock.tick(days=20)

    def allot(session):
        rounds.rank_applicants(session, people["dorms"], clock.now, opened, seed="1")
        rounds.publish_ranking(session, people["dorms"], clock.now, opened)
        offers.allot_rooms(session, people["dorms"], clock.now, opened)
        return {offer.person_id: offer.id for offer in session.scalars(select(Offer))}

    made = database.transact(allot)
    staff, tenant = client(as_="staff"), client(as_="officer")
    promised = f"/offers/{made[people['staff'].id]}"
    assert "這一間目前還有人住" in staff.get(promised).text
    waiting = staff.api("POST", f"{promised}/accept", {}).json
    assert (waiting["id"], waiting["room_id"]) == (None, str(old))
    assert "等借用人換住後生效" in staff.get(promised).text
    mine = tenant.get(f"/offers/{made[people['officer'].id]}").text
    assert "西園 201 釋出" in mine and "想要你的房間，所以輪到你先選" in mine
    assert tenant.submit(f"/offers/{made[people['officer'].id]}/accept").status_code == 303
    assert "你已同意借用" in staff.get(promised).text
    assert "重新計算，結果相同" in staff.get(f"/rounds/{opened}/check").text
