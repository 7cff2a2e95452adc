"""`docent ui`: serve the chat in the browser."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli import common
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from types import FrameType

PORTS_TO_TRY = 50


def command(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="First port to try; default: DOCENT_PORT.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on; default: DOCENT_HOST.")] = None,
) -> None:
    """Serve the chat, on the first free port from DOCENT_PORT on."""
    settings = common.settings(port=port, host=host)
    from app.ui.launch import command as streamlit_command

    chosen = free_port(settings.host, settings.port)
    shown = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    # Streamlit's own greeting goes nowhere: it names addresses that this server may not listen on.
    server = subprocess.Popen(streamlit_command(settings, chosen), stdout=subprocess.DEVNULL)  # noqa: S603 - our own list
    told = _passing_on(server)
    try:
        if _answers(server, f"http://{shown}:{chosen}/_stcore/health"):
            typer.echo(f"Docent is at http://{shown}:{chosen}  (Ctrl-C ends it)")
        status = server.wait()
    except KeyboardInterrupt:  # the terminal sent it to the server as well
        server.wait()
        status = 0
    # One that was told so early that it had not begun to listen to it has ended as it was asked to.
    raise typer.Exit(0 if told and status == -signal.SIGTERM else status)


def _passing_on(server: subprocess.Popen[bytes]) -> list[int]:
    """Tell the server what this process is told, as by a container's runtime; what it was told."""
    told: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        told.append(number)
        server.terminate()

    signal.signal(signal.SIGTERM, pass_on)
    return told


def _answers(server: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server answers; False if it ended before."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return True
        except OSError:
            time.sleep(0.03)
    return False


def free_port(host: str, first: int) -> int:
    """The first port from `first` on where a server can listen.

    Raises:
        ConfigurationError: none is free, or the address is not one of this machine's.
    """
    for port in range(first, min(first + PORTS_TO_TRY, 65536)):
        if _is_free(host, port):
            return port
    raise ConfigurationError(
        f"No free port for DOCENT_HOST={host!r} from DOCENT_PORT={first} on. "
        "Set DOCENT_PORT to another number, or DOCENT_HOST to an address of this machine."
    )


def _is_free(host: str, port: int) -> bool:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True
