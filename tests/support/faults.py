"""A proxy on loopback that behaves as badly as servers and networks do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Fault:
    """What the proxy does to connections that are made from now on.

    Attributes:
        delay: seconds by which each piece of an answer is late.
        cut_after: bytes of requests after which the connection is cut, in the middle of whatever it carries.
        cut_answers_after: the same for bytes of answers: the server has done what it was asked.
        status, headers: an answer over HTTP that is given in the server's place.
        times: how many connections suffer; the others go through.
    """

    delay: float = 0.0
    cut_after: int | None = None
    cut_answers_after: int | None = None
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    times: float = float("inf")


class FaultProxy:
    """A TCP proxy before `host:port`; a context. Each change of its behaviour cuts what is connected.

    Attributes:
        port: where it listens, also after it was down.
        connections: how many were made, those that were cut or answered by the proxy included.
        requests: the first line and headers of every HTTP request, as far as they came in one piece.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._fault = Fault(times=0)
        self._lock = threading.Lock()
        self._live: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.connections = 0
        self.requests: list[str] = []
        self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()

    def heal(self) -> None:
        """Pass everything on from now on."""
        self.behave(Fault(times=0))

    def refuse(self) -> None:
        """Nothing listens any more: the server is down."""
        self._unlisten()
        self._cut_all()

    def behave(self, fault: Fault) -> None:
        """Suffer this, on new connections."""
        with self._lock:
            self._fault = fault
        self._cut_all()
        if self._listener is None:
            self._listen()

    # -- connections -------------------------------------------------------------------------------

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port, self._listener = listener.getsockname()[1], listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _unlisten(self) -> None:
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # or accept() goes on
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client, self._take()), daemon=True).start()

    def _take(self) -> Fault:
        """What the next connection suffers."""
        with self._lock:
            fault = self._fault
            if fault.times <= 0:
                return Fault()
            self._fault = replace(fault, times=fault.times - 1)
            return fault

    def _serve(self, client: socket.socket, fault: Fault) -> None:
        if fault.status:
            self._answer(client, fault)
            return
        try:
            server = socket.create_connection(self._target, timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        with self._lock:
            self._live |= {client, server}
        threading.Thread(target=self._answers, args=(client, server, fault), daemon=True).start()
        self._requests(client, server, fault)

    def _requests(self, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        left = fault.cut_after
        with suppress(OSError):
            while piece := client.recv(_PIECE):
                self._note(piece)
                if left is not None and len(piece) >= left:
                    server.sendall(piece[:left])
                    break
                left = None if left is None else left - len(piece)
                server.sendall(piece)
        self._cut([client, server])

    def _answers(self, client: socket.socket, server: socket.socket, fault: Fault) -> None:
        left = fault.cut_answers_after
        with suppress(OSError):
            while piece := server.recv(_PIECE):
                if fault.delay:
                    time.sleep(fault.delay)
                if left is not None and len(piece) >= left:
                    client.sendall(piece[:left])
                    break
                left = None if left is None else left - len(piece)
                client.sendall(piece)
        self._cut([client, server])

    def _answer(self, client: socket.socket, fault: Fault) -> None:
        """Read a request whole, so that the client reads the answer, and give it."""
        client.settimeout(5)
        with client, suppress(OSError):
            got = b""
            while b"\r\n\r\n" not in got:
                if not (piece := client.recv(_PIECE)):
                    return
                got += piece
            self._note(got)
            head, _, body = got.partition(b"\r\n\r\n")
            while len(body) < _length(head) and (piece := client.recv(_PIECE)):
                body += piece
            said = '{"error":"Fault","message":"as the test wants it"}'
            headers = [("Content-Type", "application/json"), ("Connection", "close"), *fault.headers]
            lines = [f"HTTP/1.1 {fault.status} Fault", f"Content-Length: {len(said)}"]
            lines += [f"{name}: {value}" for name, value in headers]
            client.sendall(("\r\n".join(lines) + "\r\n\r\n" + said).encode())

    def _note(self, piece: bytes) -> None:
        head = piece.partition(b"\r\n\r\n")[0]
        if b" HTTP/1." in head[:_PIECE].split(b"\r\n")[0]:
            self.requests.append(head.decode("latin-1"))

    def _cut_all(self) -> None:
        with self._lock:
            live = list(self._live)
        self._cut(live)

    def _cut(self, sockets: Iterable[socket.socket]) -> None:
        for each in sockets:
            with self._lock:
                self._live.discard(each)
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
