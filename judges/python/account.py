"""Judges the account that a local Bedrock server plays, with boto3 and the AWS CLI.

Each file of the folder `account` is a story of its own, told to a server of its own, because it sets up an account: model
access from nothing, inference profiles and tags, buckets and objects, batch jobs, the invocation log; and `outcrop
configure` beside `aws configure`. The program is JUDGE_PROGRAM.
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from judging import case, check, run_all

STORIES = pathlib.Path(__file__).parent / "account"
PROGRAM = os.environ["JUDGE_PROGRAM"]


@contextlib.contextmanager
def server(*arguments):
    """A server on a port of its own, until the end: its URL."""
    with tempfile.TemporaryFile("w+") as output:
        command = [PROGRAM, "local", "--listen", "127.0.0.1:0", *arguments]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        try:
            url = None
            for _ in range(300):
                output.seek(0)
                found = re.search(r"listening on (\S+)", output.read())
                if found or process.poll() is not None:
                    url = found and found.group(1)
                    break
                time.sleep(0.1)
            check(url, "a server that listens", process.poll())
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def told(story, *arguments):
    command = [sys.executable, str(STORIES / f"{story}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    check(done.returncode == 0, f"`{story}.py` to end well", (done.stdout + done.stderr)[-3000:])


@case("access: a fresh account asks for a model, and calls it")
def _():
    with server("--account", "fresh") as url:
        told("access", url)


@case("inference profiles of the account's own, and tags")
def _():
    with server() as url:
        told("profiles", url)


@case("buckets and objects, and log groups")
def _():
    with server() as url:
        told("objects", url)


@case("batch jobs, from files to files")
def _():
    with tempfile.TemporaryDirectory() as folder, server("--data", folder) as url:
        told("jobs", url, folder)


@case("the invocation log: set, written, read and ended")
def _():
    with tempfile.TemporaryDirectory() as folder, server("--data", folder) as url:
        told("invocation_log", url)


@case("outcrop configure writes what aws configure writes")
def _():
    told("configure", PROGRAM)


if __name__ == "__main__":
    sys.exit(run_all())
