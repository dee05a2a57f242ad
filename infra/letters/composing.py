"""The courier's job that writes letters: it follows the log, and puts what each event sends into the outbox, once.

On its first start it begins at the log's end, so that nobody is told today of what happened before there were letters;
after that it goes on from where it was, however long it was away.
"""

import threading
from collections.abc import Sequence
from typing import Final

from domain.ids import kind_of
from domain.letter_events import LETTER_EVENTS, held_back
from domain.letters import KINDS, Addressed, addressed
from infra.bootstrap import App
from infra.letters.outbox import Outbox
from infra.settings import Settings
from infra.store.follow import follow
from services.ports import Recorded
from services.states import fold

BATCH: Final = 200


def run(_: Settings, app: App, ended: threading.Event) -> None:
    """Write letters until `ended`. Raises RecordUnavailable while the outbox can't be reached, DamagedRecord."""
    outbox = Outbox(app.records.datastore)
    if outbox.place() is None:
        outbox.begin_at(app.records.max_position())
    after = outbox.place() or 0
    for events in follow(app.records, after, BATCH, ended):
        if events:
            if not compose(app, outbox, events, after=after):
                return
            after = events[-1].position


def compose(app: App, outbox: Outbox, events: Sequence[Recorded], *, after: int) -> bool:
    """Write what these events send, which come behind `after`; False where somebody else has gone on from there."""
    about = sorted({one.stream for one in events if kind_of(one.stream) in KINDS})
    loaded = app.records.load(*about) if about else {}
    letters: list[tuple[Recorded, Addressed, bool]] = []
    for stream in about:
        own, state = {one.position for one in events if one.stream == stream}, None
        held = held_back(one.event for one in loaded[stream])
        for one in loaded[stream]:
            state = fold(stream, [one], state=state)
            if one.position in own:
                sent = addressed(stream, one.version, one.event, state)
                letters += [(one, letter, letter.id in held) for letter in sent]
    edits = [(one.position, one.event) for one in events if isinstance(one.event, LETTER_EVENTS)]
    return outbox.write(letters, edits, after=after, to=events[-1].position)
