"""Gunicorn alone under slow and many clients: each phase has an end, and nobody else waits."""

import asyncio
import resource
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from alpenglow._serve.process.processes import fields
from tests import loops
from tests.serve.process.test_worker import workers
from tests.servers import Server, gunicorn

ALL = 100  # seconds after which a phase without an end has none
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
MIB = 1 << 20


@pytest.fixture
def single(artifacts: Path, tmp_path: Path) -> Iterator[Server]:
    """One worker."""
    with gunicorn(artifacts / "model.onnx", tmp_path, WORKERS="1") as server:
        yield server


@pytest.fixture
def small(artifacts: Path, tmp_path: Path) -> Iterator[Server]:
    """One worker with room for few connections."""
    arguments = "--worker-connections=20"
    with gunicorn(artifacts / "model.onnx", tmp_path, WORKERS="1", GUNICORN_CMD_ARGS=arguments) as server:
        yield server


def address(server: Server) -> tuple[str, int]:
    host, port = server.url.removeprefix("http://").split(":")
    return host, int(port)


async def drip(server: Server, begin: bytes, piece: bytes) -> bytes:
    """Send a piece each half second until the server closes; what it has said."""
    reader, writer = await asyncio.open_connection(*address(server))
    said = asyncio.create_task(reader.read())
    try:
        writer.write(begin)
        while not said.done():
            writer.write(piece)
            await writer.drain()
            await asyncio.wait([said], timeout=0.5)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return await said


async def idle(server: Server) -> bool:
    return await drip(server, b"", b"") == b""


async def slow_header(server: Server) -> bool:
    return b" 408 " in await drip(server, b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"a")


async def slow_body(server: Server) -> bool:
    begin = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 700000\r\n\r\n"
    return b" 408 " in await drip(server, begin, b" " * 250)


async def slow_unread_body(server: Server) -> bool:
    """Nobody wants it: the answer is there at once, and the rest is not waited for."""
    begin = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 700000\r\n\r\n"
    return b" 404 " in await drip(server, begin, b" " * 250)


async def never_reads(server: Server) -> bool:
    """Asks again and again, and takes no answer."""
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        await loop.sock_connect(connection, address(server))
        try:
            while True:
                await loop.sock_sendall(connection, GET.replace(b"/health/live", b"/openapi.json") * 100)
        except ConnectionError:
            return True


async def kept(server: Server) -> bool:
    """One good request, and then nothing: closed at some time, too."""
    return (await drip(server, GET, b"")).startswith(b"HTTP/1.1 200 ")


def test_every_phase_has_an_end_and_nobody_else_waits(single: Server, seed_request: bytes) -> None:
    (worker,) = workers(single)
    before = memory(worker)
    crowd: list[tuple[int, Callable[[Server], Awaitable[bool]]]] = [
        *[(150, idle), (150, slow_header), (120, slow_body), (30, slow_unread_body), (30, never_reads), (20, kept)],
    ]

    async def all_of_them() -> tuple[list[bool], list[float], int]:
        tasks = [asyncio.ensure_future(kind(single)) for number, kind in crowd for _ in range(number)]
        done = asyncio.ensure_future(asyncio.wait_for(asyncio.gather(*tasks), ALL))
        waited, most = [], 0
        while not done.done():
            start = time.monotonic()
            assert await asyncio.to_thread(single.predictions, seed_request) == [" <=50K"]
            waited.append(time.monotonic() - start)
            most = max(most, memory(worker))
            await asyncio.sleep(0.2)
        return await done, waited, most

    ended, waited, most = loops.run(all_of_them())
    assert all(ended)
    assert len(ended) == 500
    assert sorted(waited)[len(waited) // 2] < 1
    assert (most - before) / MIB < 60
    assert workers(single) == [worker]


def memory(process: int) -> int:
    """Bytes of a process that come from no file."""
    return fields(process, "status")[b"RssAnon"] * 1024


async def ask(server: Server, times: int, pause: float = 0.0) -> int:
    """So many requests on kept connections, each answered or the end announced before; how many ends there were."""
    ends = 0
    reader, writer = await asyncio.open_connection(*address(server))
    for _ in range(times):
        writer.write(GET)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(2) == b"OK"
        if b"connection: close" in head.lower():
            ends += 1
            assert await reader.read() == b""
            writer.close()
            reader, writer = await asyncio.open_connection(*address(server))
        await asyncio.sleep(pause)
    writer.close()
    return ends


async def together(server: Server, clients: int, times: int, pause: float = 0.0) -> int:
    """So many clients; how many ends of connections were announced."""
    asking = asyncio.gather(*(ask(server, times, pause) for _ in range(clients)))
    return sum(await asyncio.wait_for(asking, ALL))


def test_more_clients_than_there_is_room_for_wait_until_there_is_some(small: Server) -> None:
    assert loops.run(together(small, clients=10, times=20)) == 0
    assert loops.run(together(small, clients=100, times=20)) > 0
    assert loops.run(together(small, clients=10, times=20)) == 0


def test_who_never_asks_makes_room_for_who_does(small: Server) -> None:
    silent = [socket.create_connection(address(small)) for _ in range(60)]
    try:
        loops.run(together(small, clients=10, times=20))
    finally:
        for connection in silent:
            connection.close()


def test_two_thousand_clients_that_keep_their_connections(server: Server) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2500:
        pytest.skip("this machine allows too few descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        loops.run(together(server, clients=2000, times=3, pause=0.5))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
