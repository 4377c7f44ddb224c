"""Memory for what is in hand, which all workers share: who does not fit in waits, and not for long."""

import asyncio
import fcntl
import mmap
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

from alpenglow._serve.process.worker import SLOTS

PAUSE = 0.005  # seconds until one looks again whether other workers have left room
PATIENCE = 5.0  # seconds that one waits: within what clients and proxies wait for an answer


class BusyError(Exception):
    """There is no room, and has not been for as long as anybody waits."""


class Rooms(NamedTuple):
    """For bodies and answers that are on their way, and for what is made of the bodies that are there."""

    passing: "Room"
    computing: "Room"

    def use(self, slot: int) -> None:
        """Take them for a worker; no other that lives has the same slot."""
        for room in self:
            room.use(slot)

    def forget(self, slot: int) -> None:
        """A worker is gone, with all that it had."""
        for room in self:
            room.forget(slot)


class Room:
    """So many bytes; made before the workers are forked, each of which has a slot."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = memoryview(mmap.mmap(-1, 8 * SLOTS)).cast("q")
        self.lock = os.memfd_create("room")  # that all workers have: the kernel lets go of a dead one's
        self.slot = 0
        self.turn = asyncio.Lock()  # who came first is first to get in

    def use(self, slot: int) -> None:
        """Take it for a worker; no other that lives has the same slot."""
        self.slot = slot % SLOTS
        self.turn = asyncio.Lock()

    def forget(self, slot: int) -> None:
        """A worker is gone, with all that it had."""
        self.taken[slot % SLOTS] = 0

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Have so much of it. What is more than there is in all gets in when there is nothing else.

        Raises:
            BusyError: There is none.
        """
        size = await self.enter(size)
        try:
            yield
        finally:
            self.leave(size)

    async def enter(self, size: int) -> int:
        """Take so much as soon as it is there, and say how much that is.

        Raises:
            BusyError: There is none.
        """
        size = min(size, self.size)
        try:
            await asyncio.wait_for(self.wait(size), PATIENCE)
        except TimeoutError:
            raise BusyError from None
        return size

    def leave(self, size: int) -> None:
        """Give back what has been taken."""
        with self.locked():
            self.taken[self.slot] -= size

    async def wait(self, size: int) -> None:
        """Take so much as soon as it is there."""
        async with self.turn:
            while not self.take(size):
                await asyncio.sleep(PAUSE)

    def take(self, size: int) -> bool:
        """Take so much if it is there."""
        with self.locked():
            fits = sum(self.taken) + size <= self.size
            if fits:
                self.taken[self.slot] += size
        return fits

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other worker change it, for some microseconds."""
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self.lock, fcntl.LOCK_UN)
