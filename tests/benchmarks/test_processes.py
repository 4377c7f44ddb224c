"""Groups of real processes: found, measured and ended, whatever they do."""

import sys
import time

import pytest

from benchmarks.processes import Command, Group, last_line, stat, wait_until

# One that computes for a while, one that has a session of its own, and one that does not end when it is asked to.
FAMILY = """
import os, signal, subprocess, sys
busy = "end = __import__('time').process_time() + 0.3\\nwhile __import__('time').process_time() < end: pass\\n"
sleep = "__import__('time').sleep(60)\\n"
subprocess.Popen([sys.executable, "-c", busy + sleep])
subprocess.Popen([sys.executable, "-c", sleep], start_new_session=True)
print("started", flush=True)
signal.pause()
"""


@pytest.fixture
def group(tmp_path):
    group = Group(tmp_path / "log")
    group.start(Command([sys.executable, "-c", FAMILY], tmp_path))
    yield group
    group.stop()


def test_a_group_has_all_that_descend_from_it_and_ends_all_of_them(group) -> None:
    wait_until(lambda: len(group.members()) == 3, group, 20)
    wait_until(lambda: group.cpu() > 0.3, group, 20)
    group.settle()
    assert 5 < group.memory() < 200
    group.stop()
    assert group.members() == {}


def test_what_ends_is_not_waited_for(tmp_path) -> None:
    group = Group(tmp_path / "log")
    group.start(Command([sys.executable, "-c", "print('no such model')"], tmp_path))
    start = time.monotonic()
    with pytest.raises(RuntimeError, match="it has ended: no such model"):
        wait_until(lambda: False, group, 60)
    assert time.monotonic() - start < 30
    group.stop()


def test_what_does_not_answer_is_not_waited_for_for_ever(group) -> None:
    with pytest.raises(RuntimeError, match="it does not answer within 0 s"):
        wait_until(lambda: False, group, 0.1)


def test_a_log_may_be_empty(tmp_path) -> None:
    (tmp_path / "log").write_text("\n \n")
    assert last_line(tmp_path / "log") == "it has printed nothing"


def test_a_name_with_blanks_and_parentheses_is_no_field() -> None:
    line = "42 (a) b (c) S 7 42 41 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 1 0 99 0 0\n"
    assert stat(line)[:3] == ("S", 7, 41)
    assert stat(line).cpu == pytest.approx(2.0, rel=0.5)
