"""What a model sent, put together."""

from __future__ import annotations

from langchain_core.messages import AIMessageChunk

from app.answers.generation.said import Said


def test_a_call_that_is_told_twice_is_one_call():
    said = Said()
    for piece in ('{"days"', ": 25}"):
        function = {"name": "Leave", "arguments": piece}
        told = {"tool_calls": [{"index": 0, "id": "1", "function": function}], "function_call": function}
        said.add(AIMessageChunk(content="", additional_kwargs={"said": told}))
    assert said.written == '{"days": 25}'
