"""What is done with a body: what is small at once, what is large beside the event loop and never much at a time."""

import asyncio
import os
from collections.abc import Callable

import falcon
import falcon.asgi

from alpenglow._serve import body, compression
from alpenglow._serve.process.room import Rooms
from alpenglow._serve.process.settings import growth

Answer = tuple[bytes, ...]  # one after the other
Compute = Callable[[bytes], Answer]
# Read and predicted in the event loop, as that takes no longer than a millisecond or two.
SMALL = 1 << 14


class Work:
    """For one worker; shared by all paths that predict."""

    def __init__(self, max_body: int, rooms: Rooms) -> None:
        """Take bodies of so many bytes, and those that are not small as there is room for them."""
        self.max_body = max_body
        self.rooms = rooms
        # ONNX Runtime lets other threads run meanwhile: a worker that has several large bodies can use all processors.
        self.turns = asyncio.Semaphore(len(os.sched_getaffinity(0)))

    async def on(self, req: falcon.asgi.Request, compute: Compute) -> Answer:
        """What a function makes of the request's body; if that is not small, it has room until it is sent.

        Raises:
            falcon.HTTPContentTooLarge: The body is larger than may be.
            UnfinishedError: It does not come.
            BusyError: There is no room for it, or for its answer.
        """
        answer = await self.computed(req, compute)
        size = sum(map(len, answer))
        if size > SMALL:
            req.scope["held"] = await self.rooms.passing.enter(size)
        return answer

    async def computed(self, req: falcon.asgi.Request, compute: Compute) -> Answer:
        """The same, without room for the answer."""
        length = req.content_length
        declared = compression.coding(req)
        if declared is None and length is not None and length <= SMALL:
            return compute(await req.stream.read())
        if length is not None and length > self.max_body:
            await body.read(req, self.max_body)
        begun = await req.stream.read(SMALL + 1)
        if len(begun) <= SMALL and req.stream.eof:
            whole = await body.read(req, self.max_body, begun)
            content = compression.unpacked(whole, declared, SMALL) if declared else whole
            if content is not None:
                return compute(content)
        # It goes on when the client has gone: a thread cannot be stopped, and its memory counts until it has ended.
        return await asyncio.shield(asyncio.create_task(self.large(req, begun, declared, compute)))

    async def large(self, req: falcon.asgi.Request, begun: bytes, declared: str | None, compute: Compute) -> Answer:
        """The same for a body that is not small; one that is compressed is in hand as what it may unpack to, too."""
        length = min(req.content_length or self.max_body, self.max_body)
        async with self.rooms.passing.of(length + (self.max_body if declared else 0)):
            content = await body.read(req, self.max_body, begun)
            if declared:
                content = await asyncio.get_running_loop().run_in_executor(None, self.unpacked, content, declared)
            return await self.beside(content, compute)

    def unpacked(self, content: bytes, declared: str) -> bytes:
        """A body that is compressed, as it was before."""
        whole = compression.unpacked(content, declared, self.max_body)
        if whole is None:
            raise falcon.HTTPContentTooLarge(
                description=f"at most {self.max_body} bytes are taken once unpacked: send the rows in smaller parts"
            )
        return whole

    async def beside(self, content: bytes, compute: Compute) -> Answer:
        """The same beside the event loop, once there is room for it."""
        async with self.rooms.computing.of(growth(len(content), not content.isascii())), self.turns:
            return await asyncio.get_running_loop().run_in_executor(None, compute, content)
