"""The weekly digest: what happened, what is open and what comes, for a team's channel and for the whole organisation."""

from usecases.digests.making import Digest, Section, digest_of
from usecases.digests.posting import LETTER, POST, is_muted, mute, plan_all, posted_in, run_post

__all__ = ["LETTER", "POST", "Digest", "Section", "digest_of", "is_muted", "mute", "plan_all", "posted_in", "run_post"]
