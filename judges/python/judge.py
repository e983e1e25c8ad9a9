"""Judges a local Bedrock server with Anthropic's Python client and with boto3.

Both clients are used as their makers publish them; `judging.py` says how the
server is found.

boto3 has no bearer case here: it sends a bearer key over nothing but TLS (`tls.py`).
"""

import asyncio
import base64
import json
import os
import sys
from typing import List, Literal, Optional

import anthropic
import botocore.exceptions
import pydantic

from judging import (
    BAD_BEARER_KEY,
    BAD_BEARER_MESSAGE,
    BASE_MODEL,
    CLIENT_SETTINGS,
    CLOCK_TOOL,
    FOUNDATION_MODEL_ARN,
    GLOBAL_MODEL,
    HAIKU_MODEL,
    MEDIA,
    OPUS_MODEL,
    PROFILE_ARN,
    UNITED_STATES_MODEL,
    UNKNOWN_KEY_MESSAGE,
    UNKNOWN_MODEL,
    UNKNOWN_MODEL_MESSAGE,
    WEATHER_TOOL,
    WRONG_SECRET_MESSAGE,
    bearer_key,
    boto3_client,
    case,
    check,
    check_equal,
    check_event_order,
    check_message,
    check_status_error,
    check_tool_use,
    check_usage,
    check_weather_input,
    client_with_bearer,
    client_with_keys,
    environment_with_bearer,
    raised_by,
    run_all,
    text_of,
    tiny_png,
    user,
)


# --- Anthropic's client: answers ----------------------------------------------


@case("anthropic: create with keys")
def create_with_keys():
    with client_with_keys() as client:
        check_message(
            client.messages.create(model=UNITED_STATES_MODEL, max_tokens=256, messages=user("the lantern is green")),
            said="the lantern is green",
        )


@case("anthropic: the same request gets the same text twice")
def same_request_same_text():
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 256, "messages": user("twice the same")}
        first = client.messages.create(**request)
        second = client.messages.create(**request)
        check(text_of(first) != "", "some text", text_of(first))
        check_equal("the second text", text_of(first), text_of(second))
        check(first.id != second.id, "two answers to have two ids", first.id)


@case("anthropic: response headers of create")
def headers_of_create():
    with client_with_keys() as client:
        raw = client.messages.with_raw_response.create(
            model=UNITED_STATES_MODEL, max_tokens=256, messages=user("headers please")
        )
        message = raw.parse()
        check_equal("the status", 200, raw.status_code)
        check(raw.headers.get("content-type", "").startswith("application/json"), "a JSON content-type", raw.headers.get("content-type"))
        check(raw.headers.get("x-amzn-requestid"), "an x-amzn-requestid header", dict(raw.headers))
        for header, number in (
            ("x-amzn-bedrock-input-token-count", message.usage.input_tokens),
            ("x-amzn-bedrock-output-token-count", message.usage.output_tokens),
        ):
            check_equal(f"header {header} (the number in usage)", str(number), raw.headers.get(header))
        latency = raw.headers.get("x-amzn-bedrock-invocation-latency", "")
        check(latency.isdigit(), "x-amzn-bedrock-invocation-latency to be a number", latency)
        # This client sends anthropic_version 2026-10-21, which real Bedrock may
        # refuse for this model: the server answers, and warns.
        check(raw.headers.get("x-outcrop-warning"), "an x-outcrop-warning header for anthropic_version 2026-10-21", dict(raw.headers))


@case("anthropic: stream with keys, text equals the final message")
def stream_with_keys():
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 256, "messages": user("a stream of pebbles and sand")}
        with client.messages.stream(**request) as stream:
            streamed = "".join(stream.text_stream)
            final = stream.get_final_message()
        check_message(final, said="a stream of pebbles and sand")
        check_equal("the joined text deltas", text_of(final), streamed)
        check_equal("the text of create for the same request", streamed, text_of(client.messages.create(**request)))


@case("anthropic: stream headers")
def stream_headers():
    with client_with_keys() as client:
        with client.messages.stream(model=UNITED_STATES_MODEL, max_tokens=256, messages=user("headers of a stream")) as stream:
            headers = stream.response.headers
            stream.until_done()
        check_equal("the content-type", "application/vnd.amazon.eventstream", headers.get("content-type"))
        check_equal("x-amzn-bedrock-content-type", "application/json", headers.get("x-amzn-bedrock-content-type"))
        check(headers.get("x-amzn-requestid"), "an x-amzn-requestid header", dict(headers))


@case("anthropic: stream events come in order")
def stream_event_order():
    with client_with_keys() as client:
        events = list(
            client.messages.create(
                model=UNITED_STATES_MODEL, max_tokens=256, messages=user("one event after the other"), stream=True
            )
        )
        check_event_order([(event.type, getattr(event, "index", None)) for event in events])
        start = events[0].message
        check(start.id.startswith("msg_bdrk_"), "the id to begin with 'msg_bdrk_'", start.id)
        check_equal("the content of message_start", [], start.content)
        check(start.usage.input_tokens > 0, "input_tokens above 0 in message_start", start.usage.input_tokens)
        delta = [event for event in events if event.type == "message_delta"][0]
        check_equal("stop_reason in message_delta", "end_turn", delta.delta.stop_reason)
        check(delta.usage.output_tokens > 0, "output_tokens above 0 in message_delta", delta.usage.output_tokens)


