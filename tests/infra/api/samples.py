"""The least that a route takes: a body made from the description of the API, in which every text is the same one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

INSTANT = "2026-05-04T12:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said wherever a body asks for a text, a number or an instant."""

    text: Any = "x"
    number: Any = 1
    instant: Any = INSTANT


def sample(document: Mapping[str, Any], operation: Mapping[str, Any], said: Said) -> Any:
    """A body that the route's schema takes, with what is said wherever it asks for it, also in optional fields of text.

    None for a route that takes no body, or one that is no JSON.
    """
    taken = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if taken is None:
        return None
    body = taken["schema"]
    return _value(document["components"]["schemas"], body, said)


def _value(schemas: Mapping[str, Any], schema: Mapping[str, Any], said: Said) -> Any:
    if "$ref" in schema:
        return _value(schemas, schemas[schema["$ref"].rpartition("/")[2]], said)
    if "anyOf" in schema:
        return _value(schemas, schema["anyOf"][0], said)
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            asked = schema.get("required", [])
            fields = {name: one for name, one in schema["properties"].items() if name in asked or _is_text(one)}
            return {name: _value(schemas, one, said) for name, one in fields.items()}
        case "object":
            return {str(said.text): _value(schemas, schema.get("additionalProperties", {}), said)}
        case "array":
            return [_value(schemas, one, said) for one in schema.get("prefixItems", [schema.get("items", {})])]
        case "integer" | "number":
            return said.number
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return said.instant if schema.get("format") == "date-time" else said.text


def _is_text(schema: Mapping[str, Any]) -> bool:
    either = [schema, *schema.get("anyOf", [])]
    return any(one.get("type") == "string" and "format" not in one for one in either)
