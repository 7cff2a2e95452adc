"""A copy of a FAISS index on a graphics card, where faiss-gpu is installed and there is one."""

from __future__ import annotations

import logging
from typing import Any

from app.config import Settings
from app.errors import ConfigurationError
from vectorstore.faiss.kinds import FLAT, IVF

logger = logging.getLogger(__name__)

# Those that FAISS has for a card. Searches with a filter stay with the processor: none there takes one.
_KINDS = (FLAT, IVF)


def on_gpu(index: Any, kind: str, settings: Settings) -> Any:
    """The copy; None where there is no card, none is wanted, or the kind is none for it.

    Raises:
        ConfigurationError: a card is wanted, and there is none.
    """
    import faiss

    if settings.faiss_gpu == "off":
        return None
    if not getattr(faiss, "get_num_gpus", int)():
        if settings.faiss_gpu == "on":
            raise ConfigurationError(
                "DOCENT_FAISS_GPU=on: this FAISS knows of no graphics card. Install faiss-gpu in "
                " place of faiss-cpu on a machine with one, or set DOCENT_FAISS_GPU=auto."
            )
        return None
    if kind not in _KINDS:
        return None
    try:
        return faiss.index_cpu_to_all_gpus(index)
    except RuntimeError as error:
        logger.warning("The index stays with the processor: %s", error)
        return None