@case("anthropic: create with a bearer key")
def create_with_bearer():
    with client_with_bearer(bearer_key()) as client:
        check_message(
            client.messages.create(model=UNITED_STATES_MODEL, max_tokens=256, messages=user("carried by a bearer")),
            said="carried by a bearer",
        )


@case("anthropic: stream with a bearer key")
def stream_with_bearer():
    with client_with_bearer(bearer_key()) as client:
        with client.messages.stream(
            model=UNITED_STATES_MODEL, max_tokens=256, messages=user("a bearer by the stream")
        ) as stream:
            streamed = "".join(stream.text_stream)
            final = stream.get_final_message()
        check_message(final, said="a bearer by the stream")
        check_equal("the joined text deltas", text_of(final), streamed)


@case("anthropic: bearer key from the environment")
def bearer_from_environment():
    with environment_with_bearer(bearer_key()):
        with anthropic.AnthropicBedrock(**CLIENT_SETTINGS) as client:
            check_message(
                client.messages.create(model=UNITED_STATES_MODEL, max_tokens=256, messages=user("found in the environment")),
                said="found in the environment",
            )


@case("anthropic: system prompt")
def system_prompt():
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 256, "messages": user("who are you today")}
        without = client.messages.create(**request)
        as_text = client.messages.create(system="You are a patient keeper of a lighthouse. " * 10, **request)
        as_blocks = client.messages.create(
            system=[
                {"type": "text", "text": "You are a patient keeper of a lighthouse. " * 10},
                {"type": "text", "text": "Answer in one line.", "cache_control": {"type": "ephemeral"}},
            ],
            **request,
        )
        for message in (without, as_text, as_blocks):
            check_message(message, said="who are you today")
        check(
            as_text.usage.input_tokens > without.usage.input_tokens,
            f"the system prompt to count (more than {without.usage.input_tokens} input tokens)",
            as_text.usage.input_tokens,
        )


@case("anthropic: several turns, the last user text is answered")
def several_turns():
    with client_with_keys() as client:
        message = client.messages.create(
            model=UNITED_STATES_MODEL,
            max_tokens=256,
            messages=[
                {"role": "user", "content": "first things first"},
                {"role": "assistant", "content": [{"type": "text", "text": "Very well."}]},
                {"role": "user", "content": [{"type": "text", "text": "and the last thing last"}]},
            ],
        )
        check_message(message, said="and the last thing last")


@case("anthropic: a forced tool, and its result in a second turn")
def forced_tool_and_result():
    with client_with_keys() as client:
        question = {"role": "user", "content": "how is the weather in Bergen"}
        first = client.messages.create(
            model=UNITED_STATES_MODEL,
            max_tokens=256,
            messages=[question],
            tools=[CLOCK_TOOL, WEATHER_TOOL],
            tool_choice={"type": "tool", "name": "get_weather"},
        )
        tool_use = check_tool_use(first, "get_weather")
        check_weather_input(tool_use.input)
        check_usage(first.usage)
        second = client.messages.create(
            model=UNITED_STATES_MODEL,
            max_tokens=256,
            messages=[
                question,
                {"role": "assistant", "content": first.content},
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": tool_use.id, "content": "11 degrees, rain"},
                        {"type": "text", "text": "now say it in one word"},
                    ],
                },
            ],
            tools=[CLOCK_TOOL, WEATHER_TOOL],
        )
        check_message(second, said="now say it in one word")


@case("anthropic: tool_choice any")
def tool_choice_any():
    with client_with_keys() as client:
        message = client.messages.create(
            model=UNITED_STATES_MODEL,
            max_tokens=256,
            messages=user("use whatever tool there is"),
            tools=[WEATHER_TOOL],
            tool_choice={"type": "any"},
        )
        check_weather_input(check_tool_use(message, "get_weather").input)


@case("anthropic: a forced tool in a stream")
def forced_tool_stream():
    with client_with_keys() as client:
        request = {
            "model": UNITED_STATES_MODEL,
            "max_tokens": 256,
            "messages": user("stream me the weather"),
            "tools": [WEATHER_TOOL],
            "tool_choice": {"type": "tool", "name": "get_weather"},
        }
        with client.messages.stream(**request) as stream:
            final = stream.get_final_message()
        check_weather_input(check_tool_use(final, "get_weather").input)

        events = list(client.messages.create(stream=True, **request))
        check_event_order([(event.type, getattr(event, "index", None)) for event in events])
        pieces = [
            event.delta.partial_json
            for event in events
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta"
        ]
        check_weather_input(json.loads("".join(pieces)))


