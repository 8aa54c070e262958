"""What goes when a file's time is over (C-23, C-26): what hangs on an application or a stay, and what names its person."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.uploads import Store
from dorms.models import (
    Application,
    HouseCheck,
    Objection,
    PointCheck,
    Repair,
    ResidenceCase,
    Tenancy,
    VisitAct,
)


def erase_objections(session: Session, application: Application) -> None:
    """The objections of an application, and what the officer found of its points."""
    for kind in (Objection, PointCheck):
        session.execute(delete(kind).where(kind.application_id == application.id))
    session.expire(application, ["objections", "checks"])


def erase_stay(session: Session, store: Store, tenancy: Tenancy) -> None:
    """Contracts, furniture, photos, deductions and story of a stay; of its checks, repairs and residence case the words
    and the person. That a room was checked or mended stays. The files go with the commit."""
    for photo in tenancy.photos:
        store.drop_with(session, photo.stored)
    for row in [*tenancy.photos, *tenancy.contracts, *tenancy.items, *tenancy.pay_terms, *tenancy.story]:
        session.delete(row)
    _forget_checks(session, tenancy)
    _forget_repairs(session, store, tenancy)
    session.flush()
    session.expire(tenancy)


def _forget_checks(session: Session, tenancy: Tenancy) -> None:
    of_person = (HouseCheck.room_id == tenancy.room_id, HouseCheck.person_id == tenancy.person_id)
    for check in session.scalars(select(HouseCheck).where(*of_person)):
        check.person_id, check.note, check.follow_up_note = None, "", ""
        session.execute(delete(VisitAct).where(VisitAct.check_id == check.id))
    of_person = (ResidenceCase.room_id == tenancy.room_id, ResidenceCase.person_id == tenancy.person_id)
    for case in session.scalars(select(ResidenceCase).where(*of_person)):
        case.person_id, case.statement = None, ""
        for step in case.steps:
            step.note = ""


def _forget_repairs(session: Session, store: Store, tenancy: Tenancy) -> None:
    of_person = (Repair.room_id == tenancy.room_id, Repair.person_id == tenancy.person_id)
    for repair in session.scalars(select(Repair).where(*of_person)):
        for photo in repair.photos:
            store.drop_with(session, photo.stored)
            session.delete(photo)
        repair.person_id, repair.what, repair.acceptance = -repair.id, "", ""
