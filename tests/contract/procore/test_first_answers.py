"""The first answers of a process may all come at once."""

import subprocess
import sys

import pytest

#: Threads are switched as often as can be; each struct is decoded for the first time by all of them.
FIRST_ANSWERS = """
import contextlib, sys, threading
import msgspec
from smartapp_adapters.procore import payloads

sys.setswitchinterval(1e-6)
row = b'{"id": 1, "name": "x", "company": {"id": 1, "name": "c"}, "access_token": "a", "expires_in": 1, "tools": [{}]}'

def decode(struct, start):
    start.wait()
    with contextlib.suppress(msgspec.ValidationError):
        msgspec.json.decode(row, type=struct)

structs = [each for each in vars(payloads).values() if isinstance(each, type) and issubclass(each, msgspec.Struct)]
assert structs
for struct in reversed(structs):  # those that hold others come last
    start = threading.Barrier(64)
    threads = [threading.Thread(target=decode, args=(struct, start)) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.parametrize("process", range(8))
def test_threads_that_decode_the_first_answer_at_once_do_not_end_the_process(process: int) -> None:
    ended = subprocess.run([sys.executable, "-c", FIRST_ANSWERS], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, ""), process
