"""How long files stay: what is due is anonymised in slices; papers go with the commit; flat rows remain (C-23, C-26)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from common.audit import AuditEntry
from common.identity import Person
from common.uploads import Store
from dorms import corrections, offers, papers, retention, stays
from dorms.models import (
    Application,
    ApplicationPaper,
    Bar,
    Contract,
    Correction,
    InventoryItem,
    Objection,
    Offer,
    Parameter,
    PayTerms,
    PointCheck,
    Repair,
    RepairPhoto,
    Round,
    Statistic,
    Tenancy,
    TenancyPhoto,
    TenancyStep,
)
from tests.dorms.test_files import PDF
from tests.dorms.test_pages import text


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "uploads")


def named(session, name):
    return session.scalars(select(Person).where(Person.username == name)).one()


@pytest.fixture
def over(database, allotted, applied, store, clock):
    """A round that is over: `staff` (with a paper) took the room, `staff2` gave it up; returns its list's last day."""

    def work(session):
        first, second = (session.get(Application, each) for each in applied)
        for row in (first, second):
            paper = papers.kept(
                session, named(session, "dorms"), clock.now, store, [], kind="service", filename="a.pdf",
                content=PDF + row.code.encode() + b"%%EOF",
            )  # fmt: skip
            paper.application_id = row.id
            session.add(paper)
        offers.accept(session, named(session, "staff"), clock.now, allotted[0])
        offers.decline(session, named(session, "staff2"), clock.now, allotted[1])
        return first.round.list_valid_until

    return database.transact(work)


def hand_back(tenancy, day):
    tenancy.ending, tenancy.ended_on = stays.HANDED_BACK, day


def leave_traces(session, store, tenancy):
    """What a stay leaves behind in every table that knows of it."""
    day, at = tenancy.stay_from, tenancy.agreed_at
    file = {"filename": "a.png", "media_type": "image/png", "size": 3, "sha256": "0" * 64, "sent_at": at, "by_id": 10}
    tenancy.contracts.append(
        Contract(number="公證 1", notary="王公證人", notarised_on=day, stay_from=day, stay_until=tenancy.stay_until,
                 recorded_at=at, recorded_by_id=10)
    )  # fmt: skip
    tenancy.items.append(InventoryItem(place_in_list=1, name="書桌", quantity=1, condition=stays.GOOD))
    tenancy.photos.append(TenancyPhoto(taken_at=stays.AT_MOVE_IN, stored=store.keep(b"one"), **file))
    repair = Repair(
        room=tenancy.room, person_id=tenancy.person_id, part="water", what="漏水", requested_at=at, cost=800
    )
    repair.photos.append(RepairPhoto(stored=store.keep(b"two"), **file))
    application = tenancy.offer.application
    application.objections.append(Objection(reason="年資少算", made_at=at))
    application.checks.append(PointCheck(item="grade", checked_by_id=10, checked_at=at))
    session.add(repair)


def files_in(store):
    return sorted(path.name for path in store._folder.rglob("*") if path.is_file())


def years_later(day, years):
    return retention.taipei(day.replace(year=day.year + years), "09:00")


def test_years_count_back_to_a_day_that_exists():
    assert retention.years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)
    assert retention.years_before(date(2029, 3, 1), 3) == date(2026, 3, 1)


def test_an_application_without_contract_is_anonymised_after_its_years_and_not_a_day_before(
    database, store, over, applied
):
    due = years_later(over, 3)
    day_before = due - timedelta(days=1)
    assert database.transact(lambda session: retention.forget_slice(session, store, day_before)) == 0
    assert len(files_in(store)) == 2
    assert database.transact(lambda session: retention.forget_slice(session, store, due)) == 1
    with database.reading() as session:
        kept, gone = (session.get(Application, each) for each in applied)
        assert kept.anonymised_at is None and kept.grade == 9
        assert (gone.person_id, gone.grade, gone.appraisals, gone.declarations) == (-gone.id, 1, [], {})
        assert gone.person is None
        assert session.scalars(select(Offer.person_id).where(Offer.application_id == gone.id)).one() < 0
        assert session.scalars(select(Bar.person_id)).one() < 0
        assert [paper.application_id for paper in session.scalars(select(ApplicationPaper))] == [kept.id]
        row = session.scalars(select(Statistic)).one()
        assert (row.what, row.outcome, row.room_kind, row.points) == ("application", "declined", "single", Decimal(59))
        assert row.began.day == row.ended.day == 1
        assert session.get(Round, kept.round_id).record is not None
    assert len(files_in(store)) == 1


