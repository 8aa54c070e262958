"""Photos of a hand-over: only pictures, kept outside the web, for who lives there and the officer."""

from datetime import datetime

from sqlalchemy.orm import Session

from common import audit
from common.errors import Invalid, NotFound
from common.identity import Person
from common.uploads import Store, examine
from common.words import Words
from dorms import tenancies
from dorms.models import Tenancy, TenancyPhoto

MOST = 40


def add(
    session: Session,
    person: Person,
    now: datetime,
    tenancy: Tenancy,
    store: Store,
    taken_at: str,
    filename: str,
    content: bytes,
    field: str = "photos",
) -> TenancyPhoto:
    """Keep a photo of a hand-over. Raises Invalid when it is none, or there are too many."""
    kept = examine(filename, content, field)
    if not kept.media_type.startswith("image/"):
        raise Invalid(Words("照片要是 JPEG 或 PNG", "A photo is a JPEG or PNG"), field=field)
    if len(tenancy.photos) >= MOST:
        raise Invalid(Words("照片最多 {n} 張", "{n} photos at most").fill(n=MOST), field=field)
    row = TenancyPhoto(
        tenancy=tenancy,
        taken_at=taken_at,
        filename=kept.name,
        media_type=kept.media_type,
        size=len(kept.content),
        sha256=kept.sha256,
        stored=store.keep_with(session, kept.content),
        sent_at=now,
        by_id=person.id,
    )
    session.add(row)
    session.flush()
    audit.record(session, person, "dorms.photo", f"tenancy/{tenancy.id}", now, after={"sha256": kept.sha256})
    return row


def read(session: Session, person: Person, photo_id: int) -> TenancyPhoto:
    """A photo its reader may see. Raises NotFound."""
    row = session.get(TenancyPhoto, photo_id)
    if row is None:
        raise NotFound
    tenancies.find(session, person, row.tenancy_id)
    return row
