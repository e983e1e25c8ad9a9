"""Judges TLS of a local Bedrock server, and the keys that are sent over nothing else:
boto3 refuses to send a Bedrock API key over plain http. Short-term keys come from
AWS's own generator. `judging.py` says how the server is found.
"""

import datetime
import json
import os
import sys

import aws_bedrock_token_generator
import botocore.credentials
import botocore.exceptions

from judging import (
    BAD_BEARER_KEY,
    REGION,
    UNITED_STATES_MODEL,
    bearer_key,
    boto3_client,
    case,
    check,
    check_equal,
    check_message,
    client_with_keys,
    client_with_bearer,
    environment_with_bearer,
    run_all,
    user,
)


def converse(text):
    answer = boto3_client().converse(
        modelId=UNITED_STATES_MODEL,
        messages=[{"role": "user", "content": [{"text": text}]}],
        inferenceConfig={"maxTokens": 256},
    )
    said = answer["output"]["message"]["content"][0]["text"]
    check(text in said, f"the text to contain {text!r}", said)


class Provider(botocore.credentials.CredentialProvider):
    """The keys of the environment, or others."""

    METHOD = "judge"

    def __init__(self, secret=None):
        super().__init__()
        self.secret = secret

    def load(self):
        secret = self.secret or os.environ["AWS_SECRET_ACCESS_KEY"]
        return botocore.credentials.Credentials(os.environ["AWS_ACCESS_KEY_ID"], secret)


def short_term_key(region=REGION, secret=None, seconds=3600):
    return aws_bedrock_token_generator.provide_token(
        region=region, aws_credentials_provider=Provider(secret), expiry=datetime.timedelta(seconds=seconds)
    )


@case("boto3 with keys")
def keys():
    converse("over TLS")


@case("boto3 with a bearer key")
def bearer():
    with environment_with_bearer(bearer_key()):
        converse("with a key")
        answer = boto3_client().converse_stream(
            modelId=UNITED_STATES_MODEL, messages=[{"role": "user", "content": [{"text": "in pieces"}]}]
        )
        kinds = [next(iter(event)) for event in answer["stream"]]
        check_equal("the last event", "metadata", kinds[-1])
        body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": user("plainly")}
        answer = boto3_client().invoke_model(modelId=UNITED_STATES_MODEL, body=json.dumps(body))
        check_equal("the role", "assistant", json.loads(answer["body"].read())["role"])


@case("boto3 with a short-term key of AWS's generator")
def short_term():
    with environment_with_bearer(short_term_key()):
        converse("for a short while")


@case("anthropic over TLS, with keys, a bearer key and a short-term key")
def anthropic_clients():
    for make_client in (
        client_with_keys,
        lambda: client_with_bearer(bearer_key()),
        lambda: client_with_bearer(short_term_key()),
    ):
        with make_client() as client:
            message = client.messages.create(model=UNITED_STATES_MODEL, max_tokens=256, messages=user("over TLS"))
            check_message(message, said="over TLS")


@case("keys that are refused")
def refused():
    region = "eu-west-1" if REGION != "eu-west-1" else "us-east-1"
    for name, key in (
        ("nobody's", BAD_BEARER_KEY),
        ("one signed with another secret", short_term_key(secret="not-the-secret")),
        ("one of another form", "sk-ant-nothing-of-bedrock"),
    ):
        with environment_with_bearer(key):
            try:
                converse("this must fail")
            except botocore.exceptions.ClientError as error:
                check_equal(f"the status of {name}", 403, error.response["ResponseMetadata"]["HTTPStatusCode"])
                check(key not in str(error), "the key not to be repeated", str(error))
            else:
                check(False, "an error", name)
    # A key is for one region; on loopback no host says which is called.
    with environment_with_bearer(short_term_key(region=region)):
        converse("from elsewhere")


if __name__ == "__main__":
    sys.exit(run_all("https://127.0.0.1:"))
