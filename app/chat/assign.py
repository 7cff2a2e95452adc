"""A step of a chain that adds to the state, without threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from langchain_core.runnables import Runnable, RunnableConfig, RunnableGenerator
from langchain_core.runnables.utils import AddableDict

State = dict[str, Any]


def assign(**step: Runnable[State, Any]) -> Runnable[State, State]:
    """Adds what a step makes of the state, as `RunnablePassthrough.assign` does, but starts no thread.

    The threads of that one are joined when a stream is left and when Python ends, so that a server that
    hangs would hold up both.
    """
    [(name, runnable)] = step.items()

    def transform(states: Iterator[State], config: RunnableConfig) -> Iterator[State]:
        state = AddableDict()
        for one in states:
            state += AddableDict(one)
            yield AddableDict(one)
        for piece in runnable.stream(state, config):
            yield AddableDict({name: piece})

    async def atransform(states: AsyncIterator[State], config: RunnableConfig) -> AsyncIterator[State]:
        state = AddableDict()
        async for one in states:
            state += AddableDict(one)
            yield AddableDict(one)
        async for piece in runnable.astream(state, config):
            yield AddableDict({name: piece})

    # The library looks whether a generator takes `config`; its types do not know.
    return RunnableGenerator(cast(Any, transform), cast(Any, atransform), name=name)
