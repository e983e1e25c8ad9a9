"""Judges Converse and ConverseStream of a local Bedrock server with boto3, as its
makers publish it; `judging.py` says how the server is found.
"""

import json
import os
import sys

import botocore.exceptions

from judging import (
    BASE_MODEL,
    CLOCK_TOOL,
    MEDIA,
    PROFILE_ARN,
    UNITED_STATES_MODEL,
    UNKNOWN_MODEL,
    UNKNOWN_MODEL_MESSAGE,
    WEATHER_TOOL,
    WRONG_SECRET_MESSAGE,
    boto3_client,
    case,
    check,
    check_equal,
    check_weather_input,
    run_all,
    tiny_png,
)

# One that refuses sampling parameters and forced tools.
STRICT_MODEL = "global.anthropic.claude-opus-5-5"


def said(text, *before, role="user"):
    return {"role": role, "content": [*before, {"text": text}]}


def spec(tool):
    return {
        "toolSpec": {
            "name": tool["name"],
            "description": tool["description"],
            "inputSchema": {"json": tool["input_schema"]},
        }
    }


def asked(text, **changes):
    request = {
        "modelId": UNITED_STATES_MODEL,
        "messages": [said(text)],
        "inferenceConfig": {"maxTokens": 512},
    }
    request.update(changes)
    return {name: value for name, value in request.items() if value is not None}


def converse(text, **changes):
    return boto3_client().converse(**asked(text, **changes))


def converse_stream(text, **changes):
    """The events, and what they add up to: blocks, stop reason and metadata."""
    answer = boto3_client().converse_stream(**asked(text, **changes))
    check_equal(
        "the content-type header",
        "application/vnd.amazon.eventstream",
        answer["ResponseMetadata"]["HTTPHeaders"].get("content-type"),
    )
    events = list(answer["stream"])
    return events, added_up(events)


def added_up(events):
    """What a stream says, held to the order that real ones keep: messageStart, block
    after block, messageStop, and metadata last. Only tool calls are announced."""
    kinds = [next(iter(event)) for event in events]
    check_equal("the first event", "messageStart", kinds[0])
    check_equal("its role", "assistant", events[0]["messageStart"]["role"])
    check_equal("the last two events", ["messageStop", "metadata"], kinds[-2:])
    blocks = []
    block = None
    for kind, event in zip(kinds[1:-2], events[1:-2]):
        body = event[kind]
        check_equal(f"the index of a {kind}", len(blocks), body["contentBlockIndex"])
        if kind == "contentBlockStart":
            check(block is None, "a block to be stopped before the next one starts", kinds)
            check_equal("what is announced", ["toolUse"], list(body["start"]))
            block = {"toolUse": {**body["start"]["toolUse"], "input": ""}}
        elif kind == "contentBlockDelta":
            block = block if block is not None else {}
            add(block, body["delta"])
        elif kind == "contentBlockStop":
            check(block is not None, "a stop only after something", kinds)
            if "toolUse" in block:
                block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
            blocks.append(block)
            block = None
        else:
            check(False, "only block events between the start and the end", kind)
    check(block is None and blocks, "every block to be stopped", kinds)
    return {"blocks": blocks, **events[-2]["messageStop"], **events[-1]["metadata"]}


def add(block, delta):
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        check("toolUse" in block, "a tool call to be announced", block)
        block["toolUse"]["input"] += delta["toolUse"]["input"]
    elif "reasoningContent" in delta:
        for name, value in delta["reasoningContent"].items():
            reasoning = block.setdefault("reasoningContent", {})
            reasoning[name] = reasoning.get(name, "") + value
    elif "citation" in delta:
        block.setdefault("citations", []).append(delta["citation"])
    else:
        check(False, "a delta that boto3 knows", delta)


def blocks_of(answer):
    return answer["output"]["message"]["content"]


def text_of(blocks):
    parts = []
    for block in blocks:
        parts.append(block.get("text", ""))
        parts.extend(part["text"] for part in block.get("citationsContent", {}).get("content", []))
    return "".join(parts)


def check_answer(answer, text, stop_reason="end_turn"):
    """A whole answer that repeats what was said, with usage, metrics and a request id."""
    message = answer["output"]["message"]
    check_equal("role", "assistant", message["role"])
    check_equal("stopReason", stop_reason, answer["stopReason"])
    check(text in text_of(message["content"]), f"the text to contain {text!r}", message["content"])
    check_usage(answer)
    metadata = answer["ResponseMetadata"]
    check(metadata.get("RequestId"), "a RequestId", metadata)
    counted = [name for name in metadata["HTTPHeaders"] if name.endswith("-token-count")]
    check_equal("headers that count tokens, which Converse has not", [], counted)


