"""boto3 judges the batch jobs of a local Bedrock: argv[1] is its URL, argv[2] the folder of its data; keys and region are in AWS_*.

Responses are parsed and validated by botocore's own shapes; files are written into the folder, and read from it.
"""
import datetime
import json
import pathlib
import sys
import time
import uuid

import boto3
import botocore
from botocore.config import Config
from botocore.validate import ParamValidator

url, folder = sys.argv[1], pathlib.Path(sys.argv[2])
bedrock = boto3.client("bedrock", endpoint_url=url, config=Config(retries={"max_attempts": 1}))
model = bedrock.meta.service_model
MODEL = "global.anthropic.claude-opus-4-6-v1"
ROLE = "arn:aws:iam::123456789012:role/batch"
bucket = "judge-" + uuid.uuid4().hex[:8]
judged = 0


def valid(operation, answer):
    """What came has every member that botocore's model requires, and none that it does not know."""
    global judged
    shape = model.operation_model(operation).output_shape
    answer = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()
    judged += 1
    return answer


def put(key, lines):
    path = folder / bucket / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def get(key):
    return (folder / bucket / key).read_text()


def record(number, text="Hello"):
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": [{"role": "user", "content": text}]}
    return {"recordId": f"CALL{number:07}", "modelInput": body}


def create(name, key, **more):
    answer = valid("CreateModelInvocationJob", bedrock.create_model_invocation_job(
        jobName=name, roleArn=ROLE, modelId=MODEL,
        inputDataConfig={"s3InputDataConfig": {"s3Uri": f"s3://{bucket}/{key}", "s3InputFormat": "JSONL"}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/out/"}}, **more))
    return answer["jobArn"]


def wait(arn):
    began = time.time()
    while True:
        job = valid("GetModelInvocationJob", bedrock.get_model_invocation_job(jobIdentifier=arn))
        if job["status"] in ("Completed", "PartiallyCompleted", "Failed", "Stopped", "Expired"):
            return job, time.time() - began
        assert time.time() - began < 120, job
        time.sleep(0.05)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call} {arguments} was not refused")


# A job of InvokeModel: records are answered, and one is refused.
name = "judge-" + uuid.uuid4().hex[:12]
put("in.jsonl", [record(1), {"recordId": "CALL0000002", "modelInput": {"max_tokens": 1, "messages": []}}, record(3)])
token = str(uuid.uuid4())
arn = create(name, "in.jsonl", timeoutDurationInHours=24, clientRequestToken=token, tags=[{"key": "team", "value": "a"}])
assert create(name, "in.jsonl", timeoutDurationInHours=24, clientRequestToken=token) == arn
job, took = wait(arn)
counts = [job[member + "RecordCount"] for member in ("total", "processed", "success", "error")]
assert (job["status"], counts) == ("Completed", [3, 3, 2, 1]), job
assert isinstance(job["submitTime"], datetime.datetime) and job["endTime"] >= job["submitTime"]
assert job["jobExpirationTime"] - job["submitTime"] > datetime.timedelta(hours=23, minutes=59)
out = f"out/{arn.rsplit('/', 1)[1]}"
lines = [json.loads(line) for line in get(f"{out}/in.jsonl.out").splitlines()]
assert [line["recordId"] for line in lines] == ["CALL0000001", "CALL0000002", "CALL0000003"]
assert lines[0]["modelOutput"]["role"] == "assistant" and lines[0]["modelInput"] == record(1)["modelInput"]
assert lines[1]["error"]["errorCode"] == 400 and "modelOutput" not in lines[1], lines[1]
manifest = json.loads(get(f"{out}/manifest.json.out"))
assert manifest["successRecordCount"] == 2 and manifest["outputTokenCount"] > 0, manifest
tags = bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
assert tags == [{"key": "team", "value": "a"}], tags
print(f"a job of 3 records: {took:.2f} s")

# A job of Converse over a folder: what it answers is what Converse answers.
converse = boto3.client("bedrock-runtime", endpoint_url=url).meta.service_model.operation_model("Converse").output_shape
put("many/a.jsonl", [{"modelInput": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}} for _ in range(60)])
put("many/b.jsonl", [{"modelInput": {"messages": [{"role": "user", "content": [{"text": "Ho"}]}]}} for _ in range(60)])
arn = create(name + "-2", "many/", modelInvocationType="Converse")
job, took = wait(arn)
assert (job["status"], job["successRecordCount"], job["modelInvocationType"]) == ("Completed", 120, "Converse"), job
for file in ("a", "b"):
    lines = [json.loads(line) for line in get(f"out/{arn.rsplit('/', 1)[1]}/{file}.jsonl.out").splitlines()]
    assert len(lines) == 60 and all(len(line["recordId"]) == 11 for line in lines)
    report = ParamValidator().validate(lines[0]["modelOutput"], converse).generate_report()
    assert "Missing required" not in report, report
print(f"a job of 120 records: {took:.2f} s")

# What fails says why.
(folder / bucket / "bad.jsonl").write_text(json.dumps(record(1)) + "\nno record\n")
job, _ = wait(create(name + "-3", "bad.jsonl"))
assert job["status"] == "Failed" and "line 2" in job["message"], job
job, _ = wait(create(name + "-4", "nowhere.jsonl"))
assert job["status"] == "Failed" and "nowhere.jsonl" in job["message"], job

# A long job is stopped.
put("long.jsonl", [record(number) for number in range(40000)])
arn = create(name + "-5", "long.jsonl")
while not bedrock.get_model_invocation_job(jobIdentifier=arn)["processedRecordCount"]:
    time.sleep(0.02)
valid("StopModelInvocationJob", bedrock.stop_model_invocation_job(jobIdentifier=arn))
job, took = wait(arn)
assert job["status"] == "Stopped" and 0 < job["processedRecordCount"] < 40000, job
kept = get(f"out/{arn.rsplit('/', 1)[1]}/long.jsonl.out").splitlines()
assert len(kept) == job["processedRecordCount"] and json.loads(kept[-1])["modelOutput"]
refused("ConflictException", bedrock.stop_model_invocation_job, jobIdentifier=arn)
print(f"stopped after {job['processedRecordCount']} of {job['totalRecordCount']} records: {took:.2f} s")


# Lists: filters, order, pages.
def listed(**arguments):
    answer = valid("ListModelInvocationJobs", bedrock.list_model_invocation_jobs(nameContains=name, **arguments))
    return [job["jobName"] for job in answer["invocationJobSummaries"]]


ours = [name, name + "-2", name + "-3", name + "-4", name + "-5"]
assert listed(sortBy="CreationTime", sortOrder="Ascending") == ours
assert listed(sortBy="CreationTime", sortOrder="Descending") == ours[::-1]
assert listed(statusEquals="Failed", sortOrder="Ascending") == [name + "-3", name + "-4"]
assert listed(submitTimeAfter=datetime.datetime(2100, 1, 1)) == []
pages = bedrock.get_paginator("list_model_invocation_jobs").paginate(nameContains=name, PaginationConfig={"PageSize": 2})
paged = [job["jobName"] for page in pages for job in page["invocationJobSummaries"]]
assert paged == ours[::-1], paged

# Refusals.
refused("ConflictException", create, name=name, key="in.jsonl")
refused("ValidationException", create, name="no good", key="in.jsonl")
refused("ResourceNotFoundException", bedrock.get_model_invocation_job, jobIdentifier="000000000000")
refused("ValidationException", bedrock.get_model_invocation_job, jobIdentifier="short")
print(f"all well: {judged} answers judged by botocore {botocore.__version__}")
