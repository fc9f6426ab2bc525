"""All forms, by name. A new form is one line here."""

from bot.turn import Form, Verb
from dialogs import assign, cancel, declare, note, pick, reopen, resolve, status

FORMS: tuple[Form, ...] = (
    declare.FORM,
    note.FORM,
    status.FORM,
    assign.FORM,
    resolve.FORM,
    reopen.FORM,
    pick.FORM,
)
VERBS: tuple[Verb, ...] = (*cancel.VERBS, *(verb for form in FORMS for verb in form.verbs))