def check_usage(answer):
    usage = answer["usage"]
    for field in ("inputTokens", "outputTokens", "totalTokens"):
        check(usage.get(field, 0) > 0, f"usage.{field} to be a number above 0", usage)
    parts = [usage.get(f"{part}Tokens", 0) for part in ("input", "output", "cacheReadInput", "cacheWriteInput")]
    check_equal("totalTokens", sum(parts), usage["totalTokens"])
    check(isinstance(answer["metrics"]["latencyMs"], int), "metrics.latencyMs to be a number", answer["metrics"])


# --- text ---------------------------------------------------------------------------


@case("converse: text")
def text():
    check_answer(converse("the kite is blue"), "the kite is blue")


@case("converse: the ARN of a profile, whose slash boto3 encodes")
def by_arn():
    check_answer(converse("by its ARN", modelId=PROFILE_ARN), "by its ARN")
    _, whole = converse_stream("by its ARN", modelId=PROFILE_ARN)
    check("by its ARN" in text_of(whole["blocks"]), "the text in the stream", whole["blocks"])


@case("converse: nothing but messages")
def bare():
    check_answer(converse("barely asked", inferenceConfig=None), "barely asked")


@case("converse_stream: text")
def text_stream():
    events, whole = converse_stream("the kite is red")
    check(len(events) > 6, "more than one piece of text", [next(iter(event)) for event in events])
    check_equal("stopReason", "end_turn", whole["stopReason"])
    check_usage(whole)
    answer = converse("the kite is red")
    check_equal("the text of the stream", text_of(blocks_of(answer)), text_of(whole["blocks"]))
    check_equal("the usage of the stream", answer["usage"]["totalTokens"], whole["usage"]["totalTokens"])


@case("converse: system, turns and every setting")
def settings():
    answer = converse(
        "and now?",
        messages=[said("it began"), said("it went on", role="assistant"), said("and now?")],
        system=[{"text": "You keep a lighthouse."}],
        inferenceConfig={"maxTokens": 512, "temperature": 0.5, "stopSequences": ["THE END"]},
        additionalModelRequestFields={"top_k": 20},
        requestMetadata={"team": "lighthouse"},
        performanceConfig={"latency": "standard"},
    )
    check_answer(answer, "and now?")
    alone = converse("and now?")
    check(answer["usage"]["inputTokens"] > alone["usage"]["inputTokens"], "more tokens for more turns", answer["usage"])


@case("converse: max_tokens stops the answer")
def max_tokens_stop():
    check_equal("stopReason", "max_tokens", converse("go on and on", inferenceConfig={"maxTokens": 3})["stopReason"])
    _, whole = converse_stream("go on and on", inferenceConfig={"maxTokens": 3})
    check_equal("stopReason of the stream", "max_tokens", whole["stopReason"])


@case("converse: a stop sequence, and which one it was")
def stop_sequence():
    wish = {
        "inferenceConfig": {"maxTokens": 512, "stopSequences": ["lantern"]},
        "additionalModelResponseFieldPaths": ["/stop_sequence"],
    }
    answer = converse("say the word lantern", **wish)
    check_equal("stopReason", "stop_sequence", answer["stopReason"])
    check_equal("the fields asked for", {"stop_sequence": "lantern"}, answer["additionalModelResponseFields"])
    check("lantern" not in text_of(blocks_of(answer)), "the text to end before it", blocks_of(answer))
    wish["additionalModelResponseFieldPaths"] = ["/delta/stop_sequence"]
    _, whole = converse_stream("say the word lantern", **wish)
    fields = whole.get("additionalModelResponseFields")
    check_equal("the fields in the stream", {"delta": {"stop_sequence": "lantern"}}, fields)


# --- tools --------------------------------------------------------------------------


@case("converse: a forced tool, and its result")
def tool_and_result():
    tools = {"tools": [spec(WEATHER_TOOL)], "toolChoice": {"tool": {"name": "get_weather"}}}
    answer = converse("the weather in Oslo", toolConfig=tools)
    check_equal("stopReason", "tool_use", answer["stopReason"])
    calls = [block["toolUse"] for block in blocks_of(answer) if "toolUse" in block]
    check_equal("the number of calls", 1, len(calls))
    check_equal("the name", "get_weather", calls[0]["name"])
    check(calls[0]["toolUseId"].startswith("tooluse_"), "the id to begin with 'tooluse_'", calls[0])
    check_weather_input(calls[0]["input"])
    result = {"toolUseId": calls[0]["toolUseId"], "content": [{"json": {"degrees": 7}}, {"text": "and rain"}]}
    turns = [
        said("the weather in Oslo"),
        answer["output"]["message"],
        {"role": "user", "content": [{"toolResult": {**result, "status": "success"}}, {"text": "thank you"}]},
    ]
    check_answer(converse("", messages=turns, toolConfig={"tools": tools["tools"]}), "thank you")


