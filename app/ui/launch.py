"""How the chat's server is started, from any folder: every option is passed, no config file is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.ui import theme

if TYPE_CHECKING:
    from app.config import Settings

SCRIPT = Path(__file__).with_name("serve.py")

# What is the same for everyone: nothing phones home, nothing is watched, no stack trace reaches the page.
FIXED: dict[str, object] = {
    "global.developmentMode": False,
    "server.headless": True,
    "server.showEmailPrompt": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableXsrfProtection": True,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "client.showSidebarNavigation": False,
    # Else every thread waits for a search through all of memory after each run of the script: with LangChain
    # in it a quarter of a second at each click. Python collects garbage by itself.
    "runner.postScriptGC": False,
    "logger.level": "warning",
    # It asks a server on the internet for this machine's address, to greet with it.
    "logger.hideWelcomeMessage": True,
}


def command(settings: Settings, port: int) -> list[str]:
    """The command line that serves the chat on `settings.host` and `port` until it is ended."""
    chosen = {
        "server.address": settings.host,
        "server.port": port,
        "server.maxUploadSize": settings.max_upload_mb,
    }
    options = FIXED | chosen | theme.options()
    flags = [f"--{name}={_spell(value)}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(SCRIPT), *flags]


def _spell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
