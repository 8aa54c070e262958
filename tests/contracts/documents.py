"""The OpenAPI documents of the house, and ways to find one's way in them."""

from typing import Any

from common.web import openapi
from tests.contracts.city import HOUSE, api_of

JSON, PROBLEM = "application/json", "application/problem+json"

DOCUMENTS = {
    name: openapi.document(api_of(service), "" if name == "portal" else f"/{name}") for name, service in HOUSE.items()
}
OPERATIONS = {
    name: {told["operationId"]: told for verbs in document["paths"].values() for told in verbs.values()}
    for name, document in DOCUMENTS.items()
}


def resolved(service: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference, or the schema."""
    for one in [schema, *schema.get("allOf", []), *schema.get("anyOf", [])]:
        if "$ref" in one:
            found: dict[str, Any] = DOCUMENTS[service]["components"]["schemas"][one["$ref"].rpartition("/")[2]]
            return found
    return schema


def shape(service: str, operation_id: str, part: str) -> dict[str, Any]:
    """The schema of what is sent, or of what a success answers."""
    told = OPERATIONS[service][operation_id]
    if part == "body":
        return resolved(service, told["requestBody"]["content"][JSON]["schema"])
    good = next(answer for status, answer in told["responses"].items() if status.startswith("2"))
    return resolved(service, good["content"][JSON]["schema"])


def at(service: str, schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema at a path such as `slots.slot`; lists are stepped into."""
    for name in path.split("."):
        schema = resolved(service, schema["properties"][name])
        schema = resolved(service, schema.get("items", schema))
    return schema


def example_of(service: str, schema: dict[str, Any]) -> Any:
    """A whole example put together from the examples of the fields; only what is required, or has an example."""
    schema = resolved(service, schema)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("type") == "array":
        return [example_of(service, schema["items"])]
    if schema.get("type") == "object":
        needed = set(schema.get("required", []))
        return {
            name: example_of(service, one)
            for name, one in schema.get("properties", {}).items()
            if name in needed or "example" in one or "examples" in one
        }
    raise KeyError(f"no example: {schema}")
