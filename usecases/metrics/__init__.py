"""Figures: how long things take, how often they come again, and how handoffs and changes go."""

from usecases.metrics.figures import Figures, figures

__all__ = ["Figures", "figures"]
