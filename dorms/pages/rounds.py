"""Rounds: announced, ranked, published and allotted by the officer; read and checked by everybody, by code."""

import json
from datetime import timedelta
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from common import draw as draws
from common.errors import NotFound
from common.identity import Person
from common.period import today
from common.web import flash, form_data, now, redirect_to, render, signed_in
from common.words import Words
from dorms import applications, objections, occupancy, offers, rounds, rulebook, schemas, working_days
from dorms import vocabulary as say
from dorms.models import Application, Round
from dorms.pages.door import note_look, officers, pages


@pages.get("/rounds/new", allows=officers)
def show_new_round(session: Session, person: Person) -> Any:
    """The form to announce a round."""
    notice = rulebook.number(session, rulebook.NOTICE_DAYS, today(now()))
    opens = working_days.moved(today(now()) + timedelta(days=1))
    return render(
        "dorms/new_round.html",
        say=say,
        notice=notice,
        opens=f"{opens}T09:00",
        closes=f"{working_days.moved(opens + timedelta(days=notice.value))}T17:00",
        objection_days=rulebook.number(session, rulebook.OBJECTION_DAYS, today(now())),
        marked=[house for house in occupancy.buildings(session) if house.women_first],
        usual_source=rounds.USUAL_SOURCE.zh,
    )


@pages.post("/rounds", allows=officers, again=show_new_round)
def open_round(session: Session, person: Person) -> Any:
    """Announce it."""
    data = form_data(schemas.OpenRound)
    span = data.pop("registration")
    row = rounds.open_round(
        session, person, now(), registration_from=span["from_"], registration_until=span["until"], **data
    )
    flash(Words("已公告 {number}。", "{number} announced.").fill(number=row.number))
    return redirect_to(".show_round", round_id=row.id)


@pages.get("/rounds/<int:round_id>", allows=signed_in)
def show_round(session: Session, person: Person, round_id: int) -> Any:
    """The round: the officer's next step, and the ranking by code with one's own row on top."""
    row = rounds.find(session, person, round_id)
    officer = person.has("dorm_officer")
    if officer and row.applications:
        note_look(person, f"round/{row.id}", "names of applicants")
    mine = applications.already(session, row, person)
    shown = row.record is not None and (row.public or officer)
    record = rounds.public_record(session, person, row) if shown else None
    stage = row.stage(now())
    return render(
        "dorms/round.html",
        say=say,
        row=row,
        stage=stage,
        officer=officer,
        mine=mine,
        given=applications.given(mine) if mine else None,
        steps=_steps(row),
        source=rounds.source_words(row),
        notice=rulebook.number(session, rulebook.NOTICE_DAYS, today(row.opened_at)),
        tickets=rounds.tickets(row) if row.ranked_at or stage == say.CLOSED_ROUND else [],
        tickets_sha256=draws.tickets_sha256(rounds.tickets(row)),
        record=record,
        places=_places(row, record, officer) if record else [],
        columns=_columns(row, record) if record else [],
        waiting_now=[each for each in row.standing if not each.anonymised_at] if officer and record is None else [],
        unanswered=objections.open_objections(session, row) if officer else [],
        corrected=objections.corrected(row) if officer and row.public and not row.allotted_at else [],
        replaced=objections.earlier(session, row) if row.public else [],
        vacant=_vacant(session, row) if officer and stage in (say.PUBLISHED, say.RANKED) else [],
    )


@pages.post("/rounds/<int:round_id>/rank", allows=officers, again=show_round)
def rank(session: Session, person: Person, round_id: int) -> Any:
    """Rank once, with the public seed."""
    row = rounds.rank_applicants(session, person, now(), round_id, **form_data(schemas.RankForm))
    flash(Words("已排序。看過名次後按「公布」。", "Ranked. Look it over, then publish."))
    return redirect_to(".show_round", round_id=row.id)


@pages.post("/rounds/<int:round_id>/publish", allows=officers, again=show_round)
def publish(session: Session, person: Person, round_id: int) -> Any:
    """Let everybody read it."""
    row = rounds.publish_ranking(session, person, now(), round_id, **form_data(schemas.WithRev))
    flash(Words("名次已公布，並通知每一位申請人。", "Published; every applicant is being told."))
    return redirect_to(".show_round", round_id=row.id)


