"""Facts about homes in: checks on the agenda, and what a resident or an officer has still to do about them."""

from sqlalchemy.orm import Session

from common.inbox import Listeners, Received
from common.messages import Part, fields
from common.words import Words
from services.portal import agenda

listeners = Listeners()

REPAIRS = tuple(f"dorms.repair_{event}.v1" for event in ("requested", "decided", "started", "completed", "taken_back"))


class HomePart(Part):
    person_id = fields.Integer(required=True)
    number = fields.String(required=True)
    room = fields.String(required=True)
    room_en = fields.String(required=True)
    rev = fields.Integer(required=True)


class CheckPart(HomePart):
    check_id = fields.String(required=True)
    kind = fields.String(required=True)
    kind_en = fields.String(required=True)


class CheckDatedPart(CheckPart):
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)


class CheckDonePart(CheckPart):
    status = fields.String(required=True)
    follow_up_by = fields.Date(required=True, allow_none=True)


class CasePart(HomePart):
    case_id = fields.String(required=True)


class RepairPart(HomePart):
    repair_id = fields.String(required=True)
    status = fields.String(required=True)


@listeners.on("dorms.check_appointed.v1", CheckDatedPart)
def keep_check(session: Session, fact: Received) -> None:
    """An announced check stands on its resident's agenda (D-40)."""
    told = fact.body
    agenda.put(
        session, "dorms", f"check/{told['check_id']}", told["person_id"], title=Words(told["kind"], told["kind_en"]),
        url=f"/dorms/checks/{told['check_id']}", place=_room(fact), starts_at=told["starts_at"], ends_at=told["ends_at"],
        status="appointed", sequence=told["rev"], cancelled=False, changed_at=fact.time,
    )  # fmt: skip


@listeners.on("dorms.check_called_off.v1", CheckDatedPart)
def drop_check(session: Session, fact: Received) -> None:
    """A check called off is off the agenda."""
    told = fact.body
    agenda.cancel(
        session, "dorms", f"check/{told['check_id']}", told["person_id"], sequence=told["rev"], status="called_off",
        now=fact.time,
    )  # fmt: skip


@listeners.on("dorms.check_recorded.v1", CheckDonePart)
def keep_follow_up(session: Session, fact: Received) -> None:
    """What a check found waits for its resident until it is put right."""
    told = fact.body
    subject = f"check/{told['check_id']}"
    if told["follow_up_by"] is not None:
        agenda.wait(
            session, "dorms", subject, "put_right", title=_room(fact), url=f"/dorms/checks/{told['check_id']}", now=fact.time,
            person_id=told["person_id"],
        )  # fmt: skip


@listeners.on("dorms.check_followed_up.v1", CheckPart)
def drop_follow_up(session: Session, fact: Received) -> None:
    """Put right: nothing waits any more."""
    agenda.settle(session, "dorms", f"check/{fact.body['check_id']}")


@listeners.on("dorms.residence_asked.v1", CasePart)
def ask_to_explain(session: Session, fact: Received) -> None:
    """A letter waits for the person's explanation (D-43)."""
    _wait_case(session, fact, "explain", person_id=fact.body["person_id"])


@listeners.on("dorms.residence_explained.v1", CasePart)
def ask_to_hear(session: Session, fact: Received) -> None:
    """An explanation waits for the officers to put it on record."""
    _wait_case(session, fact, "residence", role="dorm_officer")


@listeners.on(("dorms.residence_heard.v1", "dorms.residence_decided.v1"), CasePart)
def drop_case(session: Session, fact: Received) -> None:
    """Heard or decided: nobody has to explain any more."""
    agenda.settle(session, "dorms", f"case/{fact.body['case_id']}")


@listeners.on(REPAIRS, RepairPart)
def keep_repair(session: Session, fact: Received) -> None:
    """A repair asked for waits for the officers' decision."""
    told = fact.body
    subject = f"repair/{told['repair_id']}"
    if told["status"] != "requested":
        agenda.settle(session, "dorms", subject)
        return
    title = Words("{number} {room}", "{number} {room}").fill(number=told["number"], room=_room(fact))
    agenda.wait(
        session, "dorms", subject, "repair", title=title, url=f"/dorms/repairs/{told['repair_id']}", now=fact.time,
        role="dorm_officer",
    )  # fmt: skip


def _room(fact: Received) -> Words:
    return Words(fact.body["room"], fact.body["room_en"])


def _wait_case(
    session: Session, fact: Received, kind: str, *, person_id: int | None = None, role: str | None = None
) -> None:
    case_id = fact.body["case_id"]
    agenda.wait(
        session, "dorms", f"case/{case_id}", kind, title=_room(fact), url=f"/dorms/cases/{case_id}", now=fact.time,
        person_id=person_id, role=role,
    )  # fmt: skip
