"""What a review asks: its sections in their order, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

MOST_SECTIONS = 20
"""Of one template; ours: who writes more is not read."""


class Fill(StrEnum):
    """What the product itself has to say in a section."""

    SUMMARY = "summary"
    IMPACT = "impact"
    DETECTION = "detection"
    RESOLUTION = "resolution"
    FACTORS = "factors"
    """One line for each; the form that adds one may add its action item too."""
    TIMELINE = "timeline"
    RESPONDERS = "responders"
    MESSAGES = "messages"
    ACTIONS = "actions"


LIVE = (Fill.TIMELINE, Fill.RESPONDERS, Fill.MESSAGES, Fill.ACTIONS)
"""Nobody writes these sections: each time they are looked at they say what is true then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionKind:
    """One section of a template."""

    id: str
    """Unique within its template."""
    title: str
    hint: str = ""
    """The question it answers, shown beside the field."""
    required: bool = False
    """Whether a review can be sent only with something in it."""
    fill: Fill | None = None
    """None: it begins empty."""

    @property
    def is_live(self) -> bool:
        """Whether nobody writes it."""
        return self.fill in LIVE

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file, without what is empty; `from_json` gives an equal value."""
        data: dict[str, Any] = {"id": self.id, "title": self.title}
        if self.hint:
            data["hint"] = self.hint
        if self.required:
            data["required"] = True
        return data | ({"fill": str(self.fill)} if self.fill else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            id=data["id"],
            title=data["title"],
            hint=data.get("hint", ""),
            required=data.get("required", False),
            fill=Fill(data["fill"]) if "fill" in data else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTemplate:
    """The sections of one way to look back."""

    id: str
    title: str
    sections: tuple[SectionKind, ...]

    def to_json(self) -> dict[str, Any]:
        """As in the organisation file; `from_json` gives an equal value."""
        return {"id": self.id, "title": self.title, "sections": [section.to_json() for section in self.sections]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the output of `to_json`. Raises KeyError or ValueError for anything else."""
        return cls(
            id=data["id"],
            title=data["title"],
            sections=tuple(SectionKind.from_json(section) for section in data["sections"]),
        )


DEFAULT_TEMPLATE = "standard"

_SUMMARY = SectionKind(
    id="summary",
    title="Summary",
    hint="What happened, in words that somebody from another team understands?",
    required=True,
    fill=Fill.SUMMARY,
)
_IMPACT = SectionKind(
    id="impact",
    title="Impact",
    hint="Who was affected, how many, how, and for how long?",
    required=True,
    fill=Fill.IMPACT,
)
_TIMELINE = SectionKind(id="timeline", title="Timeline", fill=Fill.TIMELINE)
_FACTORS = SectionKind(
    id="factors",
    title="Contributing factors",
    hint="What made it possible, more likely or longer? There is never only one.",
    required=True,
    fill=Fill.FACTORS,
)
_RESPONDERS = SectionKind(id="responders", title="Responders", fill=Fill.RESPONDERS)
_MESSAGES = SectionKind(id="messages", title="Messages", fill=Fill.MESSAGES)
_ACTIONS = SectionKind(id="actions", title="Action items", fill=Fill.ACTIONS)
_WELL = SectionKind(id="went_well", title="What went well", hint="What helped, and would help again?")
_HARD = SectionKind(id="was_hard", title="What was hard", hint="Where did people have to improvise or wait?")

TEMPLATES: tuple[ReviewTemplate, ...] = (
    ReviewTemplate(
        id=DEFAULT_TEMPLATE,
        title="Standard",
        sections=(
            _SUMMARY,
            _IMPACT,
            _TIMELINE,
            SectionKind(
                id="detection",
                title="Detection",
                hint="How did we notice, and what would have shown it sooner?",
                fill=Fill.DETECTION,
            ),
            _FACTORS,
            SectionKind(id="mitigators", title="Mitigators", hint="What kept it from being worse?"),
            _WELL,
            _HARD,
            SectionKind(id="was_lucky", title="Where we were lucky", hint="What could just as well have gone wrong?"),
            _RESPONDERS,
            _MESSAGES,
            _ACTIONS,
        ),
    ),
    ReviewTemplate(
        id="pagerduty",
        title="PagerDuty style",
        sections=(
            SectionKind(
                id="overview",
                title="Overview",
                hint="Two or three sentences: what was wrong, for whom, and how it ended.",
                required=True,
                fill=Fill.SUMMARY,
            ),
            SectionKind(
                id="what_happened", title="What happened", hint="The story in the order in which people lived it."
            ),
            _FACTORS,
            SectionKind(
                id="resolution", title="Resolution", hint="What ended the impact, and how?", fill=Fill.RESOLUTION
            ),
            _IMPACT,
            _RESPONDERS,
            _TIMELINE,
            SectionKind(id="how_we_did", title="How did we do", hint="What went well, and what did not?"),
            _ACTIONS,
            _MESSAGES,
        ),
    ),
    ReviewTemplate(
        id="google-sre",
        title="Google SRE style",
        sections=(
            _SUMMARY,
            _IMPACT,
            SectionKind(
                id="causes",
                title="Causes",
                hint="What had to be true, all together, for this to happen?",
                required=True,
                fill=Fill.FACTORS,
            ),
            SectionKind(id="trigger", title="Trigger", hint="What set it off just then?"),
            SectionKind(
                id="resolution", title="Resolution", hint="What ended the impact, and how?", fill=Fill.RESOLUTION
            ),
            SectionKind(
                id="detection",
                title="Detection",
                hint="How did we notice, and how long did it take?",
                fill=Fill.DETECTION,
            ),
            _ACTIONS,
            _WELL,
            SectionKind(id="went_wrong", title="What went wrong", hint="What made it harder or longer?"),
            SectionKind(id="was_lucky", title="Where we were lucky", hint="What could just as well have gone wrong?"),
            _TIMELINE,
        ),
    ),
    ReviewTemplate(
        id="learning",
        title="Learning review",
        sections=(
            _SUMMARY,
            SectionKind(
                id="as_lived",
                title="As people lived it",
                hint="What did each of us know, and when? What did it look like at that moment?",
                required=True,
            ),
            _TIMELINE,
            SectionKind(
                id="sense",
                title="How it made sense",
                hint="What made each decision the sensible thing to do just then?",
            ),
            SectionKind(
                id="surprises", title="Surprises", hint="Where did the system behave other than we thought it would?"
            ),
            _FACTORS,
            SectionKind(id="mitigators", title="Mitigators", hint="What kept it from being worse?"),
            SectionKind(id="risks", title="Risks", hint="What is still there, and could meet us again?"),
            SectionKind(id="learnings", title="Learnings", hint="What do we know now that we did not know before?"),
            _RESPONDERS,
            _ACTIONS,
        ),
    ),
)
