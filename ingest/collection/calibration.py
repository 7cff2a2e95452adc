"""The file beside a generation's indexes that says from which score on its passages are worth an answer.

Any process may write it: it is replaced at once, and what it says follows from the generation alone. Without
it, or with one that cannot be read, a collection is asked with the threshold of all.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from pydantic import ValidationError

from app.schemas import Calibration

FILE = "calibration.json"

_log = logging.getLogger(__name__)


def read(folder: Path) -> Calibration | None:
    try:
        return Calibration.model_validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _log.warning("%s is left out: %s", folder / FILE, error)
        return None


def write(folder: Path, measured: Calibration) -> None:
    part = folder / f"{FILE}.{os.getpid()}.part"
    try:
        part.write_text(measured.model_dump_json(), encoding="utf-8")
        part.replace(folder / FILE)
    except OSError as error:
        part.unlink(missing_ok=True)
        _log.warning("%s cannot be kept: %s", folder / FILE, error)
