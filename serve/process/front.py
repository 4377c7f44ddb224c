"""Apache in front: have it read its certificate again, without losing a request."""

import os
import signal
import time
from pathlib import Path

# Seconds: for requests that follow on kept connections, whose answers then announce that they close (as image/drain.py
# allows for before a stop); and for Apache to read its configuration.
HANDSHAKE, PATIENCE = 0.4, 5.0


def restart(folder: Path) -> bool:
    """A graceful restart: those that are being served are served to the end. Whether it has begun to serve anew.

    Args:
        folder: Where it keeps `httpd.pid`.
    """
    written = folder / "httpd.pid"
    announcing = folder / "restarting"
    announcing.touch()
    try:
        time.sleep(HANDSHAKE)
        before = written.stat().st_mtime_ns
        os.kill(int(written.read_text(encoding="ascii")), signal.SIGUSR1)
        # It ignores the next signal until it has read everything and written its process id again.
        end = time.monotonic() + PATIENCE
        while (again := written.stat().st_mtime_ns == before) and time.monotonic() < end:
            time.sleep(0.01)
        return not again
    except (OSError, ValueError):  # it is about to end
        return False
    finally:
        announcing.unlink(missing_ok=True)
