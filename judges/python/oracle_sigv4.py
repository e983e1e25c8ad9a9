"""Compares our signatures with botocore's, over random requests.

Reads what the program `signatures` prints, from the file that is named or from
standard input: one JSON object a line, a request and our Authorization header.
Then checks botocore against the recorded vectors, if they are there: in the
folder OUTCROP_CORPUS, or in shared/fixtures beside the checkout.
"""

import base64
import contextlib
import datetime
import json
import os
import pathlib
import sys
import unittest.mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials

# As many as `signatures` prints; fewer mean that it broke off.
LEAST_REQUESTS = 2500
# More failures of one kind are only counted: they mostly have one cause.
FAILURES_SHOWN = 5

# The example secret of AWS's documentation, with which the vectors are signed.
VECTOR_SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


class Tally:
    """Counts the comparisons of one kind and prints those that failed."""

    def __init__(self, name):
        self.name = name
        self.passed = 0
        self.failed = 0

    def record(self, case, differences):
        if not differences:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= FAILURES_SHOWN:
            print(f"FAIL {self.name}, {case}: " + "; ".join(differences))

    def close(self):
        verdict = "FAIL" if self.failed else "ok  "
        print(f"{verdict} {self.name}: {self.passed} of {self.passed + self.failed}")


def difference(what, expected, seen):
    """A list, so that several can be joined: empty when there is none."""
    return [] if expected == seen else [f"expected {what} to be {expected!r}; saw {seen!r}"]


def signed_by_botocore(method, url, headers, body, credentials, region, service, time):
    """Botocore's Authorization, canonical request and string to sign."""
    request = botocore.awsrequest.AWSRequest(method=method, url=url, data=body)
    for name, value in headers:
        # Assigning adds a header here; it never replaces one.
        request.headers[name] = value
    signer = botocore.auth.SigV4Auth(credentials, service, region)
    moment = datetime.datetime.strptime(time, botocore.auth.SIGV4_TIMESTAMP)
    with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        signer.add_auth(request)
    authorization = request.headers["Authorization"]
    # Asked for once more below, the canonical request must not hold what came of the first.
    del request.headers["Authorization"]
    canonical = signer.canonical_request(request)
    return authorization, canonical, signer.string_to_sign(request, canonical)


def judge_requests(lines, tally):
    for case, line in enumerate(lines):
        given = json.loads(line)
        credentials = botocore.credentials.Credentials(
            given["access_key_id"], given["secret_access_key"], given["session_token"]
        )
        authorization, canonical, _ = signed_by_botocore(
            given["method"],
            given["url"],
            given["headers"],
            base64.b64decode(given["body"], validate=True),
            credentials,
            given["region"],
            given["service"],
            given["time"],
        )
        differences = difference("the authorization", authorization, given["authorization"])
        if differences:
            differences.append(f"botocore's canonical request: {canonical!r}; the request: {line.strip()}")
        tally.record(f"request {case}", differences)
    count = tally.passed + tally.failed
    if count < LEAST_REQUESTS:
        tally.record("all requests", [f"expected at least {LEAST_REQUESTS} requests; saw {count}"])


def vectors_file():
    beside = pathlib.Path(__file__).resolve().parents[3] / "shared" / "fixtures"
    folder = pathlib.Path(os.environ.get("OUTCROP_CORPUS") or beside)
    return folder / "sigv4-vectors.json"


def judge_vector(vector):
    # The scope is read from the answer: the vectors do not name it elsewhere.
    credential = vector["authorization"].split("Credential=")[1].split(",")[0]
    access_key_id, _, region, service, _ = credential.split("/")
    signed = dict(line.split(":", 1) for line in vector["canonical_request"].split("\n") if line.startswith("x-amz-"))
    credentials = botocore.credentials.Credentials(access_key_id, VECTOR_SECRET, signed.get("x-amz-security-token"))
    authorization, canonical, to_sign = signed_by_botocore(
        vector["method"],
        vector["url"],
        vector["request_headers"].items(),
        vector["body"].encode(),
        credentials,
        region,
        service,
        vector["timestamp"],
    )
    return (
        difference("the canonical request", vector["canonical_request"], canonical)
        + difference("the string to sign", vector["string_to_sign"], to_sign)
        + difference("the authorization", vector["authorization"], authorization)
    )


def judge_vectors(tally):
    file = vectors_file()
    if not file.is_file():
        print("the recorded vectors: skipped, no corpus (set OUTCROP_CORPUS)")
        return
    for vector in json.loads(file.read_text(encoding="utf-8")):
        tally.record(vector["name"], judge_vector(vector))
    tally.close()


def run_all(arguments):
    requests = Tally("our authorization is botocore's")
    with contextlib.ExitStack() as stack:
        lines = stack.enter_context(open(arguments[0], encoding="utf-8")) if arguments else sys.stdin
        judge_requests(lines, requests)
    requests.close()
    vectors = Tally("botocore signs the recorded vectors alike")
    judge_vectors(vectors)
    failed = requests.failed + vectors.failed
    print(f"{requests.passed + vectors.passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_all(sys.argv[1:]))
