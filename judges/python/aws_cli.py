"""Judges a local Bedrock server with the AWS CLI from PyPI, command by command as its users type them.

The environment is that of `outcrop local --env`; `judging.py` says how the server is found.
"""

import gzip
import json
import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import time

from judging import ACCOUNT, BASE_MODEL, REGION, UNITED_STATES_MODEL, case, check, check_equal, run_all

# Installed beside this Python, or below PYTHONPATH where there is no environment of its own.
PLACES = [sysconfig.get_path("scripts"), *(f"{path}/bin" for path in sys.path)]
AWS = next((f"{place}/aws" for place in PLACES if os.path.exists(f"{place}/aws")), "aws")

ROLE = f"arn:aws:iam::{ACCOUNT}:role/batch"


def run(*arguments):
    command = [sys.executable, AWS, *arguments, "--output", "json"]
    if arguments[0] == "s3":
        command = [sys.executable, AWS, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def aws(*arguments):
    """What a command prints, decoded where it is JSON."""
    done = run(*arguments)
    check(done.returncode == 0, f"`aws {' '.join(arguments[:2])}` to succeed", done.stderr.strip())
    try:
        return json.loads(done.stdout) if done.stdout.strip() else None
    except json.JSONDecodeError:
        return done.stdout


def refused(code, *arguments):
    done = run(*arguments)
    check(done.returncode != 0 and f"({code})" in done.stderr, f"a refusal that names {code}", done.stderr.strip())


@case("sts get-caller-identity")
def _():
    who = aws("sts", "get-caller-identity")
    check_equal("the account", ACCOUNT, who["Account"])
    check(who["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:user/"), "the ARN of a user", who["Arn"])


@case("bedrock list-foundation-models")
def _():
    models = aws("bedrock", "list-foundation-models", "--by-provider", "anthropic")["modelSummaries"]
    check(BASE_MODEL in [model["modelId"] for model in models], f"{BASE_MODEL} in the list", len(models))
    query = "modelSummaries[?contains(inferenceTypesSupported, 'INFERENCE_PROFILE')].modelId"
    ids = aws("bedrock", "list-foundation-models", "--query", query)
    check(ids and all(id.startswith("anthropic.") for id in ids), "base ids", ids)


@case("bedrock get-foundation-model and its availability")
def _():
    details = aws("bedrock", "get-foundation-model", "--model-identifier", BASE_MODEL)["modelDetails"]
    check_equal("the ARN", f"arn:aws:bedrock:{REGION}::foundation-model/{BASE_MODEL}", details["modelArn"])
    seen = aws("bedrock", "get-foundation-model-availability", "--model-id", BASE_MODEL)
    check_equal("the authorization", "AUTHORIZED", seen["authorizationStatus"])
    refused("ValidationException", "bedrock", "get-foundation-model", "--model-identifier", "anthropic.claude-nobody-v1:0")


@case("bedrock list-inference-profiles")
def _():
    profiles = aws("bedrock", "list-inference-profiles", "--page-size", "4")["inferenceProfileSummaries"]
    check(len(profiles) > 4, "more than a page", len(profiles))
    check(UNITED_STATES_MODEL in [profile["inferenceProfileId"] for profile in profiles], UNITED_STATES_MODEL, profiles[:1])
    one = aws("bedrock", "get-inference-profile", "--inference-profile-identifier", UNITED_STATES_MODEL)
    check_equal("the type", "SYSTEM_DEFINED", one["type"])


@case("a profile of the account: created, tagged, called, deleted")
def _():
    system = aws("bedrock", "get-inference-profile", "--inference-profile-identifier", UNITED_STATES_MODEL)
    made = aws(
        "bedrock", "create-inference-profile", "--inference-profile-name", "judge-cli",
        "--model-source", f"copyFrom={system['inferenceProfileArn']}", "--tags", "key=team,value=a",
    )  # fmt: skip
    arn = made["inferenceProfileArn"]
    aws("bedrock", "tag-resource", "--resource-arn", arn, "--tags", "key=cost,value=b")
    tags = aws("bedrock", "list-tags-for-resource", "--resource-arn", arn)["tags"]
    check_equal("the tags", {"team": "a", "cost": "b"}, {tag["key"]: tag["value"] for tag in tags})
    answer = aws(
        "bedrock-runtime", "converse", "--model-id", arn,
        "--messages", json.dumps([{"role": "user", "content": [{"text": "Hello"}]}]),
    )  # fmt: skip
    check("Hello" in json.dumps(answer["output"]), "what was said", answer["output"])
    aws("bedrock", "untag-resource", "--resource-arn", arn, "--tag-keys", "team", "cost")
    aws("bedrock", "delete-inference-profile", "--inference-profile-identifier", arn)
    refused("ResourceNotFoundException", "bedrock", "get-inference-profile", "--inference-profile-identifier", arn)


@case("logging: put, a call, its record in the bucket, delete")
def _():
    bucket = "judge-cli-logs"
    aws("s3api", "create-bucket", "--bucket", bucket)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "bedrock.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            }
        ],
    }
    aws("s3api", "put-bucket-policy", "--bucket", bucket, "--policy", json.dumps(policy))
    setting = {"s3Config": {"bucketName": bucket, "keyPrefix": "p"}, "textDataDeliveryEnabled": True}
    aws("bedrock", "put-model-invocation-logging-configuration", "--logging-config", json.dumps(setting))
    try:
        told = aws("bedrock", "get-model-invocation-logging-configuration")
        check_equal("the bucket", bucket, told["loggingConfig"]["s3Config"]["bucketName"])
        messages = json.dumps([{"role": "user", "content": [{"text": "Write this down"}]}])
        aws("bedrock-runtime", "converse", "--model-id", UNITED_STATES_MODEL, "--messages", messages)
        records = written(bucket)
    finally:
        aws("bedrock", "delete-model-invocation-logging-configuration")
    check_equal("nothing set", None, (aws("bedrock", "get-model-invocation-logging-configuration") or {}).get("loggingConfig"))
    check_equal("the operation", ["Converse"], [record["operation"] for record in records])
    check_equal("the model", UNITED_STATES_MODEL, records[0]["modelId"])
    check("Write this down" in json.dumps(records[0]["input"]["inputBodyJson"]), "the question", records[0]["input"])


