"""How well an embedding model reads a text, judged by the scripts the text is written in.

A tokenizer that knows a language has tokens for its words; one that does not spells them out or calls
them unknown. Characters a token tell the two apart: all-MiniLM-L6-v2 has 5 on English and 0.7 on Korean.
Single questions are too short to measure (one unknown word of six letters is one token), so the model is
measured once per script, on a passage of our own, and a text is read as far as its letters are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from vectorstore.embeddings.base import EmbeddingModel, characters_per_token


@dataclass(frozen=True)
class _Script:
    """A script, and how many characters a token stand for being spelled out and for being read.

    Attributes:
        passage: everyday prose to measure a model with.
    """

    letters: re.Pattern[str]
    blind: float
    fluent: float
    passage: str


_SCRIPTS = {
    "latin": _Script(
        re.compile(r"[A-Za-z\u00c0-\u024f]"),
        1.2,
        2.2,
        "Every employee may take paid leave after the first three months. Requests go to the team's manager, "
        "who answers within five working days. Travel costs are refunded when the receipts are complete.",
    ),
    "hangul": _Script(
        re.compile(r"[가-힣]"),
        1.0,
        1.3,
        "모든 직원은 입사 후 석 달이 지나면 유급 휴가를 쓸 수 있다. 신청서는 부서장에게 제출하며, 부서장은 "
        "다섯 영업일 안에 답한다. 출장비는 영수증이 모두 있을 때 지급되고, 다른 비용은 먼저 승인받는다.",
    ),
    "han": _Script(
        re.compile(r"[\u3400-\u9fff\u3040-\u30ff]"),
        1.05,
        1.25,
        "所有员工在入职三个月后可以申请带薪休假。申请应提交给部门经理，经理在五个工作日内答复。"
        "社員は入社して三か月後から有給休暇を取得できます。出張費は領収書がそろえば支払われます。",
    ),
    "cyrillic": _Script(
        re.compile(r"[\u0400-\u04ff]"),
        1.4,
        2.2,
        "Каждый сотрудник может взять оплачиваемый отпуск после первых трёх месяцев работы. Заявление подают "
        "руководителю отдела, который отвечает в течение пяти рабочих дней.",
    ),
    "arabic": _Script(
        re.compile(r"[\u0600-\u06ff]"),
        1.4,
        2.0,
        "يحق لكل موظف أن يأخذ إجازة مدفوعة بعد الأشهر الثلاثة الأولى. يقدم الطلب إلى مدير القسم الذي يجيب "
        "خلال خمسة أيام عمل.",
    ),
}


class Readability:
    """What one model reads. A server's model is taken to read everything: its tokenizer is not here."""

    def __init__(self, model: EmbeddingModel) -> None:
        self._model = model

    @property
    def reads_everything(self) -> bool:
        """Whether no script is dark to the model, so that texts need not be looked at."""
        return all(share == 1.0 for share in self._scripts.values())

    def share(self, text: str) -> float:
        """The share of the text's letters that the model reads, in [0, 1]; 1 for a text without letters."""
        if text.isascii():
            return self._scripts["latin"]
        letters = {name: len(script.letters.findall(text)) for name, script in _SCRIPTS.items()}
        total = sum(letters.values())
        return sum(count * self._scripts[name] for name, count in letters.items()) / total if total else 1.0

    def reads(self, text: str) -> bool:
        """Whether the model reads most of the text."""
        mostly_ascii = len(text.encode(errors="replace")) < 1.25 * len(text)  # 60 times faster than counting
        return self._scripts["latin"] > 0.5 if mostly_ascii else self.share(text) > 0.5

    def told(self, text: str) -> str:
        """What is worth embedding of a passage: all of it, or half of one that the model only spells out.

        The vector of such a passage has no vote in a search. It only tells near-duplicates from others, for
        which a half does, and spelling costs three times the tokens of reading.
        """
        return text if self.reads_everything or self.reads(text) else text[: -(-len(text) // 2)]

    @cached_property
    def _scripts(self) -> Mapping[str, float]:
        if self._model.identity.model.startswith("openai:"):
            return dict.fromkeys(_SCRIPTS, 1.0)
        return {name: self._measured(script) for name, script in _SCRIPTS.items()}

    def _measured(self, script: _Script) -> float:
        characters = characters_per_token(self._model, [script.passage])
        return min(1.0, max(0.0, (characters - script.blind) / (script.fluent - script.blind)))