@case("anthropic: thinking, and the thinking block sent back")
def thinking():
    with client_with_keys() as client:
        question = {"role": "user", "content": "think about the tide"}
        settings = {
            "model": UNITED_STATES_MODEL,
            "max_tokens": 4096,
            "thinking": {"type": "enabled", "budget_tokens": 2048},
        }
        first = client.messages.create(messages=[question], **settings)
        check_message(first, said="think about the tide")
        block = first.content[0]
        check_equal("the first block", "thinking", block.type)
        check(block.signature != "", "a signature on the thinking block", block)
        second = client.messages.create(
            messages=[
                question,
                {"role": "assistant", "content": first.content},
                {"role": "user", "content": "and about the ebb"},
            ],
            **settings,
        )
        check_message(second, said="and about the ebb")


@case("anthropic: thinking in a stream")
def thinking_stream():
    with client_with_keys() as client:
        request = {
            "model": UNITED_STATES_MODEL,
            "max_tokens": 4096,
            "thinking": {"type": "enabled", "budget_tokens": 2048},
            "messages": user("think while you flow"),
        }
        with client.messages.stream(**request) as stream:
            final = stream.get_final_message()
        check_message(final, said="think while you flow")
        check_equal("the first block", "thinking", final.content[0].type)
        check(final.content[0].signature != "", "a signature on the thinking block", final.content[0])

        events = list(client.messages.create(stream=True, **request))
        check_event_order([(event.type, getattr(event, "index", None)) for event in events])
        kinds = [event.delta.type for event in events if event.type == "content_block_delta" and event.index == 0]
        check_equal("the last delta of the thinking block", "signature_delta", kinds[-1] if kinds else None)


@case("anthropic: an image in base64")
def image():
    with client_with_keys() as client:
        message = client.messages.create(
            model=UNITED_STATES_MODEL,
            max_tokens=256,
            messages=[
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "image",
                            "source": {
                                "type": "base64",
                                "media_type": "image/png",
                                "data": base64.b64encode(tiny_png()).decode(),
                            },
                        },
                        {"type": "text", "text": "what colour is this square"},
                    ],
                }
            ],
        )
        check_message(message, said="what colour is this square")


def register_model_id(label, model):
    @case(f"anthropic: model id as {label}")
    def model_id():
        with client_with_keys() as client:
            said = f"called by its {label}"
            check_message(client.messages.create(model=model, max_tokens=256, messages=user(said)), said=said)
            with client.messages.stream(model=model, max_tokens=256, messages=user(said)) as stream:
                check_message(stream.get_final_message(), said=said)


register_model_id("global profile", GLOBAL_MODEL)
register_model_id("us profile", UNITED_STATES_MODEL)
register_model_id("base id", BASE_MODEL)
register_model_id("inference profile ARN", PROFILE_ARN)
register_model_id("foundation model ARN", FOUNDATION_MODEL_ARN)


@case("anthropic: max_tokens stops the answer")
def max_tokens_stop():
    with client_with_keys() as client:
        request = {
            "model": UNITED_STATES_MODEL,
            "max_tokens": 5,
            "messages": user("a long tale of many ships and many harbours " * 10),
        }
        message = client.messages.create(**request)
        check_equal("stop_reason", "max_tokens", message.stop_reason)
        check(1 <= message.usage.output_tokens <= 5, "1 to 5 output tokens", message.usage.output_tokens)
        with client.messages.stream(**request) as stream:
            final = stream.get_final_message()
        check_equal("stop_reason of the stream", "max_tokens", final.stop_reason)
        check(1 <= final.usage.output_tokens <= 5, "1 to 5 output tokens in the stream", final.usage.output_tokens)


@case("anthropic: a stop sequence stops the answer")
def stop_sequence():
    with client_with_keys() as client:
        request = {
            "model": UNITED_STATES_MODEL,
            "max_tokens": 256,
            "messages": user("apples pears HALTHERE plums"),
            "stop_sequences": ["never in the text", "HALTHERE"],
        }
        with client.messages.stream(**request) as stream:
            streamed = stream.get_final_message()
        for message in (client.messages.create(**request), streamed):
            check_message(message, said="apples pears", stop_reason="stop_sequence")
            check_equal("stop_sequence", "HALTHERE", message.stop_sequence)
            check("HALTHERE" not in text_of(message), "the text to end before HALTHERE", text_of(message))
            check("plums" not in text_of(message), "nothing after HALTHERE", text_of(message))


@case("anthropic: the async client creates and streams")
def async_client():
    async def talk():
        async with anthropic.AsyncAnthropicBedrock(**CLIENT_SETTINGS) as client:
            request = {"model": UNITED_STATES_MODEL, "max_tokens": 256, "messages": user("not at the same time")}
            message = await client.messages.create(**request)
            async with client.messages.stream(**request) as stream:
                streamed = "".join([text async for text in stream.text_stream])
                final = await stream.get_final_message()
            return message, streamed, final

    message, streamed, final = asyncio.run(talk())
    check_message(message, said="not at the same time")
    check_message(final, said="not at the same time")
    check_equal("the joined text deltas", text_of(final), streamed)


# --- Anthropic's client: what the mirror does as Claude does -----------------------


def both_ways(client, **request):
    """The whole answer and the one that its stream adds up to: alike, but for their ids."""

    def without_ids(message):
        content = message.model_dump(exclude={"id", "usage"}, exclude_none=True)
        for block in content["content"]:
            block.pop("id", None)
        return content

    whole = client.messages.create(**request)
    with client.messages.stream(**request) as stream:
        streamed = stream.get_final_message()
    check_equal("the answer of the stream", without_ids(whole), without_ids(streamed))
    return whole


