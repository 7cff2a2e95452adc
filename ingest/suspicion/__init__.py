"""Text that talks to a model instead of to the reader, found without a model.

A document is data, whatever it says. `examine` names the stretches of its passages that read like instructions
to an assistant, and why; what no reader can see is told apart by the readers of files (`hidden`). Nothing here
decides what becomes of them: that is said where they are used.
"""

from __future__ import annotations

from ingest.suspicion.examine import Finding, examine
from ingest.suspicion.normal import visible

__all__ = ["Finding", "examine", "visible"]
