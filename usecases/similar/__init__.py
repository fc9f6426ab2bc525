"""Which incidents are alike, why, and what fixed the earlier ones."""

from usecases.similar.looking import follow, run_look
from usecases.similar.views import Likely, alike

__all__ = ["Likely", "alike", "follow", "run_look"]
