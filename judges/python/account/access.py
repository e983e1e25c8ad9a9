"""boto3 asks a fresh account for access: access.py URL; keys and region from AWS_* in the environment."""
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url, model = sys.argv[1], "anthropic.claude-opus-4-6-v1"
config = Config(retries={"max_attempts": 1})
control = boto3.client("bedrock", endpoint_url=url, config=config)
runtime = boto3.client("bedrock-runtime", endpoint_url=url, config=config)


def converse(id="us." + model):
    said = runtime.converse(modelId=id, messages=[{"role": "user", "content": [{"text": "Hello"}]}])
    return said["output"]["message"]["content"][0]["text"]


def refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"not refused with {code}")


def availability():
    return control.get_foundation_model_availability(modelId=model)


assert "use case details" in refused("ResourceNotFoundException", converse)
assert "request form" in refused("ResourceNotFoundException", control.get_use_case_for_model_access)
assert availability()["agreementAvailability"]["status"] == "NOT_AVAILABLE"
form = {"companyName": "Example", "companyWebsite": "https://example.com", "intendedUsers": "0",
        "industryOption": "Education", "otherIndustryOption": "", "useCases": "Tests"}
control.put_use_case_for_model_access(formData=json.dumps(form).encode())
assert json.loads(control.get_use_case_for_model_access()["formData"]) == form
assert "don't have access" in refused("AccessDeniedException", converse)
offers = control.list_foundation_model_agreement_offers(modelId=model, offerType="ALL")["offers"]
terms = offers[0]["termDetails"]
assert terms["legalTerm"]["url"] and terms["usageBasedPricingTerm"]["rateCard"] and "supportTerm" in terms
refused("ValidationException", control.create_foundation_model_agreement, modelId=model, offerToken="tok")
token = offers[0]["offerToken"]
assert control.create_foundation_model_agreement(modelId=model, offerToken=token)["modelId"] == model
refused("ConflictException", control.create_foundation_model_agreement, modelId=model, offerToken=token)
state = availability()
assert state["agreementAvailability"]["status"] == "AVAILABLE" and state["regionAvailability"] == "AVAILABLE", state
print(converse().splitlines()[0])
fable = "anthropic.claude-fable-5-1"
token = control.list_foundation_model_agreement_offers(modelId=fable)["offers"][0]["offerToken"]
control.create_foundation_model_agreement(modelId=fable, offerToken=token)
assert control.get_account_data_retention()["mode"] == "inherit"
assert "data retention mode 'default'" in refused("ValidationException", converse, "us." + fable)
set_to = control.put_account_data_retention(mode="aws_review")
assert set_to["mode"] == "aws_review" and set_to["updatedAt"].year > 2000
converse("us." + fable)
control.delete_foundation_model_agreement(modelId=model)
assert "don't have access" in refused("AccessDeniedException", converse)
refused("ResourceNotFoundException", control.delete_foundation_model_agreement, modelId=model)
print("access: good")
