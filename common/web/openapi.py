"""The OpenAPI 3.1 document of a package's operations, from their own schemas."""

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from common.web.access import anyone
from common.web.api import Api, Operation

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details; `errors` names the fields by path.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
        "current": {"type": "object", "description": "after a stale `rev` (409): the row as it is now"},
    },
    "examples": [
        {
            "type": "urn:citykeys:problem:invalid",
            "title": "有些地方要修正",
            "status": 422,
            "detail": "有些地方要修正。",
            "errors": [{"field": "destination", "message": "請填寫目的地"}],
        }
    ],
}
REFUSALS = {
    400: "The request could not be read.",
    401: "No valid bearer token.",
    403: "This person may not do it.",
    404: "No such row, or not for this person.",
    409: "Taken, in a state that does not allow it, or changed since it was read (stale `rev`).",
    415: "The body is not JSON.",
    422: "Something in the body or query must be corrected; `errors` names the fields.",
    503: "The database is contended; nothing was written; try again.",
}


def document(api: Api, prefix: str) -> dict[str, Any]:
    """The document, with addresses below `prefix` ("/fleet")."""
    spec = APISpec(
        title=f"Citykeys {api.title}",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
        info={
            "description": "Instants are ISO 8601 with an offset, money is whole NT$, ids are strings. "
            "Lists answer {items, next}. Updates may send `rev`; a stale one is refused with 409."
        },
        servers=[{"url": f"{prefix}/api/v1"}],
    )
    spec.components.schema("Problem", PROBLEM)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for operation in api.operations:
        path, parameters = _path(operation.rule)
        spec.path(path=path, operations={operation.method.lower(): _operation(operation, parameters)})
    return spec.to_dict()


def _operation(operation: Operation, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.operation_id,
        "summary": operation.about.split(". ")[0][:120] or operation.operation_id,
        "description": operation.about,
        "parameters": list(parameters),
        "responses": {},
        "x-access": operation.allows.label,
    }
    if operation.allows is not anyone:
        told["security"] = [{"bearer": []}]
    if operation.query:
        told["parameters"].append({"in": "query", "schema": operation.query})
    if operation.takes:
        told["requestBody"] = {
            "required": _needs_body(operation),
            "content": {"application/json": {"schema": operation.takes}},
        }
    if operation.method != "GET":
        told["parameters"].append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "schema": {"type": "string", "maxLength": 200},
                "description": "Same key and body: same answer, one effect.",
            }
        )
    good: dict[str, Any] = {"description": "Done."}
    if operation.gives:
        good["content"] = {"application/json": {"schema": operation.gives}}
    told["responses"][str(operation.status)] = good
    for status, words in REFUSALS.items():
        told["responses"][str(status)] = {
            "description": words,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return told


def _needs_body(operation: Operation) -> bool:
    return bool(operation.takes and any(field.required for field in operation.takes().load_fields.values()))


def _path(rule: str) -> tuple[str, list[dict[str, Any]]]:
    parameters: list[dict[str, Any]] = []

    def one(found: re.Match[str]) -> str:
        kind, _, name = found[1].rpartition(":")
        schema = (
            {"type": "string", "pattern": "^[0-9]{1,18}$", "examples": ["1"]} if kind == "int" else {"type": "string"}
        )
        parameters.append({"in": "path", "name": name, "required": True, "schema": schema})
        return "{" + name + "}"

    return re.sub(r"<([^>]+)>", one, rule), parameters


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    modifiers = getattr(schema, "only", None) or getattr(schema, "partial", None)
    return kind.__name__ + ("Part" if modifiers else "")
