"""Every read model that people read is a list, and every list is to be had as CSV and as XLSX."""

from typing import Any

from fastapi import FastAPI

from infra.api.lists import LISTS
from projections.catalogue import READ_MODELS

INSIDE = {
    "agenda": "calendars",
    "parts": "who may see what",
    "texts": "where texts stand, for what may be let go",
    "touched": "the search for cases that something touched",
}
"""Read models that are no lists for people, and what they are for."""


def test_every_read_model_that_people_read_is_a_list():
    listed = {model.name for one in LISTS for model in one.models}
    assert {one.name for one in READ_MODELS} - listed - INSIDE.keys() == set()
    assert INSIDE.keys() <= {one.name for one in READ_MODELS}


def test_every_list_is_to_be_had_as_csv_and_as_xlsx(made: FastAPI):
    paths: dict[str, Any] = made.openapi()["paths"]
    types = {one.path: paths[f"/api/v1/{one.path}"]["get"]["responses"]["200"]["content"].keys() for one in LISTS}
    assert len(types) > 40
    assert {path: kinds for path, kinds in types.items() if not any("csv" in one for one in kinds)} == {}
    assert {path: kinds for path, kinds in types.items() if not any("sheet" in one for one in kinds)} == {}
