#!/usr/bin/env python3
"""Application inference profiles and tags, by boto3, against a local Bedrock.

usage: profiles.py URL      (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION in the environment)
"""
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url = sys.argv[1]
region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
settings = dict(endpoint_url=url, region_name=region, config=Config(retries={"total_max_attempts": 1}))
control, runtime = boto3.client("bedrock", **settings), boto3.client("bedrock-runtime", **settings)


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (code, status), (got, error)
        return error
    raise AssertionError(f"{call} {arguments} was not refused with {code}")


system = [p for page in control.get_paginator("list_inference_profiles").paginate(typeEquals="SYSTEM_DEFINED")
          for p in page["inferenceProfileSummaries"]]
source = next(p for p in system if p["inferenceProfileId"].endswith("claude-haiku-4-5-20251001-v1:0"))
made = control.create_inference_profile(
    inferenceProfileName="team a", description="costs of team a",
    modelSource={"copyFrom": source["inferenceProfileArn"]}, tags=[{"key": "team", "value": "a"}])
assert made["ResponseMetadata"]["HTTPStatusCode"] == 201 and made["status"] == "ACTIVE", made
arn = made["inferenceProfileArn"]
short = arn.rsplit("/", 1)[1]
for identifier in (arn, short):
    got = control.get_inference_profile(inferenceProfileIdentifier=identifier)
    assert got["type"] == "APPLICATION" and got["inferenceProfileArn"] == arn and got["models"] == source["models"], got
    assert got["createdAt"].tzinfo is not None
second = control.create_inference_profile(inferenceProfileName="team-b", clientRequestToken="token-1",
                                          modelSource={"copyFrom": source["inferenceProfileArn"]})
again = control.create_inference_profile(inferenceProfileName="team-b", clientRequestToken="token-1",
                                         modelSource={"copyFrom": source["inferenceProfileArn"]})
assert again["inferenceProfileArn"] == second["inferenceProfileArn"]
pages = list(control.get_paginator("list_inference_profiles").paginate(
    typeEquals="APPLICATION", PaginationConfig={"PageSize": 1}))
own = [p["inferenceProfileArn"] for page in pages for p in page["inferenceProfileSummaries"]]
assert arn in own and second["inferenceProfileArn"] in own and len(pages) >= 2, own

control.tag_resource(resourceARN=arn, tags=[{"key": "stage", "value": "test"}])
control.untag_resource(resourceARN=arn, tagKeys=["team"])
assert control.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "stage", "value": "test"}]
many = [{"key": f"k{at}", "value": "v"} for at in range(51)]
error = refused("TooManyTagsException", 400, control.tag_resource, resourceARN=arn, tags=many)
assert error.response["resourceName"] == arn, error.response

messages = [{"role": "user", "content": [{"text": "Hello"}]}]
reply = runtime.converse(modelId=arn, messages=messages, inferenceConfig={"maxTokens": 64})
assert reply["output"]["message"]["content"][0]["text"], reply
events = runtime.converse_stream(modelId=arn, messages=messages, inferenceConfig={"maxTokens": 64})["stream"]
assert any("messageStop" in event for event in events)
other = arn[:-1] + ("0" if arn[-1] != "0" else "1")
refused("ValidationException", 400, runtime.converse, modelId=other, messages=messages)
refused("ValidationException", 400, runtime.converse, modelId=short, messages=messages)
refused("ValidationException", 400, runtime.count_tokens, modelId=arn, input={"converse": {"messages": messages}})
refused("ValidationException", 400, control.create_inference_profile, inferenceProfileName="two  blanks",
        modelSource={"copyFrom": source["inferenceProfileArn"]})
refused("ValidationException", 400, control.delete_inference_profile,
        inferenceProfileIdentifier=source["inferenceProfileId"])
control.delete_inference_profile(inferenceProfileIdentifier=arn)
control.delete_inference_profile(inferenceProfileIdentifier=second["inferenceProfileArn"])
refused("ResourceNotFoundException", 404, control.get_inference_profile, inferenceProfileIdentifier=arn)
refused("ResourceNotFoundException", 404, control.list_tags_for_resource, resourceARN=arn)
refused("ValidationException", 400, runtime.converse, modelId=arn, messages=messages)
print("profiles: ok")
