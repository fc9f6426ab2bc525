"""Stakeholder updates: written, approved where the organisation wants that, sent to everybody who should hear of it."""
