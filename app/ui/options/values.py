"""What a conversation is asked with: collection, form, model, filters and sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.sampling import Preset, SeedMode, draw_seed, preset_of
from app.schemas import Mode, PromptChoice, Question, Sampling, Turn
from app.ui import filter_box, only_box

if TYPE_CHECKING:
    from app.config import Settings
    from app.history import Conversation

TEXT = ""
"""The form of a plain answer; any other form is the name of a schema."""


class Options(BaseModel):
    """Kept with each conversation.

    Attributes:
        form: "" for an answer in words, else the name of a schema.
        keep_unsupported: whether values of a form that nothing supports stay in it, marked.
        model: "" for the configured one, "none" for answers without a model, else "provider:model".
        seed: the one of `SeedMode.FIXED`; None leaves it to the server.
        drawn: the one of `SeedMode.CONVERSATION`, from the first question on that is asked so.
        max_tokens: None is the limit that the settings say.
        filters: each "field:value"; only passages that match are searched.
        prompt: role, style and examples that answers are worded by.
        free: talk to the model without the documents, where the settings allow that.
        only: ids of the only files that are asked, until that is lifted; () for all.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    collection: str
    form: str = TEXT
    keep_unsupported: bool = False
    model: str = ""
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed_mode: SeedMode = SeedMode.RANDOM
    seed: int | None = None
    drawn: int | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    top_k: int = Field(default=6, ge=1, le=50)
    filters: tuple[str, ...] = ()
    prompt: PromptChoice = PromptChoice()
    free: bool = False
    only: tuple[str, ...] = ()

    @classmethod
    def initial(cls, settings: Settings) -> Options:
        """What the settings say."""
        return cls(
            collection=settings.collection,
            temperature=settings.temperature,
            top_p=settings.top_p,
            seed_mode=_mode(settings.seed),
            seed=settings.seed,
            max_tokens=settings.max_tokens,
            top_k=settings.top_k,
            keep_unsupported=settings.typed_unsupported == "keep",
        )

    @classmethod
    def of(cls, conversation: Conversation, settings: Settings) -> Options:
        """Those of a conversation."""
        return cls.restored({**conversation.settings, "collection": conversation.collection}, settings)

    @classmethod
    def restored(cls, kept: dict[str, Any], settings: Settings) -> Options:
        """From what was kept; what does not fit any more gives way to the settings."""
        initial = cls.initial(settings)
        if "seed_mode" not in kept and "seed" in kept:  # kept before there was a choice
            kept = {**kept, "seed_mode": _mode(kept["seed"])}
        try:
            found = cls.model_validate({**initial.model_dump(), **kept})
            return found.model_copy(update={"free": found.free and settings.free_chat})
        except ValidationError:
            return initial

    @property
    def mode(self) -> Mode:
        return Mode.FREE if self.free else Mode.DOCUMENTS

    def kept(self) -> dict[str, Any]:
        """What a conversation keeps beside its collection."""
        return self.model_dump(mode="json", exclude={"collection"})

    # -- sampling --------------------------------------------------------------------------------

    @property
    def preset(self) -> Preset | None:
        """The preset that these are the values of; None for values of one's own."""
        return preset_of(self.temperature, self.top_p)

    def with_preset(self, preset: Preset) -> Options:
        return self.model_copy(update={"temperature": preset.temperature, "top_p": preset.top_p})

    def settled(self) -> Options:
        """With what is drawn once for a conversation."""
        if self.seed_mode is not SeedMode.CONVERSATION or self.drawn is not None:
            return self
        return self.model_copy(update={"drawn": draw_seed()})

    def for_another(self) -> Options:
        """What the next new conversation begins with: the same, but it asks the documents."""
        return self.model_copy(update={"free": False, "drawn": None, "only": ()})

    def sampling(self) -> Sampling:
        """How one answer is to be drawn; a random seed is another one each time."""
        seeds = {SeedMode.FIXED: self.seed, SeedMode.CONVERSATION: self.drawn}
        seed = seeds[self.seed_mode] if self.seed_mode in seeds else draw_seed()
        return Sampling(temperature=self.temperature, seed=seed, top_p=self.top_p, max_tokens=self.max_tokens)

    def where(self, text: str) -> dict[str, Any]:
        """What a question with these words is limited to; files that it names itself go before those here."""
        from app.chat.retrieve.query import mentions

        chosen = dict(filter_box.where(self.filters, self.collection))
        if not mentions(text) and (files := only_box.held(self)):
            chosen["file_id"] = tuple(files)
        return chosen

    def question(self, text: str, history: tuple[Turn, ...]) -> Question:
        return Question(
            text=text,
            history=history,
            sampling=self.sampling(),
            top_k=self.top_k,
            model=self.model or None,
            where={} if self.free else self.where(text),
            mode=self.mode,
            form="" if self.free else self.form,
            keep_unsupported=self.keep_unsupported if self.form and not self.free else None,
            prompt=self.prompt,
        )


def _mode(seed: object) -> SeedMode:
    return SeedMode.RANDOM if seed is None else SeedMode.FIXED
