"""Handoffs: planned for every shift change, offered to both people, and who is responsible meanwhile."""

from usecases.handoffs.answers import Answered, accept, decline, to_decline, write_notes
from usecases.handoffs.duty import responsible
from usecases.handoffs.planning import CLOSE, EXPIRE, OFFER, REMIND, plan_all, replan
from usecases.handoffs.telling import CARD, REMINDER
from usecases.handoffs.timed import run_close, run_expire, run_offer, run_remind
from usecases.handoffs.views import HandoffView, handoff_view, of_person, of_schedule

__all__ = [
    "CARD",
    "CLOSE",
    "EXPIRE",
    "OFFER",
    "REMIND",
    "REMINDER",
    "Answered",
    "HandoffView",
    "accept",
    "decline",
    "handoff_view",
    "of_person",
    "of_schedule",
    "plan_all",
    "replan",
    "responsible",
    "run_close",
    "run_expire",
    "run_offer",
    "run_remind",
    "to_decline",
    "write_notes",
]
