"""Limits of containers, as both versions of cgroups write them."""

import os
import resource
from pathlib import Path

import pytest

from alpenglow._serve.process.cgroup import limits

CPUS = len(os.sched_getaffinity(0))
MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.fixture
def cgroup(tmp_path: Path):
    """Write files below a root, and what /proc/self/cgroup says; return the limits that follow."""

    def read(membership: str, **files: str):
        for name, text in files.items():
            path = tmp_path / "root" / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        (tmp_path / "self").write_text(membership)
        found = limits(tmp_path / "root", tmp_path / "self")
        assert found.descriptors == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return found

    return read


def test_without_cgroups_the_machine_is_the_limit(cgroup) -> None:
    assert cgroup("")[:2] == (CPUS, MEMORY)


def test_version_2_in_a_container(cgroup) -> None:
    found = cgroup("0::/\n", cpu_dot_max="50000 100000", memory_dot_max="67108864")
    assert found[:2] == (1, 64 << 20)


def test_version_2_without_limits(cgroup) -> None:
    assert cgroup("0::/\n", cpu_dot_max="max 100000", memory_dot_max="max")[:2] == (CPUS, MEMORY)


def test_version_2_takes_the_tightest_of_the_enclosing_groups(cgroup) -> None:
    found = cgroup(
        "0::/a.slice/b.service\n",
        **{"a.slice__memory_dot_max": "100000000", "a.slice__b.service__memory_dot_max": "max"},
    )
    assert found.memory == 100_000_000


def test_version_1_in_a_container_where_the_path_is_the_host_s(cgroup) -> None:
    found = cgroup(
        "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n",
        **{
            "memory__memory.limit_in_bytes": "100663296",
            "cpu,cpuacct__cpu.cfs_quota_us": "100000",
            "cpu,cpuacct__cpu.cfs_period_us": "100000",
        },
    )
    assert found[:2] == (1, 96 << 20)


def test_version_1_without_limits(cgroup) -> None:
    found = cgroup(
        "4:memory:/\n3:cpu,cpuacct:/\n",
        **{
            "memory__memory.limit_in_bytes": "9223372036854771712",
            "cpu,cpuacct__cpu.cfs_quota_us": "-1",
            "cpu,cpuacct__cpu.cfs_period_us": "100000",
        },
    )
    assert found[:2] == (CPUS, MEMORY)


def test_part_of_a_processor_counts_as_one(cgroup) -> None:
    assert cgroup("0::/\n", cpu_dot_max="150000 100000").cpus == min(2, CPUS)
