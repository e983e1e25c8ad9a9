"""Judges the Mantle side of a local Bedrock server with Anthropic's Python client
(`AnthropicBedrockMantle`), as its makers publish it; `judging.py` says how the
server is found. The same client judges the Messages path of the runtime host,
where it is given that address.
"""

import asyncio
import base64
import os
import sys

import anthropic

from judging import (
    BAD_BEARER_KEY,
    CLIENT_SETTINGS,
    CLOCK_TOOL,
    MEDIA,
    UNKNOWN_MODEL,
    WEATHER_TOOL,
    bearer_key,
    case,
    check,
    check_equal,
    check_event_order,
    check_usage,
    check_weather_input,
    raised_by,
    run_all,
    text_of,
    tiny_png,
    user,
)

# One of those that Mantle has; and one that may be forced to call a tool.
MODEL = "anthropic.claude-opus-4-8"
HAIKU_MODEL = "anthropic.claude-haiku-4-5"
# One that Bedrock has, and Mantle has not.
OLDER_MODEL = "anthropic.claude-opus-4-6-v1"


def client_with_keys():
    """The keys, the region and the address all come from the environment."""
    return anthropic.AnthropicBedrockMantle(**CLIENT_SETTINGS)


def client_with_bearer(key):
    return anthropic.AnthropicBedrockMantle(api_key=key, **CLIENT_SETTINGS)


def runtime_client():
    """The runtime host: no client signs for it yet, a key goes as it is."""
    address = os.environ["ANTHROPIC_BEDROCK_BASE_URL"] + "/anthropic"
    return anthropic.AnthropicBedrockMantle(api_key=bearer_key(), base_url=address, **CLIENT_SETTINGS)


def request(text, **changes):
    return {"model": MODEL, "max_tokens": 512, "messages": user(text), **changes}


def check_answer(message, said, stop_reason="end_turn"):
    check_equal("type", "message", message.type)
    check(message.id.startswith("msg_"), "id to begin with 'msg_'", message.id)
    check_equal("stop_reason", stop_reason, message.stop_reason)
    check(said in text_of(message), f"the text to contain {said!r}", text_of(message))
    check_usage(message.usage)
    check(message._request_id, "a request-id header", message._request_id)


for label, make_client in (
    ("keys", client_with_keys),
    ("a bearer key", lambda: client_with_bearer(bearer_key())),
    ("the runtime host", runtime_client),
):

    @case(f"create with {label}")
    def create(make_client=make_client, label=label):
        with make_client() as client:
            check_answer(client.messages.create(**request(f"said with {label}")), f"said with {label}")

    @case(f"stream with {label}")
    def stream(make_client=make_client, label=label):
        with make_client() as client:
            with client.messages.stream(**request(f"said with {label}")) as stream:
                kinds = [(event.type, getattr(event, "index", None)) for event in stream._raw_stream]
            check_event_order(kinds)
            with client.messages.stream(**request(f"said with {label}")) as stream:
                whole = stream.get_final_message()
            check(f"said with {label}" in text_of(whole), "the text", text_of(whole))
            check_usage(whole.usage)


@case("asynchronous client")
def asynchronous():
    async def both():
        async with anthropic.AsyncAnthropicBedrockMantle(**CLIENT_SETTINGS) as client:
            check_answer(await client.messages.create(**request("said later")), "said later")
            async with client.messages.stream(**request("said later")) as stream:
                whole = await stream.get_final_message()
            check("said later" in text_of(whole), "the text", text_of(whole))

    asyncio.run(both())


@case("ids: a profile, and one whose version is left out")
def ids():
    with client_with_keys() as client:
        for model in ("us." + MODEL, "global." + MODEL, HAIKU_MODEL):
            check_answer(client.messages.create(**request("by another id", model=model)), "by another id")


@case("a forced tool, streamed and sent back")
def tools():
    wish = {"model": HAIKU_MODEL, "tools": [WEATHER_TOOL], "tool_choice": {"type": "tool", "name": "get_weather"}}
    with client_with_keys() as client:
        with client.messages.stream(**request("the weather in Oslo", **wish)) as stream:
            message = stream.get_final_message()
        check_equal("stop_reason", "tool_use", message.stop_reason)
        calls = [block for block in message.content if block.type == "tool_use"]
        check_equal("the number of calls", 1, len(calls))
        check_weather_input(calls[0].input)
        result = {"type": "tool_result", "tool_use_id": calls[0].id, "content": "7 degrees"}
        turns = [
            *user("the weather in Oslo"),
            {"role": "assistant", "content": message.content},
            {"role": "user", "content": [result, {"type": "text", "text": "thank you"}]},
        ]
        check_answer(client.messages.create(**request("", model=HAIKU_MODEL, tools=[WEATHER_TOOL], messages=turns)), "thank you")


