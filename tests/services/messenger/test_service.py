"""The service as its worker and the other services see it."""

from datetime import UTC, datetime, timedelta

from common.messages import number, unpublished
from common.worker import Worker
from services.messenger import SERVICE
from services.messenger.messages import DeliveryChanged
from services.messenger.service import snapshot


def test_its_worker_sends_what_is_queued(tell, settings):
    moment = datetime.now(UTC)
    tell(
        "trip_assigned",
        at=moment,
        starts_at=moment.isoformat(),
        ends_at=(moment + timedelta(days=400)).isoformat(),
    )
    worker = Worker(SERVICE, settings)
    for chore in SERVICE.chores:
        worker._do(chore)
    worker.database.dispose()
    assert len(list((settings.data_dir / "mail").glob("*.eml"))) == 2


def test_its_log_and_its_snapshot_tell_the_same(tell, database):
    moment = datetime.now(UTC)
    tell(
        "trip_assigned",
        at=moment,
        starts_at=moment.isoformat(),
        ends_at=(moment + timedelta(days=400)).isoformat(),
    )
    database.transact(lambda session: number(session, "messenger"))
    with database.reading() as session:
        log = [(row["subject"], row["data"]) for row in unpublished(session, "messenger")]
        present = [(subject, DeliveryChanged().dump(body)) for _, subject, body in snapshot(session)]
    assert log == present and len(log) == 4
