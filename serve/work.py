"""What is done with a body: what is small at once, what is large beside the event loop and never much at a time."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import falcon.asgi

from serve import body

T = TypeVar("T")
# Read and predicted in the event loop, as that takes no longer than a millisecond or two.
SMALL = 1 << 14


class Work:
    """For one worker; shared by all paths that predict."""

    def __init__(self, max_body: int) -> None:
        """Take bodies of so many bytes, and of larger ones than `SMALL` no more than that at once."""
        self.max_body = max_body
        self.room = Room(max_body)
        # ONNX Runtime lets other threads run meanwhile: a worker that has several large bodies can use all processors.
        self.turns = asyncio.Semaphore(len(os.sched_getaffinity(0)))

    async def on(self, req: falcon.asgi.Request, compute: Callable[[bytes], T]) -> T:
        """What a function makes of the request's body.

        Raises:
            falcon.HTTPContentTooLarge: The body is larger than may be.
            UnfinishedError: It does not come.
        """
        length = req.content_length
        if length is not None and length <= SMALL:
            return compute(await req.stream.read())
        if length is not None and length > self.max_body:
            await body.read(req, self.max_body)
        begun = await req.stream.read(SMALL + 1)
        if len(begun) <= SMALL and req.stream.eof:
            return compute(await body.read(req, self.max_body, begun))
        # It goes on when the client has gone: a thread cannot be stopped, and its memory counts until it has ended.
        return await asyncio.shield(asyncio.create_task(self.large(req, begun, compute)))

    async def large(self, req: falcon.asgi.Request, begun: bytes, compute: Callable[[bytes], T]) -> T:
        """The same for a body that is not small."""
        async with self.room.taken(min(req.content_length or self.max_body, self.max_body)):
            content = await body.read(req, self.max_body, begun)
            async with self.turns:
                return await asyncio.get_running_loop().run_in_executor(None, compute, content)


class Room:
    """So much of something; who does not fit in waits."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, size: int) -> AsyncIterator[None]:
        """Have so much of it, no more than there is in all."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.left >= size)
            self.left -= size
        try:
            yield
        finally:
            async with self.changed:
                self.left += size
                self.changed.notify_all()