def turn_of(message):
    return {"role": "assistant", "content": message.content}


def results_of(message, content):
    """A result for each call of a message."""
    calls = [block for block in message.content if block.type == "tool_use"]
    return [{"type": "tool_result", "tool_use_id": call.id, "content": content} for call in calls]


@case("anthropic: a tool that the text names is called, and its result answered")
def tool_by_name():
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 512, "tools": [CLOCK_TOOL, WEATHER_TOOL]}
        question = {"role": "user", "content": "please ask get_weather about Bergen"}
        first = both_ways(client, messages=[question], **request)
        check_equal("the blocks", ["text", "tool_use"], [block.type for block in first.content])
        check_weather_input(check_tool_use(first, "get_weather").input)
        check_usage(first.usage)
        conversation = [question, turn_of(first), {"role": "user", "content": results_of(first, "11 degrees, rain")}]
        second = both_ways(client, messages=conversation, **request)
        check_equal("stop_reason", "end_turn", second.stop_reason)
        check_equal("the blocks of the second answer", ["text"], [block.type for block in second.content])
        unnamed = both_ways(client, messages=user("no tool is named here"), **request)
        check_message(unnamed, said="no tool is named here")


@case("anthropic: parallel calls, unless they are disabled")
def parallel_calls():
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 512, "tools": [WEATHER_TOOL, CLOCK_TOOL]}
        question = {"role": "user", "content": "call get_time and then get_weather"}
        first = both_ways(client, messages=[question], **request)
        calls = [block for block in first.content if block.type == "tool_use"]
        check_equal("the calls, in the order of the text", ["get_time", "get_weather"], [call.name for call in calls])
        check(calls[0].id != calls[1].id, "two ids", [call.id for call in calls])
        check_equal("stop_reason", "tool_use", first.stop_reason)
        results = results_of(first, "so it is")
        answered = {"role": "user", "content": results}
        second = client.messages.create(messages=[question, turn_of(first), answered], **request)
        check_equal("stop_reason of the second answer", "end_turn", second.stop_reason)
        half_answered = {"role": "user", "content": results[:1]}
        error = raised_by(lambda: client.messages.create(messages=[question, turn_of(first), half_answered], **request))
        missing = f"`tool_use` ids were found without `tool_result` blocks immediately after: {calls[1].id}"
        check_status_error(error, anthropic.BadRequestError, 400, "ValidationException", missing)
        one = both_ways(
            client, messages=[question], tool_choice={"type": "auto", "disable_parallel_tool_use": True}, **request
        )
        check_tool_use(one, "get_time")


class Ship(pydantic.BaseModel):
    """What is asked for below."""

    name: str
    masts: int
    rig: Literal["brig", "sloop"]
    cargo: List[str]
    captain: Optional[str]


@case("anthropic: an answer by a JSON schema, as a value of a class")
def output_by_schema():
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 512, "messages": user("name a ship")}
        parsed = client.messages.parse(output_format=Ship, **request)
        check(isinstance(parsed.parsed_output, Ship), "a Ship", parsed.parsed_output)
        check_equal("stop_reason", "end_turn", parsed.stop_reason)
        with client.messages.stream(output_format=Ship, **request) as stream:
            final = stream.get_final_message()
        check_equal("the value of the stream", parsed.parsed_output, final.parsed_output)
        schema = {
            "type": "object",
            "properties": {"ready": {"type": "boolean"}, "kind": {"const": "ship"}},
            "required": ["ready", "kind"],
            "additionalProperties": False,
        }
        asked = both_ways(client, output_config={"format": {"type": "json_schema", "schema": schema}}, **request)
        value = json.loads(text_of(asked))
        check_equal("the keys of the answer", ["kind", "ready"], sorted(value))
        check_equal("what is fixed", "ship", value["kind"])
        check(isinstance(value["ready"], bool), "ready to be a boolean", value["ready"])


def citations_of(message):
    return [citation for block in message.content if block.type == "text" for citation in block.citations or []]


@case("anthropic: citations of a text and of a PDF stand where they say")
def citations():
    said = "Grüße vorab. The grass is green. The sky above Bergen is mostly grey."
    documents = [
        {"type": "document", "title": "Sky", "source": {"type": "text", "media_type": "text/plain", "data": said}},
        {
            "type": "document",
            "title": "Harbour",
            "source": {
                "type": "base64",
                "media_type": "application/pdf",
                "data": base64.b64encode((MEDIA / "report.pdf").read_bytes()).decode(),
            },
        },
    ]
    cited = [{**document, "citations": {"enabled": True}} for document in documents]
    question = {"type": "text", "text": "is the sky grey, and who sees the lantern of the lighthouse?"}
    with client_with_keys() as client:
        request = {"model": UNITED_STATES_MODEL, "max_tokens": 1024}
        first = both_ways(client, messages=[{"role": "user", "content": [*cited, question]}], **request)
        found = citations_of(first)
        check_equal("the kinds of places", ["char_location", "page_location"], [citation.type for citation in found])
        in_text, in_pdf = found
        check_equal("what stands there", in_text.cited_text, said[in_text.start_char_index : in_text.end_char_index])
        check("grey" in in_text.cited_text, "the sentence that answers", in_text.cited_text)
        check_equal("the document", (0, "Sky"), (in_text.document_index, in_text.document_title))
        check_equal("the other document", (1, "Harbour"), (in_pdf.document_index, in_pdf.document_title))
        check_equal("the page, and the one after it", (2, 3), (in_pdf.start_page_number, in_pdf.end_page_number))
        check("lantern" in in_pdf.cited_text, "the sentence of the second page", in_pdf.cited_text)
        conversation = [{"role": "user", "content": [*cited, question]}, turn_of(first), *user("and the grass?")]
        check_equal("the citations of the next turn", 2, len(citations_of(both_ways(client, messages=conversation, **request))))
        plain = client.messages.create(messages=[{"role": "user", "content": [*documents, question]}], **request)
        check_equal("citations that nobody asked for", [], citations_of(plain))


