"""What people thought of answers, as data sets in the layouts of TRL, to tune a model with."""

from app.tuning.cases import Case, Opinion, cases
from app.tuning.layouts import LAYOUTS, Layout, write

__all__ = ["LAYOUTS", "Case", "Layout", "Opinion", "cases", "write"]
