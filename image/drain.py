"""Hold off new connections to Apache, then ask it to stop: `python -m alpenglow._image.drain PORT PROCESS`.

When a listening socket closes, the kernel resets the connections that nobody has accepted yet, and their requests are
lost. So before Apache closes its own, this process listens on the port as well, makes the kernel give it all new
connections (SO_REUSEPORT and SO_ATTACH_REUSEPORT_CBPF, socket(7)), and takes none: it wants packets with a hop limit of
255 only, and the kernel drops all others, usual systems starting with 64 or 128 (IP_MINTTL, ip(7)). Apache takes what
has come before; clients that come later are refused when they try again.
"""

import os
import signal
import socket
import struct
import sys
import time
from array import array
from pathlib import Path

# asm-generic/socket.h, linux/in.h, linux/in6.h, linux/bpf_common.h; Python has no names for them.
SO_ATTACH_REUSEPORT_CBPF = 51
IP_MINTTL, IPV6_MINHOPCOUNT, HIGHEST = 21, 73, 255
BPF_RETURN = 0x06
HANDSHAKE = 0.4  # seconds for connections whose handshake has begun, and for requests that follow on kept connections
PATIENCE = 3.0  # seconds that Apache gets to close its socket
TABLES = ((Path("/proc/net/tcp6"), socket.AF_INET6), (Path("/proc/net/tcp"), socket.AF_INET))
LISTENING = "0A"


def main() -> None:
    """Hold, wait, ask Apache to stop, and let go when it no longer listens."""
    port, process = int(sys.argv[1]), int(sys.argv[2])
    try:
        with hold(port):
            time.sleep(HANDSHAKE)
            os.kill(process, signal.SIGWINCH)
            end = time.monotonic() + PATIENCE
            while len(listeners(port)) > 1 and time.monotonic() < end:
                time.sleep(0.01)
    except OSError:  # a kernel that does not do this, such as gVisor's: Apache stops all the same
        os.kill(process, signal.SIGWINCH)


def hold(port: int) -> socket.socket:
    """A socket that gets all new connections to the port, beside the one that is there, and answers none.

    Raises:
        OSError: The kernel refuses, or nobody listens.
    """
    families = listeners(port)
    if not families:
        raise OSError(f"nobody listens on port {port}")
    held = socket.socket(families[0], socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.setsockopt(socket.IPPROTO_IP, IP_MINTTL, HIGHEST)
    if held.family == socket.AF_INET6:
        held.setsockopt(socket.IPPROTO_IPV6, IPV6_MINHOPCOUNT, HIGHEST)
    held.bind(("", port))
    held.listen()
    # A program of one instruction: of all that listen, choose the last one to join.
    program = array("B", struct.pack("HBBI", BPF_RETURN, 0, 0, len(families)))
    address, _ = program.buffer_info()
    held.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, struct.pack("HP", 1, address))
    return held


def listeners(port: int) -> list[socket.AddressFamily]:
    """The families of the sockets that listen on the port in this container (proc(5), /proc/net/tcp)."""
    return [
        family
        for table, family in TABLES
        if table.exists()
        for _, local, _, state, *_ in map(str.split, table.read_text(encoding="ascii").splitlines()[1:])
        if state == LISTENING and int(local.rpartition(":")[2], 16) == port
    ]


if __name__ == "__main__":
    main()
