"""Facts about the file of a room application: papers to send, corrections to decide. Database work only."""

from sqlalchemy.orm import Session

from common.inbox import Listeners, Received
from common.messages import Part, fields
from common.words import Words
from services.portal import agenda

listeners = Listeners()


class DormApplicationPart(Part):
    application_id = fields.String(required=True)
    number = fields.String(required=True)
    person_id = fields.Integer(required=True)


class CorrectionPart(Part):
    correction_id = fields.String(required=True)
    round_number = fields.String(required=True)


@listeners.on("dorms.application_supplement_asked.v1", DormApplicationPart)
def wait_for_papers(session: Session, fact: Received) -> None:
    """Papers of a room application are asked for: its owner has something to send."""
    asked = fact.body
    subject, url = f"application/{asked['application_id']}", f"/dorms/applications/{asked['application_id']}/papers"
    title = Words("補件：{number}", "Papers for {number}").fill(number=asked["number"])
    agenda.wait(
        session, "dorms", subject, "dorm_papers", title=title, url=url, now=fact.time, person_id=asked["person_id"]
    )


@listeners.on("dorms.application_supplemented.v1", DormApplicationPart)
def papers_came(session: Session, fact: Received) -> None:
    """The papers came: nobody waits for them."""
    agenda.settle(session, "dorms", f"application/{fact.body['application_id']}")


@listeners.on("dorms.correction_asked.v1", CorrectionPart)
def wait_for_decision(session: Session, fact: Received) -> None:
    """A correction of an answer waits for the dormitory officers."""
    subject = f"correction/{fact.body['correction_id']}"
    title = Words("資格更正（{round}）", "Correction (round {round})").fill(round=fact.body["round_number"])
    agenda.wait(
        session, "dorms", subject, "correct", title=title, url=f"/dorms/corrections/{fact.body['correction_id']}",
        now=fact.time, role="dorm_officer",
    )  # fmt: skip


@listeners.on("dorms.correction_decided.v1", CorrectionPart)
def correction_decided(session: Session, fact: Received) -> None:
    """It is decided: nobody waits for it."""
    agenda.settle(session, "dorms", f"correction/{fact.body['correction_id']}")
