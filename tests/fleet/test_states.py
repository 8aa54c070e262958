"""Every step from every state by everyone: what the rules allow (V-12, V-13, V-31, V-32, V-35), and nothing else."""

from itertools import product

import pytest

from fleet.models import Trip
from fleet.models.trip import STEPS
from fleet.terms import STATUSES

BEFORE = "submitted approved returned fully_booked assigned assigned_one_way accepted"
GIVEN = "assigned assigned_one_way accepted"
STATES = {  # from which states a step leads, for a trip with a driver
    "approve": "submitted",
    "return": "submitted",
    "assign": f"approved fully_booked {GIVEN}",
    "answer_full": "approved",
    "reopen": "fully_booked",
    "merge": f"approved fully_booked {GIVEN}",
    "unmerge": "merged",
    "no_show": GIVEN,
    "change": BEFORE,
    "cancel": f"{BEFORE} merged",
    "accept": "assigned assigned_one_way",
    "decline": GIVEN,
    "start": "accepted",
    "finish": "under_way",
    "sign_off": "finished",
}
DESK = "dispatcher admin"
WHO = {  # who may do it to an order of `officer`, driven by `driver`
    "approve": "supervisor",
    "return": "supervisor",
    "assign": DESK,
    "answer_full": DESK,
    "reopen": DESK,
    "merge": DESK,
    "unmerge": DESK,
    "no_show": DESK,
    "change": "officer",
    "cancel": f"officer supervisor {DESK}",
    "accept": "driver",
    "decline": "driver",
    "start": f"driver {DESK}",
    "finish": f"driver {DESK}",
    "sign_off": "officer",
}
EVERYONE = (
    "officer supervisor officer2 supervisor2 dispatcher driver driver2 venues group dorms staff staff2 auditor admin"
)


@pytest.mark.parametrize("step", STATES)
def test_a_step_is_open_to_those_and_in_those_states_only(desk, step):
    officer = desk.people["officer"]
    keeper = Trip(status="accepted", requester_id=0, agency_id=0, needs_driver=True, recorded_late=False)
    keeper.driver = desk.driver
    with desk.session.no_autoflush:
        found = set()
        for status, name in product(STATUSES, EVERYONE.split()):
            trip = Trip(status=status, requester_id=officer.id, agency_id=1, needs_driver=True, recorded_late=False)
            trip.driver = None if status == "merged" else desk.driver
            trip.merged_into = keeper if status == "merged" else None
            if trip.can(step, desk.people[name]):
                found.add((status, name))
            trip.driver = trip.merged_into = None
        keeper.driver = None
        desk.session.expunge_all()
    assert found == set(product(STATES[step].split(), WHO[step].split()))


@pytest.mark.parametrize("left", ["under_way", "finished", "signed_off"])
def test_once_the_shared_car_has_left_a_rider_can_neither_cancel_nor_be_taken_apart(desk, left):
    with desk.session.no_autoflush:
        keeper = Trip(status=left, requester_id=0, agency_id=0, needs_driver=True, recorded_late=False)
        rider = Trip(status="merged", requester_id=1, agency_id=1, needs_driver=True, merged_into=keeper)
        assert not rider.stands_for("cancel") and not rider.stands_for("unmerge")
        desk.session.expunge_all()


def test_all_steps_and_all_states_are_in_the_table():
    assert STEPS.keys() == STATES.keys() == WHO.keys()
    assert {status for states in STATES.values() for status in states.split()} <= STATUSES.keys()
