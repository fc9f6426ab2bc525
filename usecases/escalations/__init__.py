"""Escalations: who is paged, in which order, until somebody acknowledges."""

from usecases.escalations.by_hand import PATIENCE, PolicyTarget, bring_in, escalate, run_asked
from usecases.escalations.following import count_of, follow, join
from usecases.escalations.holding import RELEASE, plan_release, run_release
from usecases.escalations.planning import ASKED, QUIET, STEP, WAITING
from usecases.escalations.quiet import run_quiet
from usecases.escalations.refusals import hurry
from usecases.escalations.starting import run_waiting
from usecases.escalations.steps import run_step

__all__ = [
    "ASKED",
    "PATIENCE",
    "QUIET",
    "RELEASE",
    "STEP",
    "WAITING",
    "PolicyTarget",
    "bring_in",
    "count_of",
    "escalate",
    "follow",
    "hurry",
    "join",
    "plan_release",
    "run_asked",
    "run_quiet",
    "run_release",
    "run_step",
    "run_waiting",
]