@case("converse_stream: a forced tool")
def tool_stream():
    tools = {"tools": [spec(WEATHER_TOOL)], "toolChoice": {"any": {}}}
    events, whole = converse_stream("the weather in Oslo", toolConfig=tools)
    check_equal("stopReason", "tool_use", whole["stopReason"])
    calls = [block["toolUse"] for block in whole["blocks"] if "toolUse" in block]
    check_equal("the number of calls", 1, len(calls))
    check_weather_input(calls[0]["input"])
    pieces = [event for event in events if "toolUse" in event.get("contentBlockDelta", {}).get("delta", {})]
    check(len(pieces) > 1, "the arguments in more than one piece", pieces)


@case("converse: one of two tools, by its name")
def tool_by_name():
    tools = {"tools": [spec(WEATHER_TOOL), spec(CLOCK_TOOL)]}
    answer = converse("please call get_time", toolConfig=tools)
    names = [block["toolUse"]["name"] for block in blocks_of(answer) if "toolUse" in block]
    check_equal("the tools called", ["get_time"], names)


@case("converse: output by a schema")
def schema():
    wanted = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "year": {"type": "integer"}},
        "required": ["title", "year"],
        "additionalProperties": False,
    }
    structure = {"jsonSchema": {"name": "film", "schema": json.dumps(wanted)}}
    answer = converse("a film", outputConfig={"textFormat": {"type": "json_schema", "structure": structure}})
    film = json.loads(text_of(blocks_of(answer)))
    check_equal("the members", ["title", "year"], sorted(film))
    check(isinstance(film["year"], int), "the year to be a number", film)


# --- media --------------------------------------------------------------------------


@case("converse: an image")
def image():
    picture = {"image": {"format": "png", "source": {"bytes": tiny_png()}}}
    answer = converse("", messages=[said("what colour is it", picture)])
    check_answer(answer, "what colour is it")
    check("32" in text_of(blocks_of(answer)), "the image's size to be seen", text_of(blocks_of(answer)))


def with_pdf(citations, **changes):
    document = {"format": "pdf", "name": "report", "source": {"bytes": (MEDIA / "report.pdf").read_bytes()}}
    if citations:
        document["citations"] = {"enabled": True}
    return asked("", messages=[said("what does it say", {"document": document})], **changes)


@case("converse: a PDF is text without citations, and pages with them")
def pdf():
    client = boto3_client()
    plain = client.converse(**with_pdf(False))
    check_answer(plain, "what does it say")
    cited = client.converse(**with_pdf(True))
    check(
        cited["usage"]["inputTokens"] > plain["usage"]["inputTokens"],
        "pages to cost more than their text",
        [plain["usage"], cited["usage"]],
    )
    contents = [block["citationsContent"] for block in blocks_of(cited) if "citationsContent" in block]
    check(contents, "a citation", blocks_of(cited))
    location = contents[0]["citations"][0]["location"]
    check_equal("where it points", ["documentPage"], list(location))
    check(location["documentPage"]["start"] >= 1, "a page from 1", location)


@case("converse_stream: a PDF with citations")
def pdf_stream():
    answer = boto3_client().converse_stream(**with_pdf(True))
    whole = added_up(list(answer["stream"]))
    cited = [block for block in whole["blocks"] if "citations" in block]
    check(cited, "a citation", whole["blocks"])
    check_equal("where it points", ["documentPage"], list(cited[0]["citations"][0]["location"]))


@case("converse: a document that is plain text")
def plain_document():
    document = {"document": {"format": "txt", "name": "notes", "source": {"bytes": b"The harbour opens at six."}}}
    check_answer(converse("", messages=[said("when does it open", document)]), "when does it open")


# --- thinking, caching, counts ----------------------------------------------------------


THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


@case("converse: thinking, sent back with its signature")
def thinking():
    wish = {"inferenceConfig": {"maxTokens": 4096}, "additionalModelRequestFields": THINKING}
    answer = converse("think about it", **wish)
    first = blocks_of(answer)[0]
    check_equal("the first block", ["reasoningContent"], list(first))
    reasoning = first["reasoningContent"]["reasoningText"]
    check(reasoning["text"] and reasoning["signature"], "thinking with a signature", reasoning)
    turns = [said("think about it"), answer["output"]["message"], said("and again")]
    check_answer(converse("", messages=turns, **wish), "and again")
    _, whole = converse_stream("think about it", **wish)
    check(whole["blocks"][0]["reasoningContent"].get("signature"), "a signature in the stream", whole["blocks"][0])


