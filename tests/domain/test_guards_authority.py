"""Tasks of what somebody may do, at their edges: conflicts asked about, links looked at once more, competence verified anew."""

from domain import authority
from domain.authority import Authority, evolve
from domain.clocks import Calendar, Duration
from domain.governance_policy import ConflictRules
from domain.tasks import NOBODY
from tests.domain.given import DAY, NOON, fold
from tests.domain.test_authority import ADA, HELD, ID, NOTED, after

OTHER = "person-other"
RULES = ConflictRules(answer_within=Duration.parse("P14D"), remind=())
EVERYWHERE = Calendar(zone="Europe/London")


def asked(held: Authority = NOTED) -> Authority:
    said = {"id": ID, "person": ADA, "rules": RULES, "calendar": EVERYWHERE, "at": NOON}
    return after(held, authority.ask_conflicts(held, **said))  # type: ignore[arg-type]


def names(held: Authority) -> set[str]:
    return set(held.tasks.running) - set(NOTED.tasks.running)


# -- conflicts ---------------------------------------------------------------------------------------------------------


def test_who_is_asked_about_conflicts_is_reminded_at_once_and_asked_again_only_once_they_answered():
    held = asked()

    [task] = (one for one in held.tasks.running.values() if one.name == authority.CONFLICTS)
    assert (task.who, task.due_at, task.remind_at) == (ADA, NOON + 14 * DAY, (NOON,))
    again = {"id": ID, "person": ADA, "rules": RULES, "calendar": EVERYWHERE, "at": NOON + DAY}
    assert authority.ask_conflicts(held, **again) == []  # type: ignore[arg-type]
    answered = after(held, authority.confirm_conflicts(held, id=ID, person=ADA))
    assert names(answered) == set()
    assert authority.ask_conflicts(answered, **again) != []  # type: ignore[arg-type]


def test_who_was_not_asked_may_say_so_all_the_same():
    [confirmed] = authority.confirm_conflicts(NOTED, id=ID, person=ADA)

    assert (confirmed.person, confirmed.ends) == (ADA, ())  # type: ignore[union-attr]


def test_who_has_no_role_in_the_body_any_more_is_not_asked_about_conflicts():
    held = asked()

    def over(*left: tuple[str, str | None]) -> Authority:
        events = authority.end_appointment(held, role="chair", scheme=None, left=left)
        return fold(evolve, held, events)

    for none in ((), [("provider", None)]):
        assert names(over(*none)) == set()
    for some in (HELD, [("provider", None), ("board", None)]):
        assert names(over(*some)) == {authority.CONFLICTS}


# -- links -------------------------------------------------------------------------------------------------------------


def linked() -> Authority:
    return after(NOTED, authority.note_link(NOTED, id=ID, person=ADA, other=OTHER, at=NOON))


def test_a_link_is_looked_at_once_more_and_once():
    held = linked()

    assert (authority.to_look_at(NOTED), authority.to_look_at(held)) == ([], [OTHER])
    assert authority.note_link(held, id=ID, person=ADA, other=OTHER, at=NOON) == []
    assert authority.looked_at(held, other="person-else") == []
    looked = after(held, authority.looked_at(held, other=OTHER))
    assert authority.to_look_at(looked) == []
    assert authority.looked_at(looked, other=OTHER) == []


def test_of_a_link_nobody_is_told_when_its_time_comes():
    [task] = (one for one in linked().tasks.running.values() if one.about == OTHER)

    assert (task.due_at, task.told) == (NOON, NOBODY)


# -- verification ------------------------------------------------------------------------------------------------------


def test_what_fell_is_to_be_verified_anew_each_by_itself():
    fell = {("maths", "observed"), ("arts", "observed")}
    held = after(NOTED, authority.ask_verification(id=ID, person=ADA, fell=fell, at=NOON))

    assert names(held) == {f"{authority.VERIFY}:{topic}:observed" for topic in ("arts", "maths")}
    settled = after(held, authority.settle_verification(held, topic="arts", kind="observed"))
    assert names(settled) == {f"{authority.VERIFY}:maths:observed"}
    assert authority.settle_verification(settled, topic="arts", kind="observed") == []


def test_where_nothing_fell_nothing_is_to_be_verified():
    assert authority.ask_verification(id=ID, person=ADA, fell=(), at=NOON) == []
