"""Whatever is sent to an operation, by whomever: an answer its document promises, and never a server error.

Cases come from each service's own OpenAPI document, fitting and not fitting. Half of the fitting ones are mixed with what
the city really has (ids of its rows, days to come, the examples of the document), so that they get past the first
refusal. The city is this module's own and may lose whatever it has.
"""

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from common.identity import Person
from common.period import local
from tests import postgres
from tests.conftest import NOW
from tests.contracts.city import HOUSE, ROLES, City, api_of, ids_for
from tests.contracts.documents import OPERATIONS, example_of, shape

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DECLARED = {(name, each.operation_id): each for name, service in HOUSE.items() for each in api_of(service).operations}
EVERYTHING = list(HealthCheck)
SHARE = 3 if postgres.POSTGRES else 1
"""Shapes are the same whatever the database: on PostgreSQL every third of the cases is enough."""


@pytest.fixture(scope="module")
def documents(city: City) -> dict[str, Any]:
    return {name: schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app) for name, app in city.apps.items()}


@pytest.fixture(scope="module")
def callers(city: City) -> dict[tuple[str, str], list[str]]:
    """Who of the demonstration people may call an operation."""
    allowed: dict[tuple[str, str], list[str]] = {}
    for (service, operation_id), declared in DECLARED.items():
        with city.databases[service].reading() as session:
            people = {username: session.get(Person, city.people[username]) for username in ROLES}
            allowed[service, operation_id] = [name for name, person in people.items() if declared.allows.passes(person)]
    return allowed


def likely(draw: Any, name: str, known: dict[str, list[str]]) -> Any:
    """A value of the city's own for a field of this name, or None."""
    if name.endswith("_id"):
        rows = ids_for(name, known)
        return draw(st.sampled_from(rows)) if rows else None
    if name in ("starts_at", "ends_at", "from", "until"):
        later = timedelta(hours=2 if name in ("starts_at", "from") else 5, days=draw(st.integers(-2, 40)))
        return local(NOW + later).isoformat()
    if name in ("date", "due_on"):
        return local(NOW + timedelta(days=draw(st.integers(-2, 60)))).date().isoformat()
    if name == "rev":
        return draw(st.sampled_from([None, 1, 2, 3]))
    return None


def lifelike(draw: Any, body: Any, known: dict[str, list[str]], name: str = "") -> Any:
    """The body with values of the city's own wherever there are some."""
    if isinstance(body, dict):
        return {key: lifelike(draw, value, known, key) for key, value in body.items()}
    if isinstance(body, list):
        return [lifelike(draw, value, known) for value in body]
    own = likely(draw, name, known)
    return body if own is None else own


def mixed(draw: Any, service: str, operation_id: str, case: Any, known: dict[str, list[str]]) -> None:
    """Give a generated case the city's ids, and the document's example of a body with some fields as generated."""
    for name in case.path_parameters or {}:
        own = likely(draw, name, known)
        if own is not None:
            case.path_parameters[name] = own
    for name in case.query or {}:
        own = likely(draw, name, known)
        if own is not None:
            case.query[name] = own
    if isinstance(case.body, dict):
        example = lifelike(draw, example_of(service, shape(service, operation_id, "body")), known)
        kept = draw(st.sets(st.sampled_from(sorted(case.body)))) if case.body and draw(st.booleans()) else set()
        case.body = {**example, **{name: case.body[name] for name in kept}}


def strategy_of(operation: Any, told: dict[str, Any]) -> Any:
    """Cases that fit the document and, where something can be wrong, cases that do not."""
    fitting = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if "requestBody" not in told:
        return fitting
    return fitting | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


@pytest.mark.slow
@pytest.mark.parametrize(("service", "operation_id"), list(DECLARED))
def test_an_operation_keeps_to_its_document(service, operation_id, city, documents, ids, callers):
    operation = documents[service].find_operation_by_id(operation_id)
    told = OPERATIONS[service][operation_id]
    may = callers[service, operation_id]

    @settings(
        max_examples=(25 if "requestBody" in told else 15) // SHARE, deadline=None, database=None, derandomize=True,
        report_multiple_bugs=False, suppress_health_check=EVERYTHING,
    )  # fmt: skip
    @given(case=strategy_of(operation, told), data=st.data())
    def calls(case: Any, data: st.DataObject) -> None:
        username = data.draw(st.sampled_from([*may, *may, *may, *ROLES, None]), label="as")
        if data.draw(st.booleans(), label="mixed"):
            mixed(data.draw, service, operation_id, case, ids[service])
        headers = {"Authorization": f"Bearer {city.token(username)}"} if username else {}
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    calls()
