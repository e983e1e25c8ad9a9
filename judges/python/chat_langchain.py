"""Judges Converse of a local Bedrock server with LangChain (`ChatBedrockConverse`), as
its makers publish it; `judging.py` says how the server is found.
"""

import base64
import os
import sys

import botocore.exceptions
import pydantic
from langchain_aws import ChatBedrockConverse
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool

from judging import (
    MEDIA,
    UNITED_STATES_MODEL,
    UNKNOWN_MODEL,
    UNKNOWN_MODEL_MESSAGE,
    case,
    check,
    check_equal,
    run_all,
    tiny_png,
)


def model(**settings):
    return ChatBedrockConverse(**{"model": UNITED_STATES_MODEL, "max_tokens": 512, **settings})


def encoded(data):
    return base64.b64encode(data).decode()


def check_usage(message):
    usage = message.usage_metadata
    check(usage["input_tokens"] > 0 and usage["output_tokens"] > 0, "tokens to be counted", usage)
    check_equal("the total", usage["input_tokens"] + usage["output_tokens"], usage["total_tokens"])


@case("invoke")
def invoke():
    answer = model().invoke([SystemMessage("You keep a lighthouse."), HumanMessage("the kite is blue")])
    check("the kite is blue" in answer.text, "the text", answer.content)
    check_equal("why it stopped", "end_turn", answer.response_metadata["stopReason"])
    check_usage(answer)


@case("stream")
def stream():
    pieces = list(model().stream("the kite is red"))
    check(len(pieces) > 4, "more than one piece", len(pieces))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    check("the kite is red" in whole.text, "the text", whole.content)
    check_usage(whole)


@tool
def get_time(city: str) -> str:
    """The time in one city."""
    return f"six in {city}"


@case("tools, called and answered")
def tools():
    with_tools = model().bind_tools([get_time])
    turns = [HumanMessage("please call get_time")]
    answer = with_tools.invoke(turns)
    check_equal("the tools called", ["get_time"], [call["name"] for call in answer.tool_calls])
    call = answer.tool_calls[0]
    check(isinstance(call["args"].get("city"), str), "a city", call)
    turns += [answer, ToolMessage("six", tool_call_id=call["id"]), HumanMessage("thank you")]
    check("thank you" in with_tools.invoke(turns).text, "the answer after the result", turns)


@case("tools, streamed")
def tools_streamed():
    whole = None
    for piece in model().bind_tools([get_time], tool_choice="any").stream("the time"):
        whole = piece if whole is None else whole + piece
    check_equal("the tools called", ["get_time"], [call["name"] for call in whole.tool_calls])


class Film(pydantic.BaseModel):
    """A film."""

    title: str
    year: int


for method in ("function_calling", "json_schema"):

    @case(f"structured output by {method}")
    def structured(method=method):
        film = model().with_structured_output(Film, method=method).invoke("a film")
        check(isinstance(film, Film), "a Film", film)


@case("an image")
def image():
    picture = {"type": "image", "base64": encoded(tiny_png()), "mime_type": "image/png"}
    answer = model().invoke([HumanMessage([picture, {"type": "text", "text": "what colour"}])])
    check("what colour" in answer.text, "the text", answer.content)


@case("a PDF")
def pdf():
    data = encoded((MEDIA / "report.pdf").read_bytes())
    document = {"type": "file", "base64": data, "mime_type": "application/pdf", "name": "report"}
    answer = model().invoke([HumanMessage([document, {"type": "text", "text": "what does it say"}])])
    check("what does it say" in answer.text, "the text", answer.content)


@case("thinking, and its signature back")
def thinking():
    thinker = model(max_tokens=4096, additional_model_request_fields={"thinking": {"type": "enabled", "budget_tokens": 1024}})
    turns = [HumanMessage("think about it")]
    answer = thinker.invoke(turns)
    check_equal("the first block", "reasoning_content", answer.content[0]["type"])
    turns += [answer, HumanMessage("and again")]
    check("and again" in thinker.invoke(turns).text, "the answer", turns)


@case("a cached prefix")
def caching():
    words = f"{os.urandom(8).hex()} " + "You keep a lighthouse. " * 600
    system = SystemMessage([{"type": "text", "text": words}, ChatBedrockConverse.create_cache_point()])
    first = model().invoke([system, HumanMessage("good evening")]).usage_metadata["input_token_details"]
    second = model().invoke([system, HumanMessage("good morning")]).usage_metadata["input_token_details"]
    # It moves what was written under the time that it lives.
    written = first["cache_creation"] + first.get("ephemeral_5m_input_tokens", 0)
    check(written > 0, "a prefix to be written", first)
    check_equal("what is read", written, second["cache_read"])


@case("unknown model")
def unknown_model():
    for call in (lambda chat: chat.invoke("this must fail"), lambda chat: list(chat.stream("this must fail"))):
        try:
            answer = call(model(model=UNKNOWN_MODEL))
        except botocore.exceptions.ClientError as error:
            check_equal("the code", "ValidationException", error.response["Error"]["Code"])
            check(UNKNOWN_MODEL_MESSAGE in error.response["Error"]["Message"], "the message", error.response)
        else:
            check(False, "an error", answer)


if __name__ == "__main__":
    sys.exit(run_all())
