"""Maintenance windows: planned, approved by the other side, reminded of, ended with evidence and signed off."""

from usecases.maintenance.ending import finish, sign_off
from usecases.maintenance.found import to_offer, to_see
from usecases.maintenance.planning import Changed, cancel, extend, move, preview, recurrence_of, schedule, skip
from usecases.maintenance.telling import CARD, NOTE
from usecases.maintenance.timed import run_end, run_remind, run_start
from usecases.maintenance.views import MaintenanceList, MaintenanceView, maintenance_list, maintenance_view, may
from usecases.maintenance.work import END, REMIND, START

__all__ = [
    "CARD",
    "END",
    "NOTE",
    "REMIND",
    "START",
    "Changed",
    "MaintenanceList",
    "MaintenanceView",
    "cancel",
    "extend",
    "finish",
    "maintenance_list",
    "maintenance_view",
    "may",
    "move",
    "preview",
    "recurrence_of",
    "run_end",
    "run_remind",
    "run_start",
    "schedule",
    "sign_off",
    "skip",
    "to_offer",
    "to_see",
]