@case("anthropic: a thinking block that was changed is refused")
def thinking_tampered():
    with client_with_keys() as client:
        question = {"role": "user", "content": "think about the tide"}
        settings = {
            "model": UNITED_STATES_MODEL,
            "max_tokens": 4096,
            "thinking": {"type": "enabled", "budget_tokens": 1024},
        }
        first = both_ways(client, messages=[question], **settings)
        blocks = [block.model_dump(exclude_none=True) for block in first.content]
        check_equal("the first block", "thinking", blocks[0]["type"])
        further = user("and about the ebb")

        def sent_back(**changes):
            changed = {"role": "assistant", "content": [{**blocks[0], **changes}, *blocks[1:]]}
            return client.messages.create(messages=[question, changed, *further], **settings)

        check_message(sent_back(), said="and about the ebb")
        signature = blocks[0]["signature"]
        for changes in ({"thinking": blocks[0]["thinking"] + "!"}, {"signature": signature[:-8] + "AAAAAAA="}):
            error = raised_by(lambda: sent_back(**changes))
            expected = "messages.1.content.0: Invalid `signature` in `thinking` block"
            check_status_error(error, anthropic.BadRequestError, 400, "ValidationException", expected)


@case("anthropic: the prompt cache is written once, then read")
def prompt_caching():
    # Nobody has sent these words before.
    words = f"{os.urandom(8).hex()} " + "You keep a lighthouse. " * 600
    with client_with_keys() as client:

        def ask(question, ttl):
            system = [{"type": "text", "text": ttl + words, "cache_control": {"type": "ephemeral", "ttl": ttl}}]
            raw = client.messages.with_raw_response.create(
                model=UNITED_STATES_MODEL, max_tokens=256, system=system, messages=user(question)
            )
            return raw.parse().usage, raw.headers

        for ttl, other in (("5m", "1h"), ("1h", "5m")):
            first, headers = ask("what do you see", ttl)
            written = first.cache_creation_input_tokens
            check(written > 1024, "more than 1,024 tokens to be written", written)
            check_equal("what is read at first", 0, first.cache_read_input_tokens)
            check_equal("written for so long", written, getattr(first.cache_creation, f"ephemeral_{ttl}_input_tokens"))
            check_equal("written for longer or less", 0, getattr(first.cache_creation, f"ephemeral_{other}_input_tokens"))
            check_equal("the header", str(written), headers.get("x-amzn-bedrock-cache-write-input-token-count"))
            check(first.input_tokens < 100, "the rest to be small", first.input_tokens)
            second, headers = ask("and what do you hear", ttl)
            check_equal("what is read then", written, second.cache_read_input_tokens)
            check_equal("what is written then", 0, second.cache_creation_input_tokens)
            check_equal("the header", str(written), headers.get("x-amzn-bedrock-cache-read-input-token-count"))


@case("anthropic: the window of a million tokens")
def million_tokens():
    with client_with_keys() as client:

        def ask(model, said):
            return client.beta.messages.with_raw_response.create(
                model=model, max_tokens=256, betas=["context-1m-2025-08-07"], messages=user(said)
            )

        check_message(ask(OPUS_MODEL, "how much do you hold").parse(), said="how much do you hold")
        older = ask(UNITED_STATES_MODEL, "how much do you hold")
        check_message(older.parse(), said="how much do you hold")
        check("context-1m" in older.headers.get("x-outcrop-warning", ""), "a warning of the flag", dict(older.headers))
        error = raised_by(lambda: ask(HAIKU_MODEL, "how much do you hold"))
        check_status_error(error, anthropic.BadRequestError, 400, "ValidationException", "invalid beta flag")
        # 250,000 tokens or so: too many for Haiku 4.5, not for Opus 4.6.
        long_request = {"max_tokens": 16, "messages": user("word " * 250_000)}
        check_equal("stop_reason", "max_tokens", client.messages.create(model=OPUS_MODEL, **long_request).stop_reason)
        error = raised_by(lambda: client.messages.create(model=HAIKU_MODEL, **long_request))
        check_status_error(error, anthropic.BadRequestError, 400, "ValidationException", "too long")


