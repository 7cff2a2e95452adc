"""What is known about a model's answer beside its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.schemas import Said, Sampling, Tokens

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


@dataclass
class Reply:
    """What is known about a model's answer beside its words; complete when the stream has ended.

    Attributes:
        model: "provider:model" that answered.
        sampling: what it was asked with, after what it does not accept was left out.
        response_id: what the server calls this answer.
        prompt: the messages as they were sent.
        finish: why it stopped: "stop", "length", "content_filter", …
    """

    model: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    fingerprint: str | None = None
    tokens: Tokens = field(default_factory=Tokens)
    finish: str | None = None
    response_id: str | None = None
    prompt: tuple[Said, ...] = ()

    def add(self, chunk: AIMessage) -> None:
        metadata: dict[str, Any] = chunk.response_metadata
        self.model = metadata.get("answered_by") or self.model
        self.sampling = metadata.get("sampling") or self.sampling
        self.fingerprint = metadata.get("system_fingerprint") or self.fingerprint
        self.finish = metadata.get("finish_reason") or self.finish
        self.prompt = metadata.get("prompt") or self.prompt
        self.response_id = metadata.get("response_id") or self.response_id
        if usage := chunk.usage_metadata:
            self.tokens = Tokens(
                prompt=usage["input_tokens"], completion=usage["output_tokens"], total=usage["total_tokens"]
            )
