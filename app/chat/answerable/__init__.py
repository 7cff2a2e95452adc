"""From which score on a question is answered: measured with each collection's own texts."""

from app.chat.answerable.measure import calibrate, fits, fitted, scores_of

__all__ = ["calibrate", "fits", "fitted", "scores_of"]