# --- Anthropic's client: errors ------------------------------------------------


def register_create_and_stream_error(name, make_client, request, error_class, status, code, message_part):
    """The same mistake must get the same error from create and from a stream."""

    @case(f"anthropic: {name} (create)")
    def on_create():
        with make_client() as client:
            error = raised_by(lambda: client.messages.create(**request))
            check_status_error(error, error_class, status, code, message_part)

    @case(f"anthropic: {name} (stream)")
    def on_stream():
        with make_client() as client:
            error = raised_by(lambda: list(client.messages.create(stream=True, **request)))
            check_status_error(error, error_class, status, code, message_part)


PLAIN_REQUEST = {"model": UNITED_STATES_MODEL, "max_tokens": 64, "messages": user("this must fail")}

register_create_and_stream_error(
    "wrong secret",
    lambda: anthropic.AnthropicBedrock(
        aws_access_key=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_key="not-the-secret", **CLIENT_SETTINGS
    ),
    PLAIN_REQUEST,
    anthropic.PermissionDeniedError,
    403,
    "InvalidSignatureException",
    WRONG_SECRET_MESSAGE,
)
register_create_and_stream_error(
    "unknown key",
    lambda: anthropic.AnthropicBedrock(
        aws_access_key="AKIANOBODYKNOWSTHIS0", aws_secret_key="not-the-secret", **CLIENT_SETTINGS
    ),
    PLAIN_REQUEST,
    anthropic.PermissionDeniedError,
    403,
    "UnrecognizedClientException",
    UNKNOWN_KEY_MESSAGE,
)
register_create_and_stream_error(
    "bad bearer key",
    lambda: client_with_bearer(BAD_BEARER_KEY),
    PLAIN_REQUEST,
    anthropic.PermissionDeniedError,
    403,
    # No first-hand source names the code that Bedrock sends here.
    None,
    BAD_BEARER_MESSAGE,
)
register_create_and_stream_error(
    "unknown model",
    client_with_keys,
    {**PLAIN_REQUEST, "model": UNKNOWN_MODEL},
    anthropic.BadRequestError,
    400,
    "ValidationException",
    UNKNOWN_MODEL_MESSAGE,
)
register_create_and_stream_error(
    "unknown field",
    client_with_keys,
    {**PLAIN_REQUEST, "extra_body": {"frobnicate": True}},
    anthropic.BadRequestError,
    400,
    "ValidationException",
    "Extra inputs are not permitted",
)

# What the API refuses of a request that is well formed, in its words.
for mistake, changes, message_part in (
    ("no messages", {"messages": []}, "messages: at least one message is required"),
    ("an empty text", {"messages": user("")}, "user messages must have non-empty content"),
    (
        "a prefill for a model that takes none",
        {"model": BASE_MODEL, "messages": [*user("a colour"), {"role": "assistant", "content": "It is"}]},
        "This model does not support assistant message prefill.",
    ),
    (
        "a budget that is too small",
        {"max_tokens": 4096, "thinking": {"type": "enabled", "budget_tokens": 1023}},
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    (
        "a budget that leaves nothing",
        {"max_tokens": 2048, "thinking": {"type": "enabled", "budget_tokens": 2048}},
        "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
    (
        "a forced tool while it thinks",
        {
            "max_tokens": 4096,
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "tools": [CLOCK_TOOL],
            "tool_choice": {"type": "any"},
        },
        "Thinking may not be enabled when tool_choice forces tool use.",
    ),
    (
        "temperature and top_p together",
        {"extra_body": {"temperature": 0.5, "top_p": 0.5}},
        "`temperature` and `top_p` cannot both be specified for this model.",
    ),
    ("more output than the model has", {"max_tokens": 64_001}, "max_tokens: 64001 > 64000"),
    ("two tools of one name", {"tools": [CLOCK_TOOL, CLOCK_TOOL]}, "tools: Tool names must be unique."),
    (
        "a choice without tools",
        {"tool_choice": {"type": "any"}},
        "tool_choice may only be specified while providing tools.",
    ),
    (
        "a tool that nobody offers",
        {"tools": [CLOCK_TOOL], "tool_choice": {"type": "tool", "name": "get_rich"}},
        "Tool 'get_rich' not found in provided tools",
    ),
    (
        "a tool that runs at Anthropic",
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of the expected tags",
    ),
    (
        "a result that nobody asked for",
        {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_01", "content": "so"}]}]},
        "unexpected `tool_use_id` found in `tool_result` blocks: toolu_01",
    ),
    (
        "an image that says it is another",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "image",
                            "source": {
                                "type": "base64",
                                "media_type": "image/jpeg",
                                "data": base64.b64encode(tiny_png()).decode(),
                            },
                        }
                    ],
                }
            ]
        },
        "The image was specified using the image/jpeg media type, but the image appears to be a image/png image",
    ),
    (
        "an image by its address",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}],
                }
            ]
        },
        "sources are not supported",
    ),
    (
        "five checkpoints",
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "so", "cache_control": {"type": "ephemeral"}}] * 5,
                }
            ]
        },
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    (
        "an open schema",
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object", "properties": {}}}}},
        "For 'object' type, 'additionalProperties' must be explicitly set to false",
    ),
):
    register_create_and_stream_error(
        mistake,
        client_with_keys,
        {**PLAIN_REQUEST, **changes},
        anthropic.BadRequestError,
        400,
        "ValidationException",
        message_part,
    )


