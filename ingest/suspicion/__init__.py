"""Text that talks to a model instead of to the reader, and text that no reader sees, found without a model.

A document is data, whatever it says. `examine` names the stretches of its passages that read like
instructions to an assistant, and why; `parted` tells what is hidden from what is seen. What becomes of them
in a prompt and on a page is said there.
"""

from __future__ import annotations

from ingest.suspicion.examine import QUESTION, Finding, examine
from ingest.suspicion.hidden import code_of, is_hidden, parted, way_of
from ingest.suspicion.normal import visible

__all__ = ["QUESTION", "Finding", "code_of", "examine", "is_hidden", "parted", "visible", "way_of"]
