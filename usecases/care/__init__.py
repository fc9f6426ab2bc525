"""Planned care: maintenance that comes back by itself, is done with evidence, and shows when it is neglected."""