@case("converse: a cached prefix is written, then read")
def caching():
    words = f"{os.urandom(8).hex()} " + "You keep a lighthouse. " * 600
    system = [{"text": words}, {"cachePoint": {"type": "default"}}]
    first = converse("good evening", system=system)["usage"]
    check(first["cacheWriteInputTokens"] > 0, "a prefix to be written", first)
    check_equal("what is read", 0, first["cacheReadInputTokens"])
    second = converse("good morning", system=system)["usage"]
    check_equal("what is read", first["cacheWriteInputTokens"], second["cacheReadInputTokens"])
    check_equal("what is written", 0, second["cacheWriteInputTokens"])


@case("count_tokens of a Converse request")
def count():
    client = boto3_client()
    request = {"messages": [said("count me")], "system": [{"text": "You count."}]}
    number = client.count_tokens(modelId=BASE_MODEL, input={"converse": request})["inputTokens"]
    answer = client.converse(modelId=BASE_MODEL, inferenceConfig={"maxTokens": 64}, **request)
    check_equal("inputTokens of the same request", number, answer["usage"]["inputTokens"])


# --- errors -----------------------------------------------------------------------------


def register_error(name, status, code, message_part, make_client=boto3_client, **changes):
    def refused(operation):
        client = make_client()
        try:
            answer = getattr(client, operation)(**asked("this must fail", **changes))
        except botocore.exceptions.ClientError as error:
            return client, error
        check(False, "a ClientError", answer)

    for operation in ("converse", "converse_stream"):

        @case(f"{operation}: {name}")
        def on_operation(operation=operation):
            client, error = refused(operation)
            check_equal("the code", code, error.response["Error"]["Code"])
            # What is modelled has a class of its own.
            known = getattr(client.exceptions, code, None) if code in dir(client.exceptions) else None
            if known is not None:
                check(isinstance(error, known), f"the class {code}", type(error).__name__)
            metadata = error.response["ResponseMetadata"]
            check_equal("the status", status, metadata["HTTPStatusCode"])
            check(metadata.get("RequestId"), "a RequestId", metadata)
            message = error.response["Error"]["Message"]
            check(message_part in message, f"the message to contain {message_part!r}", message)


def document_named(name):
    return {"document": {"format": "txt", "name": name, "source": {"bytes": b"text"}}}


VALIDATION = (400, "ValidationException")
register_error("unknown model", *VALIDATION, UNKNOWN_MODEL_MESSAGE, modelId=UNKNOWN_MODEL)
register_error(
    "wrong secret",
    403,
    "InvalidSignatureException",
    WRONG_SECRET_MESSAGE,
    make_client=lambda: boto3_client(os.environ["AWS_ACCESS_KEY_ID"], "not-the-secret"),
)
register_error(
    "a document's name",
    *VALIDATION,
    "The document file name can only contain alphanumeric characters",
    messages=[said("read", document_named("report.final"))],
)
register_error(
    "a document's name that is too long",
    *VALIDATION,
    "1 validation error detected: Value at 'messages.1.member.content.1.member.document.name' failed to satisfy "
    "constraint: Member must have length less than or equal to 200",
    messages=[said("read", document_named("n" * 201))],
)
register_error(
    "calls without toolConfig",
    *VALIDATION,
    "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
    messages=[
        said("call it"),
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "tooluse_1", "name": "get_time", "input": {}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "tooluse_1", "content": [{"text": "six"}]}}]},
    ],
)
register_error(
    "a blank text",
    *VALIDATION,
    "text",
    messages=[said(" ")],
)
register_error(
    "a temperature that the model refuses",
    *VALIDATION,
    "The model returned the following errors: `temperature` is deprecated for this model.",
    modelId=STRICT_MODEL,
    inferenceConfig={"maxTokens": 64, "temperature": 0.5},
)
register_error(
    "a tool that the model may not be forced to call",
    *VALIDATION,
    "The model returned the following errors: ",
    modelId=STRICT_MODEL,
    toolConfig={"tools": [spec(CLOCK_TOOL)], "toolChoice": {"any": {}}},
)
register_error(
    "a field that Claude does not have",
    *VALIDATION,
    "Extra inputs are not permitted",
    additionalModelRequestFields={"frobnicate": True},
)


if __name__ == "__main__":
    sys.exit(run_all())
