"""Approvals: one mechanism for everything that somebody else has to agree to."""