# --- boto3 ----------------------------------------------------------------------


def boto3_body(said, **changes):
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 256,
        "messages": user(said),
    }
    body.update(changes)
    return json.dumps({name: value for name, value in body.items() if value is not None})


def check_boto3_message(message, said):
    check_equal("type", "message", message.get("type"))
    check_equal("role", "assistant", message.get("role"))
    check(str(message.get("id")).startswith("msg_bdrk_"), "id to begin with 'msg_bdrk_'", message.get("id"))
    check_equal("stop_reason", "end_turn", message.get("stop_reason"))
    check("stop_sequence" in message, "a stop_sequence member", sorted(message))
    text = "".join(block["text"] for block in message["content"] if block["type"] == "text")
    check(said in text, f"the text to contain {said!r}", text)
    for field in ("input_tokens", "output_tokens"):
        number = message["usage"].get(field)
        check(isinstance(number, int) and number > 0, f"usage.{field} to be a number above 0", number)


@case("boto3: invoke_model, its body and its metadata")
def boto3_invoke():
    client = boto3_client()
    response = client.invoke_model(modelId=UNITED_STATES_MODEL, body=boto3_body("boto says hello"))
    message = json.loads(response["body"].read())
    check_boto3_message(message, said="boto says hello")
    check_equal("contentType", "application/json", response["contentType"])
    metadata = response["ResponseMetadata"]
    check_equal("HTTPStatusCode", 200, metadata["HTTPStatusCode"])
    check(metadata.get("RequestId"), "a RequestId", metadata)
    headers = metadata["HTTPHeaders"]
    check_equal(
        "the input token header", str(message["usage"]["input_tokens"]), headers.get("x-amzn-bedrock-input-token-count")
    )
    check_equal(
        "the output token header", str(message["usage"]["output_tokens"]), headers.get("x-amzn-bedrock-output-token-count")
    )
    latency = headers.get("x-amzn-bedrock-invocation-latency", "")
    check(latency.isdigit(), "x-amzn-bedrock-invocation-latency to be a number", latency)
    again = client.invoke_model(modelId=UNITED_STATES_MODEL, body=boto3_body("boto says hello"))
    check(
        again["ResponseMetadata"]["RequestId"] != metadata["RequestId"],
        "a new request id for a new request",
        metadata["RequestId"],
    )


@case("boto3: invoke_model with contentType and accept")
def boto3_content_type():
    response = boto3_client().invoke_model(
        modelId=UNITED_STATES_MODEL,
        body=boto3_body("with all due headers"),
        contentType="application/json",
        accept="application/json",
    )
    check_boto3_message(json.loads(response["body"].read()), said="with all due headers")


def register_boto3_model_id(label, model):
    @case(f"boto3: model id as {label}")
    def model_id():
        said = f"called by its {label}"
        response = boto3_client().invoke_model(modelId=model, body=boto3_body(said))
        check_boto3_message(json.loads(response["body"].read()), said=said)


# boto3 percent-encodes colons and slashes, Anthropic's client leaves the colons
# alone: both have to be routed and both signatures have to be understood.
register_boto3_model_id("us profile with a colon", UNITED_STATES_MODEL)
register_boto3_model_id("global profile with a colon", GLOBAL_MODEL)
register_boto3_model_id("base id", BASE_MODEL)
register_boto3_model_id("inference profile ARN", PROFILE_ARN)
register_boto3_model_id("foundation model ARN", FOUNDATION_MODEL_ARN)


@case("boto3: invoke_model_with_response_stream")
def boto3_stream():
    client = boto3_client()
    response = client.invoke_model_with_response_stream(
        modelId=UNITED_STATES_MODEL, body=boto3_body("boto by the stream")
    )
    check_equal("contentType", "application/json", response["contentType"])
    check(response["ResponseMetadata"].get("RequestId"), "a RequestId", response["ResponseMetadata"])
    check_equal(
        "the content-type header",
        "application/vnd.amazon.eventstream",
        response["ResponseMetadata"]["HTTPHeaders"].get("content-type"),
    )
    events = [json.loads(part["chunk"]["bytes"]) for part in response["body"]]
    check_event_order([(event["type"], event.get("index")) for event in events])
    streamed = "".join(
        event["delta"]["text"]
        for event in events
        if event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta"
    )
    check("boto by the stream" in streamed, "the text to contain 'boto by the stream'", streamed)
    unary = client.invoke_model(modelId=UNITED_STATES_MODEL, body=boto3_body("boto by the stream"))
    content = json.loads(unary["body"].read())["content"]
    check_equal("the text of the stream", "".join(block["text"] for block in content), streamed)
    metrics = events[-1].get("amazon-bedrock-invocationMetrics")
    check(isinstance(metrics, dict), "amazon-bedrock-invocationMetrics in message_stop", events[-1])
    for field in ("inputTokenCount", "outputTokenCount", "invocationLatency", "firstByteLatency"):
        check(isinstance(metrics.get(field), int), f"the metric {field} to be a number", metrics)


