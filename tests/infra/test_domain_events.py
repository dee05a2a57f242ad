"""Every event of the domain can be recorded, whatever it holds, and is read back as it was."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events import NAMES
from infra.store.envelope import Codec
from tests.infra.toy import COMMAND, NOON

CODEC = Codec(NAMES)

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_an_event_of_the_domain_survives_the_record(name: str, data: st.DataObject):
    event: Any = data.draw(st.from_type(NAMES[name]))

    state = CODEC.encode(event, COMMAND, correlation="case", event_id="0f")
    [recorded] = CODEC.decode([(1, "case", 1, NOON, name, state)])

    assert recorded.event == event
    assert CODEC.encode(recorded.event, COMMAND, correlation="case", event_id="0f") == state