def written(bucket):
    """The records of a bucket, once there are some."""
    for _ in range(100):
        listed = aws("s3api", "list-objects-v2", "--bucket", bucket) or {}
        keys = [entry["Key"] for entry in listed.get("Contents", []) if entry["Key"].endswith(".json.gz")]
        if keys:
            break
        time.sleep(0.2)
    check(keys, "an object of records", listed)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "object"
        aws("s3", "cp", f"s3://{bucket}/{keys[0]}", str(path))
        return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


@case("batch: input copied up, a job, its results copied down")
def _():
    bucket = "judge-cli-batch"
    aws("s3api", "create-bucket", "--bucket", bucket)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "in.jsonl"
        with path.open("w") as lines:
            for number in range(120):
                request = {
                    "anthropic_version": "bedrock-2023-05-31",
                    "max_tokens": 64,
                    "messages": [{"role": "user", "content": f"number {number}"}],
                }
                lines.write(json.dumps({"recordId": f"R{number:010}", "modelInput": request}) + "\n")
        aws("s3", "cp", str(path), f"s3://{bucket}/in.jsonl")
    made = aws(
        "bedrock", "create-model-invocation-job", "--job-name", "judge-cli", "--role-arn", ROLE,
        "--model-id", BASE_MODEL,
        "--input-data-config", json.dumps({"s3InputDataConfig": {"s3Uri": f"s3://{bucket}/in.jsonl"}}),
        "--output-data-config", json.dumps({"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/out/"}}),
    )  # fmt: skip
    for _ in range(100):
        job = aws("bedrock", "get-model-invocation-job", "--job-identifier", made["jobArn"])
        if job["status"] in ("Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired"):
            break
        time.sleep(0.2)
    check_equal("the end", "Completed", job["status"])
    jobs = aws("bedrock", "list-model-invocation-jobs", "--name-contains", "judge-cli")["invocationJobSummaries"]
    check_equal("the job in the list", [made["jobArn"]], [entry["jobArn"] for entry in jobs])
    id = made["jobArn"].rpartition("/")[2]
    lines = aws("s3", "cp", f"s3://{bucket}/out/{id}/in.jsonl.out", "-").splitlines()
    first = json.loads(lines[0])
    check_equal("the results", 120, len(lines))
    check_equal("the order", "R0000000000", first["recordId"])
    check("number 0" in json.dumps(first["modelOutput"]), "an answer to the question", first["modelOutput"])
    refused("ConflictException", "bedrock", "stop-model-invocation-job", "--job-identifier", made["jobArn"])


@case("what is none is refused in words that the AWS CLI knows")
def _():
    refused("ResourceNotFoundException", "bedrock", "get-model-invocation-job", "--job-identifier", "abcdefghijkl")
    refused("NoSuchBucket", "s3api", "list-objects-v2", "--bucket", "no-such-bucket-at-all")


if __name__ == "__main__":
    sys.exit(run_all())