@pages.post("/rounds/<int:round_id>/allot", allows=officers, again=show_round)
def allot(session: Session, person: Person, round_id: int) -> Any:
    """Give the vacant rooms."""
    row = offers.allot_rooms(session, person, now(), round_id, **form_data(schemas.WithRev))
    made = sum(line["room_id"] is not None for line in (row.record or {})["allotment"])
    flash(Words("已核配 {n} 間，並通知受配人。", "{n} rooms allotted; those concerned are being told.").fill(n=made))
    return redirect_to(".show_round", round_id=row.id)


@pages.get("/rounds/<int:round_id>/check", allows=signed_in)
def check_round(session: Session, person: Person, round_id: int) -> Any:
    """Draw, rank and allot again from what was published, and how to do it oneself."""
    row = rounds.find(session, person, round_id)
    record = rounds.public_record(session, person, row)
    return render(
        "dorms/check_round.html",
        row=row,
        record=record,
        faults=rounds.verify(session, person, row),
        source=rounds.source_words(row),
        recipe=draws.RECIPE,
        description=draws.DESCRIPTION,
    )


@pages.get("/rounds/<int:round_id>/tickets.txt", allows=signed_in)
def download_tickets(session: Session, person: Person, round_id: int) -> Any:
    """The codes in the draw, one per line, as hashed."""
    row = rounds.find(session, person, round_id)
    codes = rounds.fixed_tickets(row, now())
    return Response("".join(f"{code}\n" for code in codes), content_type="text/plain; charset=utf-8")


@pages.get("/rounds/<int:round_id>/record.json", allows=signed_in)
def download_record(session: Session, person: Person, round_id: int) -> Any:
    """Everything published of the round, for one's own check; with `edition` a ranking that was replaced."""
    row = rounds.find(session, person, round_id)
    record = rounds.public_record(session, person, row)
    asked = request.args.get("edition", "")
    former = next((each.record for each in objections.earlier(session, row) if str(each.edition) == asked), None)
    if asked and former is None and asked != str(record.get("edition", 1)):
        raise NotFound
    record = former or record
    return Response(json.dumps(record, ensure_ascii=False, indent=1), content_type="application/json; charset=utf-8")


def _vacant(session: Session, row: Round) -> list[Any]:
    return occupancy.vacant_rooms(session, row.kind, offers.stay_from(session, today(now())), now())


def _columns(row: Round, record: dict[str, Any]) -> list[tuple[str, Words]]:
    """The published points by item, in the table's order; family and home are one column (C-27)."""
    labels: dict[str, Words] = {}
    for item in row.point_table.items:
        if item.private:
            labels.setdefault("private", Words("居住、眷口等", "Home, family and the like"))
        else:
            labels[item.code] = Words(item.label, item.label_en)
    present = record["ranking"][0]["items"] if record["ranking"] else {}
    return [(code, words) for code, words in labels.items() if code in present]


def _places(row: Round, record: dict[str, Any], officer: bool) -> list[dict[str, Any]]:
    """The ranking's rows with where each stands now; names only for the officer."""
    by_code: dict[str, Application] = {each.code: each for each in row.applications if not each.anonymised_at}
    given = {line["code"]: line for line in record.get("allotment", [])}
    out = []
    for line in record["ranking"]:
        application = by_code.get(line["code"])
        offer = application.offer if application else None
        out.append(
            {
                **line,
                "application": application,
                "person": application.person if application and officer else None,
                "offer": offer,
                "given": given.get(line["code"]),
                "since": offer.answered_at if offer else None,
            }
        )
    return out


def _steps(row: Round) -> list[dict[str, Any]]:
    """The round's dated track."""
    stages = (
        (Words("公告", "Notice"), row.opened_at, True),
        (Words("登記開始", "Registration opens"), row.registration_from, now() >= row.registration_from),
        (Words("登記截止", "Registration ends"), row.registration_until, now() >= row.registration_until),
        (Words("排序", "Ranked"), row.ranked_at, bool(row.ranked_at)),
        (Words("名次公布", "Ranking published"), row.published_at, row.public),
        (Words("核配", "Rooms allotted"), row.allotted_at, bool(row.allotted_at)),
    )
    current = next((label for label, _, done in stages if not done), None)
    return [
        {"label": label, "when": when, "state": "past" if done else "on" if label is current else "next"}
        for label, when, done in stages
    ]
