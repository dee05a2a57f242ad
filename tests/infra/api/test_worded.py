"""Refusals in plain English."""

import pytest

from infra.api.problems import not_found


@pytest.mark.parametrize(("kind", "said"), [("appeal", "an appeal"), ("audit", "an audit"), ("case", "a case")])
def test_what_there_is_not_is_asked_for_with_the_article_that_fits(kind: str, said: str):
    assert not_found(kind).allowed == f"the id of {said} on record"