@case("boto3: stream by an ARN")
def boto3_stream_arn():
    response = boto3_client().invoke_model_with_response_stream(
        modelId=PROFILE_ARN, body=boto3_body("an ARN by the stream")
    )
    events = [json.loads(part["chunk"]["bytes"]) for part in response["body"]]
    check_event_order([(event["type"], event.get("index")) for event in events])


def register_boto3_error(name, make_client, model, body, status, code, message_part):
    @case(f"boto3: {name} (invoke_model)")
    def on_invoke():
        check_client_error(lambda: make_client().invoke_model(modelId=model, body=body))

    @case(f"boto3: {name} (stream)")
    def on_stream():
        check_client_error(
            lambda: list(make_client().invoke_model_with_response_stream(modelId=model, body=body)["body"])
        )

    def check_client_error(call):
        try:
            answer = call()
        except botocore.exceptions.ClientError as error:
            response = error.response
        else:
            check(False, f"a ClientError with code {code}", answer)
        check_equal("the code", code, response["Error"]["Code"])
        check_equal("the status", status, response["ResponseMetadata"]["HTTPStatusCode"])
        message = response["Error"]["Message"]
        if message_part is None:
            check(message != "", "some message", message)
        else:
            check(message_part in message, f"the message to contain {message_part!r}", message)
        check(response["ResponseMetadata"].get("RequestId"), "a RequestId", response["ResponseMetadata"])


register_boto3_error(
    "wrong secret",
    lambda: boto3_client(os.environ["AWS_ACCESS_KEY_ID"], "not-the-secret"),
    UNITED_STATES_MODEL,
    boto3_body("this must fail"),
    403,
    "InvalidSignatureException",
    WRONG_SECRET_MESSAGE,
)
register_boto3_error(
    "unknown key",
    lambda: boto3_client("AKIANOBODYKNOWSTHIS0", "not-the-secret"),
    UNITED_STATES_MODEL,
    boto3_body("this must fail"),
    403,
    "UnrecognizedClientException",
    UNKNOWN_KEY_MESSAGE,
)
register_boto3_error(
    "unknown model", boto3_client, UNKNOWN_MODEL, boto3_body("this must fail"), 400, "ValidationException", UNKNOWN_MODEL_MESSAGE
)
# The wording for broken JSON differs from model to model, so any will do.
register_boto3_error(
    "malformed JSON", boto3_client, UNITED_STATES_MODEL, '{"anthropic_version": "bedrock-', 400, "ValidationException", None
)
register_boto3_error(
    "missing max_tokens",
    boto3_client,
    UNITED_STATES_MODEL,
    boto3_body("this must fail", max_tokens=None),
    400,
    "ValidationException",
    "max_tokens",
)
register_boto3_error(
    "unknown field",
    boto3_client,
    UNITED_STATES_MODEL,
    boto3_body("this must fail", frobnicate=True),
    400,
    "ValidationException",
    "Extra inputs are not permitted",
)


def count(model, body):
    return boto3_client().count_tokens(modelId=model, input={"invokeModel": {"body": body}})


@case("boto3: count_tokens of an InvokeModel body")
def boto3_count():
    short = count(BASE_MODEL, boto3_body("count me"))
    check_equal("HTTPStatusCode", 200, short["ResponseMetadata"]["HTTPStatusCode"])
    check(short["ResponseMetadata"].get("RequestId"), "a RequestId", short["ResponseMetadata"])
    number = short["inputTokens"]
    check(isinstance(number, int) and number > 0, "inputTokens to be a number above 0", number)
    longer = count(BASE_MODEL, boto3_body("count me " * 100, tools=[WEATHER_TOOL]))["inputTokens"]
    check(longer > number, f"more tokens than {number} for more text", longer)
    # What is counted is what is billed.
    client = boto3_client()
    answer = json.loads(client.invoke_model(modelId=BASE_MODEL, body=boto3_body("count me"))["body"].read())
    check_equal("input_tokens of the same request", number, answer["usage"]["input_tokens"])


def register_count_error(name, model, body, message_part):
    @case(f"boto3: count_tokens of {name}")
    def on_count():
        try:
            answer = count(model, body)
        except botocore.exceptions.ClientError as error:
            check_equal("the class", "ValidationException", type(error).__name__)
            response = error.response
        else:
            check(False, "a ClientError", answer)
        check_equal("the code", "ValidationException", response["Error"]["Code"])
        check_equal("the status", 400, response["ResponseMetadata"]["HTTPStatusCode"])
        check(message_part in response["Error"]["Message"], f"the message to contain {message_part!r}", response["Error"])


NOT_COUNTED = "The provided model doesn't support counting tokens."
register_count_error("a us profile", UNITED_STATES_MODEL, boto3_body("count me"), NOT_COUNTED)
register_count_error("a global profile", GLOBAL_MODEL, boto3_body("count me"), NOT_COUNTED)
register_count_error("a body that is refused", BASE_MODEL, boto3_body("count me", frobnicate=True), "Extra inputs are not permitted")


if __name__ == "__main__":
    sys.exit(run_all())