def test_a_contract_is_anonymised_ten_years_after_the_return_and_then_the_rounds_codes_go_too(
    database, store, over, applied, opened
):
    def returned(session):
        tenancy = session.scalars(select(Tenancy)).one()
        hand_back(tenancy, date(2028, 6, 30))
        leave_traces(session, store, tenancy)

    database.transact(returned)
    early = retention.taipei(date(2038, 6, 29), "09:00")
    assert database.transact(lambda session: retention.forget_slice(session, store, early)) == 1  # staff2's
    due = early + timedelta(days=1)
    assert database.transact(lambda session: retention.forget_slice(session, store, due)) == 1
    with database.reading() as session:
        tenancy = session.scalars(select(Tenancy)).one()
        assert tenancy.person_id < 0 and tenancy.anonymised_at == due
        assert session.get(Round, opened).record is None
        assert {row.points for row in session.scalars(select(Application))} == {None}
        kinds = sorted((row.what, row.outcome) for row in session.scalars(select(Statistic)))
        assert kinds == [("application", "accepted"), ("application", "declined"), ("contract", "returned")]
        noted = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "dorms.anonymise")))
        assert [entry.after["contract"] for entry in noted] == [0, 1]
        for kind in (Contract, InventoryItem, TenancyPhoto, PayTerms, TenancyStep, RepairPhoto, Objection, PointCheck):
            assert session.scalar(select(func.count()).select_from(kind)) == 0, kind
        repair = session.scalars(select(Repair)).one()
        assert (repair.person_id, repair.what, repair.cost) == (-repair.id, "", 800), "that it was mended stays"
    assert files_in(store) == []


def test_files_stay_when_the_slice_is_undone(database, store, over):
    due = years_later(over, 3)
    with database.writing() as session:
        assert retention.forget_slice(session, store, due) == 1
        session.rollback()
    assert len(files_in(store)) == 2
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Statistic)) == 0


def test_the_years_are_dated_numbers_and_slices_are_of_their_size(database, store, over):
    def shorten(session):
        shorter = {"key": "dorm.keepContractYears", "value": 5, "rule": "C-26"}
        session.add(Parameter(**shorter, since=date(2030, 1, 1)))
        hand_back(session.scalars(select(Tenancy)).one(), date(2027, 1, 31))

    database.transact(shorten)
    day = retention.taipei(date(2032, 1, 31), "09:00")
    assert database.transact(lambda session: retention.forget_slice(session, store, day, most=1)) == 1
    assert database.transact(lambda session: retention.forget_slice(session, store, day, most=1)) == 1
    assert database.transact(lambda session: retention.forget_slice(session, store, day, most=1)) == 0


def test_a_correction_of_somebody_who_never_applied_goes_with_its_round(session, store, round_, people, now):
    corrections.ask(
        session, people["staff"], now, round_, store, question="lives_alone", why="x", files=[("a.pdf", PDF)]
    )
    ended = round_.registration_until
    assert retention.forget_slice(session, store, ended) == 0
    assert retention.forget_slice(session, store, ended.replace(year=ended.year + 3)) == 1
    assert session.scalar(select(func.count()).select_from(Correction)) == 0


def test_the_worker_does_all_of_it_by_itself(database, settings, over):
    due = years_later(over, 3)
    assert retention.look_after(database, settings, due - timedelta(days=1)) == 0
    assert retention.look_after(database, settings, due) == 1
    assert retention.look_after(database, settings, due) == 0


def test_the_page_shows_what_is_due_and_what_was_done_and_who_may_read_it(client, database, store, over, opened, clock):
    clock.now = years_later(over, 3)
    officer = client(as_="dorms")
    assert "沒有訂約的申請" in text(officer.get("/retention"))
    assert client(as_="auditor").get("/retention").status_code == 200
    assert client(as_="staff").get("/retention").status_code == 403
    database.transact(lambda session: retention.forget_slice(session, store, clock.now))
    listed = officer.get("/retention/statistics.csv").get_data().decode("utf-8-sig")
    assert "已放棄" in listed and "沒有訂約的申請" in listed
    page = officer.get(f"/rounds/{opened}")
    assert page.status_code == 200


def test_a_round_whose_list_was_erased_says_so(client, database, store, over, opened, clock):
    def returned(session):
        hand_back(session.scalars(select(Tenancy)).one(), date(2027, 6, 30))

    database.transact(returned)
    clock.now = retention.taipei(date(2037, 6, 30), "09:00")
    database.transact(lambda session: retention.forget_slice(session, store, clock.now))
    assert "保存期限已過" in text(client(as_="auditor").get(f"/rounds/{opened}"))
    assert client(as_="auditor").get(f"/rounds/{opened}/check").status_code == 409


def test_whoever_is_still_barred_is_not_forgotten(database, store, over, clock):
    def at_once(session):
        session.add(Parameter(key="dorm.keepApplicationYears", value=0, rule="C-26", since=date(2026, 1, 1)))
        session.scalars(select(Bar)).one().until = date(2040, 1, 1)

    database.transact(at_once)
    day = years_later(over, 1)
    assert database.transact(lambda session: retention.forget_slice(session, store, day)) == 0
