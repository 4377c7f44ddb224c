"""Counters that every worker adds to and any of them can read: shared memory, with a slot for each worker.

They outlive the worker that counted, and there is no file. A worker writes to its own slot alone, so none waits for
another.
"""

import mmap
import os
import threading

import numpy as np

from alpenglow._serve.process.worker import GONE, SLOTS


class Counters:
    """So many numbers, all of them 0: float64, which is exact for whole numbers up to 2**53.

    Made before the workers are forked: they inherit the mapping. To count is to add to `cells`, and to hold `lock`
    meanwhile so that threads lose nothing.
    """

    def __init__(self, count: int) -> None:
        numbers = np.frombuffer(mmap.mmap(-1, 8 * SLOTS * (1 + count)))
        self.pids = numbers[:SLOTS]  # of the process that counts in a slot; 0: none ever did
        self.slots = numbers[SLOTS:].reshape(SLOTS, count)
        self.lock = threading.Lock()  # whoever forks does not count, so it is free in the fork
        self.use(0)

    def use(self, slot: int) -> None:
        """Count here from now on; what others have counted here before stays.

        Slots begin anew after the last: so many workers live at once only where reload follows reload, and then two of
        them may lose a count to each other.
        """
        slot %= SLOTS
        self.pids[self.pids == os.getpid()] = GONE  # the kernel gives ids again
        self.pids[slot] = os.getpid()
        self.cells = self.slots[slot].data  # adding to a memoryview takes a third of the time

    def forget(self) -> None:
        """Count from 0 again, in this process's slot."""
        np.asarray(self.cells)[:] = 0

    def totals(self) -> list[float]:
        """What all workers, dead or alive, have added up."""
        # Reading a page of shared memory makes it, so slots that were never used are left alone.
        totals = np.zeros(self.slots.shape[1])
        for slot, pid in enumerate(self.pids.data):
            if pid:
                totals += self.slots[slot]
        return totals.tolist()

    def workers(self) -> dict[int, int]:
        """The slot of each process that has ever counted, by its id; the process may be gone, and its id another's."""
        return {int(pid): slot for slot, pid in enumerate(self.pids.data) if pid > 0}
