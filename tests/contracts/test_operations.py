"""Outsiders find what they were promised: every operation by its name, with its fields, in a valid OpenAPI 3.1 document."""

import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from common.schemas import load_json, load_query
from common.web.api import Operation
from services.web import build
from tests.contracts import promised
from tests.contracts.city import HOUSE, api_of
from tests.contracts.documents import DOCUMENTS, OPERATIONS, PROBLEM, at, example_of, shape

DECLARED: list[tuple[str, Operation]] = [
    (name, operation) for name, service in HOUSE.items() for operation in api_of(service).operations
]

every_service = pytest.mark.parametrize("service", HOUSE)
every_operation = pytest.mark.parametrize(
    ("service", "operation_id"), [(name, told) for name in HOUSE for told in OPERATIONS[name]]
)


@pytest.mark.parametrize("service", promised.NOW)
def test_every_promised_operation_is_there(service):
    assert set(promised.NOW[service]) - OPERATIONS[service].keys() == set()


@pytest.mark.parametrize("service", promised.LATER)
def test_what_comes_later_is_named_and_not_there_yet(service):
    """An operation that has been built moves from LATER to NOW; none of the names is forgotten in between."""
    later = [name for names in promised.LATER[service].values() for name in names]
    assert set(later) & OPERATIONS[service].keys() == set()
    assert len({*promised.NOW[service], *later}) == promised.NAMED[service]


@pytest.mark.parametrize(("service", "operation_id", "part", "names"), promised.FIELDS)
def test_the_promised_fields_are_there(service, operation_id, part, names):
    assert set(names) - shape(service, operation_id, part)["properties"].keys() == set()


@pytest.mark.parametrize(("service", "operation_id", "part", "path", "names"), promised.ROWS)
def test_the_promised_fields_of_rows_are_there(service, operation_id, part, path, names):
    assert set(names) - at(service, shape(service, operation_id, part), path)["properties"].keys() == set()


@pytest.mark.parametrize(("service", "operation_id", "part", "path", "codes"), promised.CODES)
def test_the_promised_codes_are_known(service, operation_id, part, path, codes):
    assert set(codes) == set(at(service, shape(service, operation_id, part), path)["enum"]) - {None}


@every_service
def test_the_document_is_valid_openapi_31(service):
    document = DOCUMENTS[service]
    assert document["openapi"].startswith("3.1")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


@every_service
def test_operation_ids_are_unique(service):
    names = [operation.operation_id for operation in api_of(HOUSE[service]).operations]
    assert len(names) == len(set(names)) == len(OPERATIONS[service])


@every_operation
def test_an_operation_says_what_it_does_and_how_it_refuses(service, operation_id):
    told = OPERATIONS[service][operation_id]
    assert told["summary"] and told["summary"] != operation_id
    assert told["x-access"]
    good = [status for status in told["responses"] if status.startswith("2")]
    assert len(good) == 1
    refusals = {status: answer for status, answer in told["responses"].items() if not status.startswith("2")}
    assert {"401", "403", "404", "409", "422"} <= refusals.keys()
    for answer in refusals.values():
        assert answer["content"][PROBLEM]["schema"] == {"$ref": "#/components/schemas/Problem"}
    if told["x-access"] != "anyone":
        assert told["security"] == [{"bearer": []}]


@every_service
def test_every_list_has_items_and_next(service):
    for operation_id in OPERATIONS[service]:
        if operation_id.startswith("list") or operation_id.startswith("findFree"):
            assert {"items", "next"} <= shape(service, operation_id, "answer")["properties"].keys(), operation_id


@every_service
def test_fields_are_snake_case_and_ids_are_strings(service):
    for name, schema in DOCUMENTS[service]["components"]["schemas"].items():
        for field, one in schema.get("properties", {}).items():
            assert re.fullmatch(r"[a-z][a-z0-9_]*", field), f"{name}.{field}"
            if field == "id" or field.endswith("_id"):
                kinds = one.get("type")
                assert kinds == "string" or set(kinds) == {"string", "null"}, f"{name}.{field}: {kinds}"


@pytest.mark.parametrize(
    ("service", "operation"),
    [each for each in DECLARED if each[1].takes],
    ids=lambda each: getattr(each, "operation_id", each),
)
def test_the_example_of_a_body_is_taken(service, operation):
    """Put together from the examples of its fields, as a reader of the page would."""
    schema = shape(service, operation.operation_id, "body")
    example = example_of(service, schema)
    assert load_json(operation.takes, example) is not None


@pytest.mark.parametrize(
    ("service", "operation"),
    [each for each in DECLARED if each[1].query],
    ids=lambda each: getattr(each, "operation_id", each),
)
def test_the_examples_of_a_query_are_taken(service, operation):
    told = OPERATIONS[service][operation.operation_id]["parameters"]
    example = {
        one["name"]: str(one["schema"]["example"])
        for one in told
        if one["in"] == "query" and "example" in one["schema"]
    }
    needed = {one["name"] for one in told if one["in"] == "query" and one.get("required")}
    assert needed <= example.keys()
    assert load_query(operation.query, example) is not None


@every_service
def test_every_example_fits_its_own_schema(service):
    for name, schema in DOCUMENTS[service]["components"]["schemas"].items():
        for field, one in schema.get("properties", {}).items():
            for example in [one["example"]] if "example" in one else one.get("examples", []):
                bare = {key: value for key, value in one.items() if key not in ("allOf", "anyOf", "$ref", "items")}
                assert list(Draft202012Validator(bare).iter_errors(example)) == [], f"{name}.{field}"


@every_service
def test_the_document_and_its_page_are_served_and_need_no_other_host(service, make_settings):
    app = build(HOUSE[service], make_settings(HOUSE[service]))
    app.config["PROPAGATE_EXCEPTIONS"] = True
    browser = app.test_client()
    prefix = "" if service == "portal" else f"/{service}"
    served = browser.get("/api/v1/openapi.json", headers={"X-Forwarded-Prefix": prefix})
    assert served.status_code == 200 and served.json == DOCUMENTS[service]
    for language in ("zh", "en"):
        page = browser.get(f"/api/v1/docs?lang={language}")
        assert page.status_code == 200
        text = page.get_data(as_text=True)
        for operation_id in OPERATIONS[service]:
            assert f'id="{operation_id}"' in text
        loaded = re.findall(r'<(?:script|link|img|iframe|source|form)\b[^>]*?\b(?:src|href|action)="([^"]*)"', text)
        links = re.findall(r'<a\b[^>]*?\bhref="([^"]*)"', text)
        assert loaded
        assert [url for url in [*loaded, *links] if re.match(r"(?:[a-z]+:)?//", url, re.IGNORECASE)] == []
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    app.extensions["database"].dispose()
