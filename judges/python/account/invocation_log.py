"""boto3 judges invocation logging: `logging.py ENDPOINT`, with AWS_* in the environment; botocore parses every answer."""

import gzip
import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]
BUCKET, PREFIX = "judge-boto3-logs", "p"
MODEL = "us.anthropic.claude-sonnet-4-6"
INVOKED = "global.anthropic.claude-opus-4-6-v1"


def client(service, **config):
    return boto3.client(service, endpoint_url=ENDPOINT, config=Config(retries={"max_attempts": 1}, **config))


def check(condition, expected, seen):
    if not condition:
        sys.exit(f"FAIL expected {expected}; saw {seen!r}")
    print(f"ok   {expected}")


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return None, "it was done"


def records(s3):
    """Every record of the bucket, once there are two."""
    for _ in range(100):
        listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}/AWSLogs/").get("Contents", [])
        keys = [entry["Key"] for entry in listed if entry["Key"].endswith(".json.gz") and "/data/" not in entry["Key"]]
        found = []
        for key in keys:
            body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            found += [json.loads(line) for line in gzip.decompress(body).splitlines()]
        if len(found) >= 2:
            return keys, found
        time.sleep(0.2)
    sys.exit("FAIL no records were written")


bedrock, runtime = client("bedrock"), client("bedrock-runtime")
s3 = client("s3", s3={"addressing_style": "path"})
account = client("sts").get_caller_identity()["Account"]
region = bedrock.meta.region_name
root = f"{PREFIX}/AWSLogs/{account}/BedrockModelInvocationLogs"
to_bucket = {"s3Config": {"bucketName": BUCKET, "keyPrefix": PREFIX}, "textDataDeliveryEnabled": True}
put = bedrock.put_model_invocation_logging_configuration

code, message = refused(put, loggingConfig=to_bucket)
check(code == "ValidationException" and BUCKET in message, "a bucket that is none is refused", (code, message))
place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
s3.create_bucket(Bucket=BUCKET, **place)
code, message = refused(put, loggingConfig=to_bucket)
check(code == "ValidationException", "a bucket without a policy is refused", (code, message))
statement = {
    "Effect": "Allow",
    "Principal": {"Service": "bedrock.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/{PREFIX}/AWSLogs/{account}/BedrockModelInvocationLogs/*",
    "Condition": {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:bedrock:{region}:{account}:*"},
    },
}
s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
code, message = refused(put, loggingConfig={"textDataDeliveryEnabled": True})
check(code == "ValidationException", "a configuration without a destination is refused", (code, message))
put(loggingConfig=to_bucket)
probe = s3.head_object(Bucket=BUCKET, Key=f"{root}/amazon-bedrock-logs-permission-check")
check(probe["ResponseMetadata"]["HTTPStatusCode"] == 200, "the probe was written", probe)
told = bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
check(told == to_bucket, "the configuration is told as it was put", told)

runtime.converse(
    modelId=MODEL,
    messages=[{"role": "user", "content": [{"text": "Write this down"}]}],
    requestMetadata={"team": "judges"},
)
body = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 99,
    "messages": [{"role": "user", "content": "And this, as it comes"}],
}
answer = runtime.invoke_model_with_response_stream(modelId=INVOKED, body=json.dumps(body))
events = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]

keys, logs = records(s3)
check(all(key.startswith(f"{root}/{region}/20") for key in keys), "objects lie by region and hour", keys)
operations = [log["operation"] for log in logs]
check(operations == ["Converse", "InvokeModelWithResponseStream"], "a record for each call, in their order", operations)
for log in logs:
    expected = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "accountId": account,
        "region": region,
    }
    check(expected.items() <= log.items(), f"members of {log['operation']}", log)
    check(
        log["requestId"] and log["timestamp"] and log["identity"]["arn"].startswith(f"arn:aws:iam::{account}:"),
        f"whose {log['operation']} it is and when",
        log,
    )
    check(log["input"]["inputTokenCount"] > 0 and log["output"]["outputTokenCount"] > 0, "tokens are counted", log)
conversed, streamed = logs
check(conversed["modelId"] == MODEL and conversed["requestMetadata"] == {"team": "judges"}, "model and metadata", conversed)
said = conversed["input"]["inputBodyJson"]["messages"][0]["content"][0]["text"]
check(said == "Write this down", "the request", said)
reply = conversed["output"]["outputBodyJson"]["output"]["message"]
check(reply["role"] == "assistant" and reply["content"][0]["text"], "the reply", reply)
check(streamed["input"]["inputBodyJson"] == body, "the request of the stream, as it was sent", streamed["input"])
logged = [event["type"] for event in streamed["output"]["outputBodyJson"]]
check(logged == [event["type"] for event in events], "every event of the stream", logged)

bedrock.delete_model_invocation_logging_configuration()
check("loggingConfig" not in bedrock.get_model_invocation_logging_configuration(), "nothing is set any more", None)
before = len(logs)
runtime.converse(modelId=MODEL, messages=[{"role": "user", "content": [{"text": "Off the record"}]}])
time.sleep(2)
check(len(records(s3)[1]) == before, "nothing is logged any more", before)
print("all is well")
