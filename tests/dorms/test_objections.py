"""Points held against papers, objections to a ranking, and the ranking published anew."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from common.audit import AuditEntry
from common.errors import Conflict, Forbidden, Invalid, NotFound
from dorms import objections, offers, rounds
from dorms.objections import Unanswered, WindowClosed
from dorms.working_days import is_working
from tests.dorms.conftest import told

REASON = "年資以人事資料為準"


@pytest.fixture
def published(session, people, now, house):
    """A round of two: `staff` first by seniority, `staff2` second; objections are taken for seven days."""
    house("201")
    row = rounds.open_round(
        session,
        people["dorms"],
        now,
        kind="single",
        registration_from=now,
        registration_until=now + timedelta(days=20),
        objection_days=7,
    )
    from_ = {"home_status": "none", "round_id": row.id}
    for name, grade in (("staff", 9), ("staff2", 8)):
        rounds.applications.apply_for_room(
            session, people[name], now, grade=grade, years_of_service=Decimal(5), **from_
        )
    at = row.registration_until
    rounds.rank_applicants(session, people["dorms"], at, row.id, seed="23117.42")
    rounds.publish_ranking(session, people["dorms"], at, row.id)
    session.expire(row, ["applications"])
    first, second = row.standing
    return row, first, second, at


def correct(session, people, row, at, points="30", item="seniority", reason=REASON):
    return objections.check_line(session, people["dorms"], at, row.id, item=item, points=Decimal(points), reason=reason)


def test_the_window_ends_at_five_on_a_working_day(published):
    row, _, _, at = published
    last = row.objections_until.astimezone(at.tzinfo)
    assert timedelta(days=6) < last - at < timedelta(days=11)
    assert is_working(last.date())
    assert row.takes_objections(at) and not row.takes_objections(row.objections_until)


def test_rooms_are_allotted_only_when_the_window_is_over_and_every_objection_answered(session, people, published):
    row, _, second, at = published
    with pytest.raises(Unanswered):
        offers.allot_rooms(session, people["dorms"], at, row.id)
    objection = objections.raise_objection(session, people["staff2"], at, second.id, reason="考績漏計")
    over = row.objections_until
    with pytest.raises(Unanswered):
        offers.allot_rooms(session, people["dorms"], over, row.id)
    objections.answer(session, people["dorms"], over, objection.id, answer="考績未附證明，維持原分數")
    offers.allot_rooms(session, people["dorms"], over, row.id)
    assert (told(session, "objection_raised"), told(session, "objection_answered")) == (1, 1)
    assert rounds.verify(session, people["auditor"], row) == []


def test_a_correction_is_seen_by_its_applicant_and_must_be_published_before_the_allotment(session, people, published):
    row, first, second, at = published
    correct(session, people, second, at)
    line = next(line for line in second.score.lines if line.item == "seniority")
    assert line.points == 30 and REASON in line.value.zh and "25" in line.value.zh
    over, before = row.objections_until, dict(row.record)
    with pytest.raises(Unanswered):
        offers.allot_rooms(session, people["dorms"], over, row.id)
    objections.republish(session, people["dorms"], over, row.id, reason=REASON)
    assert (second.rank, first.rank) == (1, 2)
    assert (row.record["edition"], row.record["replaces_sha256"]) == (2, objections.fingerprint(before))
    assert [each.record for each in objections.earlier(session, row)] == [before]
    assert row.record["draw"] == before["draw"]
    assert told(session, "ranking_published") == 2
    offers.allot_rooms(session, people["dorms"], over, row.id)
    assert second.offer is not None
    assert rounds.verify(session, people["auditor"], row) == []


def test_a_ranking_is_published_anew_only_after_a_correction_and_before_the_allotment(session, people, published):
    row, _, second, at = published
    with pytest.raises(Conflict):
        objections.republish(session, people["dorms"], at, row.id, reason=REASON)
    with pytest.raises(Forbidden):
        objections.republish(session, people["staff"], at, row.id, reason=REASON)
    offers.allot_rooms(session, people["dorms"], row.objections_until, row.id)
    with pytest.raises(Conflict):
        correct(session, people, second, row.objections_until)
    with pytest.raises(rounds.DoneAlready):
        objections.republish(session, people["dorms"], row.objections_until, row.id, reason=REASON)


def test_objections_are_taken_from_publication_to_the_end_of_the_window_one_at_a_time_and_ones_own_only(
    session, people, published
):
    row, first, second, at = published
    with pytest.raises(NotFound):
        objections.raise_objection(session, people["staff"], at, second.id, reason="不公")
    with pytest.raises(Forbidden):
        objections.raise_objection(session, people["dorms"], at, second.id, reason="不公")
    with pytest.raises(WindowClosed):
        objections.raise_objection(session, people["staff"], row.objections_until, first.id, reason="太晚")
    objection = objections.raise_objection(session, people["staff"], at, first.id, reason="眷口漏計")
    with pytest.raises(Conflict):
        objections.raise_objection(session, people["staff"], at, first.id, reason="再一次")
    with pytest.raises(Forbidden):
        objections.answer(session, people["staff"], at, objection.id, answer="好")
    objections.answer(session, people["dorms"], at, objection.id, answer="單房間不計眷口")
    with pytest.raises(Conflict):
        objections.answer(session, people["dorms"], at, objection.id, answer="再答一次")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"item": "beauty"}, "item"),
        ({"points": "31"}, "points"),
        ({"points": "-1"}, "points"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_check_names_a_line_of_the_table_stays_within_it_and_gives_its_reason(
    session, people, published, wrong, field
):
    _, first, _, at = published
    with pytest.raises(Invalid) as refused:
        correct(session, people, first, at, **wrong)
    assert refused.value.errors[0].field == field


def test_a_line_found_as_claimed_says_so_and_changes_no_points(session, people, published):
    _, first, _, at = published
    before = first.score.total
    objections.check_line(session, people["dorms"], at, first.id, item="grade")
    assert first.score.total == before
    assert "已核對" in first.score.lines[0].value.zh
    correct(session, people, first, at, "20", "grade")
    correct(session, people, first, at, "24", "grade")
    assert len(first.checks) == 1
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "dorms.check_points")).all()
    assert [entry.after["points"] for entry in entries] == [None, "20", "24"]


def test_somebody_who_left_between_publication_and_allotment_has_no_turn_and_the_check_says_so(
    session, people, published
):
    row, first, second, at = published
    offers.leave_lists(session, at, first.person_id)
    offers.allot_rooms(session, people["dorms"], row.objections_until, row.id)
    assert second.offer is not None
    assert rounds.verify(session, people["auditor"], row) == []


def test_objections_and_corrections_through_the_api(client, clock, database, opened, applied, people):
    officer = client(as_="dorms")
    officer.api("POST", f"/applications/{applied[1]}/points/checks", {"item": "grade"})
    clock.tick(days=20)
    staff, officer = client(as_="staff"), client(as_="dorms")
    assert officer.api("POST", f"/rounds/{opened}/ranking", {"seed": "23117.42"}).status_code == 200
    closed = staff.api("POST", f"/applications/{applied[0]}/objections", {"reason": "不公"})
    assert closed.status_code == 409
    with database.writing() as session:
        session.get(rounds.Round, opened).objections_until = clock.now + timedelta(days=7)
    made = staff.api("POST", f"/applications/{applied[0]}/objections", {"reason": "年資漏計"})
    assert made.status_code == 201, made.json
    assert staff.api("GET", f"/rounds/{opened}/objections").json["items"] == [made.json]
    assert client(as_="staff2").api("GET", f"/rounds/{opened}/objections").json["items"] == []
    answered = officer.api("POST", f"/objections/{made.json['id']}/answer", {"answer": "已更正"})
    assert answered.json["answer"] == "已更正"
    found = {"item": "seniority", "points": 30, "reason": REASON}
    points = officer.api("POST", f"/applications/{applied[0]}/points/checks", found)
    assert REASON in str(points.json["lines"])
    again = officer.api("POST", f"/rounds/{opened}/ranking/republish", {"reason": REASON})
    assert (again.status_code, again.json["edition"]) == (200, 2)


def test_the_applicant_objects_on_the_page_and_the_officer_corrects_answers_and_publishes_anew(
    client, clock, database, opened, applied, people
):
    clock.tick(days=20)

    def publish(session):
        row = session.get(rounds.Round, opened)
        row.objection_days = 7
        rounds.rank_applicants(session, people["dorms"], clock.now, opened, seed="23117.42")
        rounds.publish_ranking(session, people["dorms"], clock.now, opened)

    database.transact(publish)
    staff, officer = client(as_="staff2"), client(as_="dorms")
    page = f"/applications/{applied[1]}"
    empty = staff.submit(f"{page}/objections", {"reason": ""})
    assert empty.status_code == 422
    sent = staff.submit(f"{page}/objections", {"reason": "年資漏計五年"})
    assert sent.status_code == 303
    assert "年資漏計五年" in staff.get(page).text
    assert f"{page}" in officer.get(f"/rounds/{opened}").text
    lost = officer.submit(f"{page}/checks", {"item": "seniority", "points": "30", "reason": ""})
    assert lost.status_code == 422 and 'value="30"' in lost.text
    assert officer.submit(f"{page}/checks", {"item": "seniority", "points": "30", "reason": REASON}).status_code == 303
    assert officer.submit(f"{page}/objections/1/answer", {"answer": "已更正"}).status_code == 303
    assert REASON in staff.get(page).text and "已更正" in staff.get(page).text
    assert officer.submit(f"/rounds/{opened}/republish", {"reason": REASON}).status_code == 303
    shown = staff.get(f"/rounds/{opened}").text
    assert REASON in shown and "record.json?edition=1" in shown
    assert staff.get(f"/rounds/{opened}/record.json?edition=1").json != staff.get(f"/rounds/{opened}/record.json").json
    assert staff.get(f"/rounds/{opened}/record.json?edition=9").status_code == 404
