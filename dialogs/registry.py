"""All forms, by name. A new form is one line here."""

from bot.turn import Form, Verb
from dialogs import (
    action,
    assign,
    cancel,
    care,
    change,
    declare,
    drill,
    escalate,
    handoff,
    maintenance,
    note,
    override,
    pick,
    problem,
    reopen,
    resolve,
    review,
    status,
    swap,
    update,
)

FORMS: tuple[Form, ...] = (
    declare.FORM,
    note.FORM,
    status.FORM,
    assign.FORM,
    escalate.FORM,
    resolve.FORM,
    reopen.FORM,
    pick.FORM,
    drill.FORM,
    *action.FORMS,
    *review.FORMS,
    *problem.FORMS,
    *handoff.FORMS,
    override.FORM,
    *maintenance.FORMS,
    swap.FORM,
    *care.FORMS,
    *change.FORMS,
    update.FORM,
)
VERBS: tuple[Verb, ...] = (*cancel.VERBS, *(verb for form in FORMS for verb in form.verbs))
