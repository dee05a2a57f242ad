"""A body made by the generated client alone: its people, each in a role, and what they do to a submission until its result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from domain.qualification import kinds_asked
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from tests.e2e.generated import Place, Someone, person_of
from tests.factories import scheme_source

OFFICER = "officer@body.example"
SHORT = {
    "submit_within": "PT10M",
    "remind_submit": [],
    "screen_within": "PT5M",
    "accept_within": "PT5M",
    "assess_within": "PT5M",
    "remind_assess": [],
    "moderate_within": "PT5M",
    "evidence_within": "PT1M",
    "remind_evidence": [],
    "final_review_after": "PT1S",
    "review_within": "PT5M",
    "results_within": "PT5M",
}
"""What people have time for is minutes; what the process itself waits for, a second."""


@dataclass(slots=True, kw_only=True)
class Staff:
    """Who works for the body, each signed in by themselves, and the window that is open."""

    place: Place
    scheme: Scheme
    officer: Someone
    assessors: Mapping[str, Someone]
    chair: Someone
    moderators: list[Someone]
    appeals_officer: Someone
    hearers: list[Someone]
    handler: Someone
    window: str


def staffed(place: Place) -> Staff:
    """The officer publishes the scheme, makes everybody known who is needed, and opens a window; each undertakes to be silent."""
    source = scheme_source(**SHORT)
    scheme = read_scheme(source)
    officer = place.someone(person_of(place, OFFICER), "officer")
    published = officer.does("schemes.publish_scheme", source=source, file="scheme.toml")
    listed = officer.sees("schemes.list_schemes", after=published.position)
    assert [(one.name, one.version) for one in listed.items] == [(scheme.id, scheme.version)]

    def appointed(role: str, number: int = 1, training: str = "", scheme_id: str | None = scheme.id) -> Someone:
        known = officer.does(
            "people.register_person",
            name=f"{role.title()} {number}",
            email=f"{role}-{number}@body.example",
            subjects=list(scheme.subjects),
            phases=list(scheme.phases),
        )
        officer.does("people.give_role", known.about, role=role, scheme=scheme_id)
        expires_at = (datetime.now(UTC) + timedelta(days=365)).isoformat()
        for kind in dict.fromkeys((training, *kinds_asked(role, scheme))) if training else ():
            officer.does("people.record_training", known.about, kind=kind, scheme=scheme.id, expires_at=expires_at)
        found = place.someone(known.about, role)
        found.does("me.sign_non_disclosure")
        return found

    assessors = [appointed("assessor", one, "assessing") for one in (1, 2)]
    hearers = [appointed("appeals-panel", one, "appeals") for one in (1, 2, 3)]
    for one in hearers[:2]:  # who works for the body otherwise is nobody from outside
        officer.does("people.give_role", one.id, role="moderator", scheme=scheme.id)
    now = datetime.now(UTC)
    opened = officer.does(
        "windows.schedule_window",
        scheme=scheme.id,
        opens_at=now.isoformat(),
        closes_at=(now + timedelta(hours=1)).isoformat(),
    )
    return Staff(
        place=place,
        scheme=scheme,
        officer=officer,
        assessors={one.id: one for one in assessors},
        chair=appointed("chair", 1, "chairing"),
        moderators=[appointed("moderator", one, "moderating") for one in (1, 2)],
        appeals_officer=appointed("appeals-officer", scheme_id=None),
        hearers=hearers,
        handler=appointed("complaints-handler", scheme_id=None),
        window=opened.about,
    )


@dataclass(slots=True, kw_only=True)
class Course:
    """One submission: who submits it, and what everybody does about it."""

    staff: Staff
    contact: Someone
    provider: str
    case: str = ""

    def stands(self, stage: str) -> Any:
        """Wait until the case stands there, as the officer sees it."""
        return self.staff.officer.waits(lambda page: page.stage == stage, "cases.get_case", self.case)

    def register(self, title: str) -> None:
        """The contact registers a programme, whose process prepares it."""
        scheme = self.staff.scheme
        done = self.contact.does(
            "submissions.register_programme",
            scheme=scheme.id,
            provider=self.provider,
            programme={
                "title": title,
                "category": scheme.categories[0],
                "subject": scheme.subjects[0],
                "phase": scheme.phases[0],
                "mode": scheme.modes[0],
                "applies": {one.code: False for one in scheme.exclusions},
            },
            agreement_accepted=True,
        )
        self.case = done.about
        self.stands("preparing")

    def pay(self, kind: str) -> None:
        """The officer notes that a fee is paid, as far as it was charged."""
        officer = self.staff.officer
        page = officer.sees("cases.get_case", self.case)
        money = officer.sees("cases.get_money", self.case, after=page.position)
        [due] = [one for one in money.fees if one.kind == kind]
        assert (due.currency, due.paid) == ("GBP", 0)
        done = officer.does("submissions.pay_fee", self.case, kind=kind, amount=due.charged)
        after = officer.sees("cases.get_money", self.case, after=done.position)
        assert [one.paid for one in after.fees if one.kind == kind] == [due.charged]

    def file(self, code: str, what: str = "evidence") -> dict[str, Any]:
        """A file of the portfolio."""
        content = self.content(code, what)
        named = {"sha256": sha256(content).hexdigest(), "media_type": "application/pdf", "size": len(content)}
        return {"criterion": code, **named}

    def content(self, code: str, what: str) -> bytes:
        """The bytes of a file of the portfolio."""
        return f"%PDF-1.4\n% {what} on {code} of {self.case}\n%%EOF\n".encode()

    def uploaded(self, code: str, what: str = "evidence") -> dict[str, Any]:
        """A file of the portfolio, once the contact has uploaded it."""
        file = self.file(code, what)
        kept = self.contact.uploads(self.case, self.content(code, what))
        assert (kept.sha256, kept.size, kept.media_type) == (file["sha256"], file["size"], file["media_type"])
        return file

    def submit(self) -> None:
        """The contact hands the portfolio in, and the officer screens it, once its process has begun that."""
        codes = list(self.staff.scheme.criteria)
        self.pay("registration")
        done = self.contact.does(
            "submissions.submit_portfolio",
            self.case,
            window_id=self.staff.window,
            answers={code: f"What we do about {code}." for code in codes},
            evidence=[self.uploaded(code) for code in codes],
        )
        assert "PortfolioSubmitted" in [one.name for one in done.events]
        portfolio = self.staff.officer.sees("cases.get_portfolio", self.case)
        assert [one.criterion for one in portfolio.evidence] == codes
        given = self.staff.officer.gets(self.case, portfolio.evidence[0].sha256)
        assert given == self.content(codes[0], "evidence")
        self.stands("screening")
        self.pay("submission")
        self.staff.officer.does("submissions.pass_screening", self.case)

    def assess(self, levels: Mapping[str, str]) -> None:
        """Whoever the process assigns accepts it, judges each criterion (at the top, but for `levels`) and completes."""
        page = self.staff.officer.waits(
            lambda page: any(one.part == "assessor" for one in page.people), "cases.get_case", self.case
        )
        [assigned] = [one.person for one in page.people if one.part == "assessor"]
        assessor = self.staff.assessors[assigned]
        steps = {one.action: one.path for one in assessor.sees("cases.get_case", self.case).next_}
        assert steps["accept_assignment"] == f"/submissions/{self.case}/accept-assignment"
        assessor.does("submissions.accept_assignment", self.case)
        judgements = {code: self.judged(code, levels.get(code, "met")) for code in self.staff.scheme.criteria}
        assessor.does("submissions.judge", self.case, judgements=judgements)
        assessor.does("submissions.complete_assessment", self.case, minutes_spent=240)
        self.stands("awaiting_moderation")

    def judged(self, code: str, level: str) -> dict[str, Any]:
        """A judgement that cites the file of the criterion."""
        indicators = {one.code: level for one in self.staff.scheme.criteria[code].indicators}
        cites = [self.file(code)["sha256"]]
        return {"level": level, "reason": f"Why {code} is so.", "cites": cites, "indicators": indicators}

    def take_up(self) -> str:
        """The officer schedules a meeting, which the chair opens to take the case up; returns its id."""
        staff = self.staff
        done = staff.officer.does(
            "meetings.schedule_meeting",
            scheme=staff.scheme.id,
            chair=staff.chair.id,
            panel=[one.id for one in staff.moderators],
            items=[self.case],
        )
        meeting = str(done.about)
        present = [staff.chair.id, *(one.id for one in staff.moderators)]
        staff.chair.does("meetings.open_meeting", meeting, present=present)
        staff.chair.does("submissions.take_up", self.case, id=meeting)
        self.stands("in_moderation")
        return meeting

    def confirm(self, levels: Mapping[str, str]) -> None:
        """The panel confirms what was judged."""
        judgements = {code: {"level": level} for code, level in levels.items()}
        self.staff.chair.does("submissions.moderate", self.case, judgements=judgements)

    def ask_for_evidence(self, code: str) -> None:
        """The panel asks for further evidence, which the contact provides; the process opens the final review."""
        self.staff.chair.does(
            "submissions.request_evidence", self.case, criteria=[code], wanted="Show how this is done in practice."
        )
        self.stands("evidence_requested")
        self.contact.does(
            "submissions.provide_evidence",
            self.case,
            answers={code: "What we add."},
            evidence=[self.uploaded(code, "further evidence")],
        )
        self.stands("final_review")

    def decide(self, lacks: Mapping[str, Any]) -> Any:
        """The chair records the outcome and approves the report; the process tells the result. Returns the contact's page."""
        self.staff.chair.does("submissions.decide", self.case)
        before = self.contact.sees("cases.get_case", self.case)
        assert (before.outcome, before.released) == (None, False)
        self.staff.chair.does("submissions.approve_report", self.case, lacks=dict(lacks))
        return self.contact.waits(lambda page: page.released, "cases.get_case", self.case)


def begin(staff: Staff, name: str) -> Course:
    """A provider registers itself, without a token; its contact signs in."""
    registered = staff.place.anybody().does(
        "providers.register_provider",
        scheme=staff.scheme.id,
        name=name,
        address="1 Test Street",
        contact_name=f"Contact of {name}",
        contact_email=f"{name.lower().replace(' ', '.')}@provider.example",
        provider_type=staff.scheme.provider_types[0],
        size_band=staff.scheme.size_bands[0],
    )
    made = registered.created.additional_properties
    contact = staff.place.someone(made["person"], "provider")
    return Course(staff=staff, contact=contact, provider=made["provider"])
