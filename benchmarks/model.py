"""A language model's server that says so many words at a fixed pace, with the tag of the question in them.

usage: python benchmarks/model.py PORT [--words 60] [--per-second 50] [--first 0.0] [--answers FILE]

With a file of answers (JSON: a part of a question -> what is said to it), those questions get them.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--per-second", type=float, default=50)
    parser.add_argument("--first", type=float, default=0.0, help="seconds before the first word")
    parser.add_argument("--answers", type=Path, help="a JSON file")
    given = parser.parse_args()
    answers = json.loads(given.answers.read_text(encoding="utf-8")) if given.answers else {}
    handler = _handler(given.words, 1 / given.per_second, given.first, answers)
    Server(("127.0.0.1", given.port), handler).serve_forever()


class Server(ThreadingHTTPServer):
    """Lets as many connect at once as there are sessions."""

    request_queue_size = 128


def said(body: dict[str, Any], words: int, answers: dict[str, str]) -> list[str]:
    """The answer, word by word; a question's `#tag` comes back in it."""
    asked = str(body["messages"][-1]["content"])
    known = next((answer for part, answer in answers.items() if part in asked), None)
    if known is not None:
        return known.split(" ")
    tag = (re.findall(r"#[\w-]+", asked) or ["#none"])[-1]
    return ["Leave", "is", "25", "days", "[1]", "for", tag, *(f"word{n}" for n in range(words - 8)), "[1]."]


def _handler(words: int, pause: float, first: float, answers: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": "paced", "object": "model"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = said(body, words, answers)
            base = {"id": "1", "created": 1, "model": body["model"], "system_fingerprint": "paced-1"}
            time.sleep(first)
            if body.get("stream"):
                self._stream(base, answer)
                return
            message = {"role": "assistant", "content": " ".join(answer)}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            self._send({**base, "object": "chat.completion", "choices": [choice]})

        def _stream(self, base: dict[str, Any], answer: list[str]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            try:
                began = time.perf_counter()
                for n, word in enumerate(answer):
                    time.sleep(max(0.0, began + n * pause - time.perf_counter()))
                    self._event(base, {"content": f"{word} "}, None)
                self._event(base, {}, "stop")
                self.wfile.write(b"data: [DONE]\n\n")
            except OSError:
                pass  # whoever asked has left

        def _event(self, base: dict[str, Any], delta: dict[str, str], finish: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            event = {**base, "object": "chat.completion.chunk", "choices": [choice]}
            self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            self.wfile.flush()

        def _send(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


if __name__ == "__main__":
    main()
