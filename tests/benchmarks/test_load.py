"""What wrk prints, as it has printed it, and a run of it."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.load import Load, LoadError, NoneAnsweredError, mean, parsed, post, posting, sampled

# The space behind a unit of one letter is wrk's.
SLOW = """Running 1s test @ http://127.0.0.1:41097/invocations
  1 threads and 128 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   599.06ms  216.06ms   1.05s    64.29%
    Req/Sec   108.56     44.81   160.00     77.78%
  Latency Distribution
     50%  632.18ms
     75%  779.55ms
     90%  859.58ms
     99%    1.05s\x20
  98 requests in 1.01s, 14.55KB read
Requests/sec:     97.46
Transfer/sec:     14.47KB
"""
FAST = """Running 3s test @ http://127.0.0.1:5000/predict
  1 threads and 1 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   272.03us  233.11us   6.94ms   98.21%
    Req/Sec     3.84k   303.10     4.13k    87.10%
  Latency Distribution
     50%  243.00us
     75%  262.00us
     90%  300.00us
     99%    1.21ms
  11837 requests in 3.10s, 2.22MB read
Requests/sec:   3818.78
Transfer/sec:    734.91KB
"""


def test_rates_and_latencies_in_milliseconds() -> None:
    assert parsed(SLOW) == Load(requests=98, rate=97.46, p50=632.18, p99=1050.0)
    assert parsed(FAST) == Load(requests=11837, rate=3818.78, p50=0.243, p99=1.21)


@pytest.mark.parametrize(
    "fault", ["Socket errors: connect 0, read 478, write 0, timeout 0", "Non-2xx or 3xx responses: 12"]
)
def test_a_fault_is_said_whatever_else_was_answered(fault) -> None:
    with pytest.raises(LoadError, match=fault):
        parsed(FAST.replace("Requests/sec", f"  {fault}\nRequests/sec"))


def test_no_answer_is_no_rate() -> None:
    with pytest.raises(NoneAnsweredError):
        parsed(SLOW.replace("98 requests", "0 requests"))


def test_the_mean_of_runs() -> None:
    runs = [Load(100, 100.0, 1.0, 10.0), Load(300, 300.0, 2.0, 20.0)]
    assert mean(runs) == Load(400, 200.0, 1.5, 15.0)


class Echo(BaseHTTPRequestHandler):
    """Answers 200 to one body and 422 to all others."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if body == b"[1]" else 422)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_) -> None:
        """Say nothing."""


@pytest.fixture
def echo() -> Iterator[str]:
    if not shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_run_posts_the_body(echo) -> None:
    load = post(echo, b"[1]", 2, 1)
    assert load.requests > 10
    assert 0 < load.p50 <= load.p99
    assert sampled(echo, b"[1]", 2, 2, lambda: None).requests > load.requests
    with pytest.raises(LoadError, match="Non-2xx"):
        post(echo, b"[2]", 2, 1)


def test_a_run_in_the_background_ends_with_its_block(echo) -> None:
    with posting(echo, b"[1]", 1, 60) as process:
        assert process.poll() is None
    assert process.poll() is not None
