"""What a model sent, word for word: text, arguments of tool calls, a refusal, and why it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.answers.generation.json_text import CutOff, Problem, breaks_off_in, unwrapped

if TYPE_CHECKING:
    from langchain_core.messages import AIMessageChunk

    from app.llm.forms import Form


@dataclass
class Said:
    """The pieces of a stream, put together.

    Attributes:
        text: thoughts and all.
        calls: the arguments of each tool call, by its place.
        refusal: the words with which the model declined, where its server knows such.
        finish: why it stopped.
        form: how the model was held to the schema.
    """

    text: str = ""
    calls: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    finish: str = ""
    form: Form = "text"

    def add(self, chunk: AIMessageChunk) -> None:
        self.text += chunk.text
        self.form = chunk.response_metadata.get("form", self.form)
        self.finish = chunk.response_metadata.get("finish_reason") or self.finish
        said: Mapping[str, Any] = chunk.additional_kwargs.get("said", {})
        self.refusal += said.get("refusal", "")
        calls = said.get("tool_calls") or ()
        for call in calls:
            self._called(self._place(call), call.get("function") or {})
        # llama-cpp-python says the same twice, in the old way and in the new one.
        if not calls and "function_call" in said:
            self._called("0", said["function_call"])

    def _place(self, call: Mapping[str, Any]) -> str:
        """Servers number calls, or name them; a piece with neither goes on with the last one."""
        place = call.get("index", call.get("id"))
        return str(place) if place is not None else next(reversed(self.calls), "0")

    def _called(self, place: str, function: Mapping[str, Any]) -> None:
        given = function.get("arguments") or ""
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        self.calls[place] = self.calls.get(place, "") + text

    @property
    def written(self) -> str:
        """What is to be the object: the call where one was asked for, or nothing else came."""
        text = unwrapped(self.text, prose=self.form == "text")
        called = next(iter(self.calls.values()), "").strip()
        return called if called and (self.form == "function_calling" or not text) else text

    def whole(self) -> str:
        """The object's text.

        Raises:
            Problem: there are several objects, or the server held it back.
            CutOff: the model stopped at its longest length.
        """
        if self.finish == "length":
            raise CutOff(breaks_off_in(self.written), "the answer was cut off; raise DOCENT_MAX_TOKENS")
        if self.finish == "content_filter":
            raise Problem("", "the server held the answer back (content filter)")
        if len({one.strip() for one in self.calls.values()}) > 1:
            raise Problem("", f"{len(self.calls)} tool calls came instead of one object")
        return self.written

    @property
    def as_words(self) -> str:
        """The words of an answer that holds nothing of an object; "" if it does, or says nothing."""
        text = self.written
        return "" if any(sign in text for sign in "{[") else text