@case("a tool by its name")
def tool_by_name():
    with client_with_keys() as client:
        message = client.messages.create(**request("please call get_time", tools=[CLOCK_TOOL]))
        check_equal("the tools", ["get_time"], [block.name for block in message.content if block.type == "tool_use"])


def encoded(data):
    return base64.b64encode(data).decode()


@case("an image and a PDF")
def media():
    image = {"type": "base64", "media_type": "image/png", "data": encoded(tiny_png())}
    pdf = {"type": "base64", "media_type": "application/pdf", "data": encoded((MEDIA / "report.pdf").read_bytes())}
    content = [
        {"type": "image", "source": image},
        {"type": "document", "source": pdf, "citations": {"enabled": True}},
        {"type": "text", "text": "what is in these"},
    ]
    with client_with_keys() as client:
        message = client.messages.create(**request("", messages=[{"role": "user", "content": content}]))
        check_answer(message, "what is in these")
        citations = [block for block in message.content if getattr(block, "citations", None)]
        check(citations, "a citation of the PDF", message.content)
        check_equal("its type", "page_location", citations[0].citations[0].type)


@case("thinking, streamed")
def thinking():
    with client_with_keys() as client:
        with client.messages.stream(**request("think", max_tokens=4096, thinking={"type": "adaptive"})) as stream:
            message = stream.get_final_message()
        kinds = [block.type for block in message.content]
        check_equal("the first block", "thinking", kinds[0])
        check(message.content[0].signature, "a signature", message.content[0])


@case("count_tokens")
def count():
    with client_with_keys() as client:
        counted = client.messages.count_tokens(model=MODEL, messages=user("count me")).input_tokens
        answer = client.messages.create(**request("count me"))
        check_equal("the tokens of the same request", counted, answer.usage.input_tokens)


@case("betas travel in a header")
def betas():
    with client_with_keys() as client:
        message = client.beta.messages.create(**request("with a beta"), betas=["context-management-2025-06-27"])
        check("with a beta" in text_of(message), "the text", text_of(message))


def register_error(name, error_class, status, kind, make_client=client_with_keys, message_part="", **changes):
    for way in ("create", "stream"):

        @case(f"{name} ({way})")
        def on_error(way=way):
            def call():
                with make_client() as client:
                    if way == "create":
                        return client.messages.create(**request("this must fail", **changes))
                    with client.messages.stream(**request("this must fail", **changes)) as stream:
                        return stream.get_final_message()

            error = raised_by(call)
            check_equal("the class", error_class.__name__, type(error).__name__)
            check_equal("the status", status, error.status_code)
            body = error.body if isinstance(error.body, dict) else {}
            check_equal("the envelope", "error", body.get("type"))
            check_equal("the kind", kind, body.get("error", {}).get("type"))
            check(message_part in body["error"]["message"], f"the message to contain {message_part!r}", body)
            check(error.request_id, "a request id", error.request_id)


register_error("unknown model", anthropic.NotFoundError, 404, "not_found_error", model=UNKNOWN_MODEL)
register_error("a model that Mantle has not", anthropic.NotFoundError, 404, "not_found_error", model=OLDER_MODEL)
register_error(
    "unknown field",
    anthropic.BadRequestError,
    400,
    "invalid_request_error",
    message_part="Extra inputs are not permitted",
    extra_body={"frobnicate": True},
)
register_error(
    "a form of the output, which Mantle has not",
    anthropic.BadRequestError,
    400,
    "invalid_request_error",
    message_part="output_config.format",
    output_config={"format": {"type": "json_schema", "schema": {"type": "object", "additionalProperties": False}}},
)


@case("keys that are wrong")
def wrong_keys():
    for make_client in (
        lambda: client_with_bearer(BAD_BEARER_KEY),
        lambda: anthropic.AnthropicBedrockMantle(
            aws_access_key=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_key="not-the-secret", **CLIENT_SETTINGS
        ),
    ):
        with make_client() as client:
            error = raised_by(lambda: client.messages.create(**request("this must fail")))
            check(error.status_code in (401, 403), "the status to be 401 or 403", error.status_code)


if __name__ == "__main__":
    sys.exit(run_all())
