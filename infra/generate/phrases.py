"""What people would type, by what it is for: plain sentences, chosen by the text's id, so that the same id says the same."""

import zlib
from typing import Final

_PROGRAMMES: Final = (
    "Feedback that moves learning on",
    "Reading across the curriculum",
    "Leading a subject team",
    "Number sense in the early years",
    "Practical work in science",
    "Behaviour and relationships",
    "Assessment without overload",
    "Writing for a reader",
    "Vocabulary in every lesson",
    "Coaching new teachers",
)
_PEOPLE: Final = ("for new teachers", "for subject leaders", "for whole schools", "for primary teachers", "for mentors")
_ANSWERS: Final = (
    "Teachers try one routine each fortnight, and bring what happened back to a group of six.",
    "Needs are found in a short survey and a visit before the start; the second half is planned from both.",
    "The programme rests on three reviews of research, named in the handbook together with what they do not show.",
    "Facilitators work in pairs for their first year; every fifth session is watched, and notes are discussed.",
    "A university evaluated two cohorts; after its report the third session was split in two.",
    "Places are free for small schools, sessions fit into existing meetings, and all material is captioned.",
)
_RATIONALES: Final = (
    "The evidence shows what is claimed, and participants are told of it before they choose.",
    "What is planned is clear; the files show it carried out in two of three schools.",
    "The research is named, and its limits are said; the summary for participants leaves them out.",
    "Delivery is watched and something followed from it, as the minutes of March show.",
)
_BY_USE: Final = {
    "title": _PROGRAMMES,
    "extension": (
        "The pilot schools had their inspection in the same month.",
        "The lead author was ill for six weeks.",
    ),
    "withdrawal": ("The programme ends with this year's cohort.", "We will come back when the evaluation is done."),
    "return": (
        "The file for criterion 2.1 can't be opened.",
        "The answer to criterion 3.2 is that of another programme.",
    ),
    "ineligible": ("The programme is training that the law requires of every school.",),
    "lack": ("No sign that delivery was ever changed by what was seen.", "The research cited is opinion."),
    "wanted": (
        "A note of one observed session, and what followed from it.",
        "The survey that the second half rests on.",
    ),
    "change": ("The panel read the third file differently.", "The external report was not considered before."),
    "why": _RATIONALES,
}


def phrase(use: str, id: str) -> str:
    """Return the text with this id; `use` begins with what it is for, and is a criterion's answer otherwise."""
    number = zlib.crc32(id.encode())
    said = _BY_USE.get(use.partition(" ")[0], _ANSWERS)
    body = said[number % len(said)]
    return f"{body} {_PEOPLE[number // 64 % len(_PEOPLE)]}" if said is _PROGRAMMES else body
