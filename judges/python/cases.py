"""Sends the cases of the judge `bodies` with Anthropic's Python client.

`src/bin/bodies` starts the local Bedrock, runs this program against it, sends
the same cases with Outcrop's own client, and compares what the server was
asked. The header `x-case` says which case a call belongs to. The cases stand in
the same order and under the same names on the other side, in
`src/bin/bodies/*.rs`; here they are written as users of this client write them.
"""

import base64
import os
import pathlib
import sys
import typing

import anthropic
import pydantic

OPUS_4_1 = "us.anthropic.claude-opus-4-1-20250805-v1:0"
OPUS_4_5 = "global.anthropic.claude-opus-4-5-20251101-v1:0"
OPUS_4_6 = "global.anthropic.claude-opus-4-6-v1"
OPUS_4_7 = "global.anthropic.claude-opus-4-7"
SONNET_4_5 = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"
SONNET_4_6 = "global.anthropic.claude-sonnet-4-6"
HAIKU_4_5 = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
PROFILE_ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"

MEDIA = pathlib.Path(__file__).parent.parent / "media"


def start():
    # Without this the client would go to the real service, and pay for it.
    address = os.environ.get("ANTHROPIC_BEDROCK_BASE_URL", "")
    if not address.startswith("http://127.0.0.1:"):
        sys.exit(f"cases.py: expected ANTHROPIC_BEDROCK_BASE_URL to be a local server's; saw {address!r}")
    return anthropic.AnthropicBedrock(max_retries=0, timeout=30.0)


client = start()
refused = 0


def messages(request):
    return client.beta.messages if "betas" in request else client.messages


def told(case, call):
    """The answer, or None: then the case fails on the other side, too."""
    global refused
    try:
        return call()
    except anthropic.APIError as error:
        refused += 1
        print(f"{case}: {type(error).__name__}: {error}", flush=True)
        return None


def whole(case, **request):
    return told(case, lambda: messages(request).create(extra_headers={"x-case": case}, **request))


def streamed(case, **request):
    def call():
        with messages(request).stream(extra_headers={"x-case": case}, **request) as stream:
            return stream.get_final_message()

    return told(case, call)


def user(*content):
    """A turn of the user: one string, or blocks."""
    return {"role": "user", "content": content[0] if content and isinstance(content[0], str) else list(content)}


def assistant(*content):
    return {**user(*content), "role": "assistant"}


def text(said, **more):
    return {"type": "text", "text": said, **more}


def encoded(name):
    return base64.b64encode((MEDIA / name).read_bytes()).decode()


def image(name, media_type, **more):
    source = {"type": "base64", "media_type": media_type, "data": encoded(name)}
    return {"type": "image", "source": source, **more}


def report(**more):
    source = {"type": "base64", "media_type": "application/pdf", "data": encoded("report.pdf")}
    return {"type": "document", "source": source, **more}


def note(said, **more):
    return {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": said}, **more}


# --- texts ------------------------------------------------------------------------

whole("text: one string", model=SONNET_4_5, max_tokens=256, messages=[user("Hello, world")])

streamed("text: blocks", model=SONNET_4_5, max_tokens=256, messages=[user(text("Hello,"), text("world"))])

whole(
    "text: several turns",
    model=HAIKU_4_5,
    max_tokens=256,
    messages=[user("One."), assistant("Two."), user(text("Three.")), assistant(text("Four.")), user("Five?")],
)

streamed(
    "text: every kind of letter",
    model=SONNET_4_6,
    max_tokens=256,
    messages=[user('Grüße, 世界 🌍, עולם, "quoted" \\ back\tslash\nand \u0001 a control, e\u0301, \u2028, </script>')],
)

whole("text: a prefill", model=SONNET_4_5, max_tokens=256, messages=[user("A colour as JSON"), assistant('{"colour":')])

streamed(
    "text: stop sequences",
    model=SONNET_4_5,
    max_tokens=256,
    stop_sequences=["HALT", "\n\nHuman:"],
    messages=[user("apples pears HALT plums")],
)

whole(
    "text: the end user's id",
    model=OPUS_4_6,
    max_tokens=256,
    metadata={"user_id": "5f0c3a1e"},
    messages=[user("Who am I?")],
)

# The client has no parameters for sampling any more; models before Opus 4.7 take it.
streamed(
    "text: temperature and top_k",
    model=SONNET_4_5,
    max_tokens=256,
    messages=[user("Roll a die")],
    extra_body={"temperature": 0.25, "top_k": 40},
)

whole("text: top_p", model=OPUS_4_1, max_tokens=256, messages=[user("Roll a die")], extra_body={"top_p": 0.9})

streamed(
    "text: a system prompt",
    model=OPUS_4_7,
    max_tokens=256,
    system="You keep a lighthouse.",
    messages=[user("What do you see?")],
)

whole(
    "text: a system prompt of blocks",
    model=OPUS_4_6,
    max_tokens=256,
    system=[text("You keep a lighthouse."), text("Answer in one line.")],
    messages=[user("What do you see?")],
)

streamed("text: an ARN for a model", model=PROFILE_ARN, max_tokens=256, messages=[user("Who answers?")])

# --- images and documents -----------------------------------------------------------

whole(
    "image: PNG",
    model=SONNET_4_5,
    max_tokens=256,
    messages=[user(image("square.png", "image/png"), text("Which colour is it?"))],
)

streamed(
    "image: several",
    model=SONNET_4_6,
    max_tokens=256,
    messages=[
        user(text("One:"), image("dot.jpg", "image/jpeg"), text("Two:"), image("square.png", "image/png")),
        assistant("I see two."),
        user(image("dot.jpg", "image/jpeg"), text("And this?")),
    ],
)

whole("PDF: bare", model=SONNET_4_5, max_tokens=256, messages=[user(report(), text("Sum it up"))])

streamed(
    "PDF: title, context, citations",
    model=OPUS_4_6,
    max_tokens=512,
    messages=[
        user(
            report(title="Harbour report", context="Written by its keeper.", citations={"enabled": True}),
            text("What colour is the lantern?"),
        )
    ],
)

whole(
    "document: plain text, cited",
    model=SONNET_4_5,
    max_tokens=512,
    messages=[
        user(
            note("The grass is green. The sky is blue.", title="Facts", citations={"enabled": True}),
            text("What colour is the sky?"),
        )
    ],
)

streamed(
    "document: blocks",
    model=SONNET_4_5,
    max_tokens=512,
    messages=[
        user(
            {
                "type": "document",
                "source": {
                    "type": "content",
                    "content": [text("The grass is green."), image("square.png", "image/png"), text("So it says.")],
                },
                "title": "Album",
                "citations": {"enabled": True},
            },
            {"type": "document", "source": {"type": "content", "content": "One string."}, "citations": {"enabled": True}},
            text("What is green?"),
        )
    ],
)


def search_result(source, title, *texts, **more):
    content = [text(said) for said in texts]
    return {"type": "search_result", "source": source, "title": title, "content": content, **more}


whole(
    "document: search results",
    model=OPUS_4_6,
    max_tokens=512,
    messages=[
        user(
            search_result("https://example.com/quartz", "Quartz", "Quartz is hard.", "It is clear.", citations={"enabled": True}),
            search_result("wiki/talc", "Talc", "Talc is soft.", citations={"enabled": True}),
            text("Which is hard?"),
        )
    ],
)

# What the server answers goes back as it is: its citations, too.
facts = user(note("The grass is green. The sky is blue.", citations={"enabled": True}), text("What colour is the sky?"))
first = streamed("citations: sent back", model=SONNET_4_5, max_tokens=512, messages=[facts])
streamed(
    "citations: sent back",
    model=SONNET_4_5,
    max_tokens=512,
    messages=[facts, {"role": "assistant", "content": first.content}, user("And the grass?")],
)

# --- tools --------------------------------------------------------------------------

WEATHER = {
    "name": "get_weather",
    "description": "The weather of one city.",
    "input_schema": {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Its name"},
            "days": {"type": "integer", "minimum": 1},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city"],
        "additionalProperties": False,
    },
}
CLOCK = {
    "name": "get_time",
    "description": "The time in one city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def called(id, name, **arguments):
    return {"type": "tool_use", "id": id, "name": name, "input": arguments}


def result(id, **more):
    return {"type": "tool_result", "tool_use_id": id, **more}


whole("tools: one", model=SONNET_4_5, max_tokens=256, tools=[WEATHER], messages=[user("How is the weather in Bergen?")])

streamed(
    "tools: auto, one at a time",
    model=SONNET_4_6,
    max_tokens=256,
    tools=[WEATHER, CLOCK],
    tool_choice={"type": "auto", "disable_parallel_tool_use": True},
    messages=[user("Call get_weather and get_time for Bergen")],
)

whole(
    "tools: any",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[WEATHER, CLOCK],
    tool_choice={"type": "any"},
    messages=[user("Do something")],
)

streamed(
    "tools: this one",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[WEATHER, CLOCK],
    tool_choice={"type": "tool", "name": "get_time", "disable_parallel_tool_use": True},
    messages=[user("How late is it in Bergen?")],
)

whole(
    "tools: none",
    model=OPUS_4_7,
    max_tokens=256,
    tools=[WEATHER],
    tool_choice={"type": "none"},
    messages=[user("Do not call get_weather")],
)

streamed(
    "tools: strict",
    model=SONNET_4_6,
    max_tokens=256,
    tools=[{**WEATHER, "strict": True}],
    messages=[user("Call get_weather for Bergen")],
)

whole(
    "tools: calls and their results",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[WEATHER, CLOCK],
    messages=[
        user("Weather and time in Bergen, and the time in Oz?"),
        assistant(
            text("I shall look."),
            called("toolu_01", "get_weather", city="Bergen", days=2),
            called("toolu_02", "get_time", city="Bergen"),
            called("toolu_03", "get_time", city="Oz"),
        ),
        user(
            result("toolu_01", content="11 degrees, rain"),
            result("toolu_02", content=[text("10:15"), text("in summer")]),
            result("toolu_03", content="no such city: Oz", is_error=True),
            text("In one line, please."),
        ),
    ],
)

streamed(
    "tools: pictures, documents and nothing as results",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[{"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {}}}],
    messages=[
        user("Look around"),
        assistant(called("toolu_01", "look"), called("toolu_02", "look"), called("toolu_03", "look")),
        user(
            result("toolu_01", content=[text("A square:"), image("square.png", "image/png")]),
            result("toolu_02", content=[report(title="Harbour report")]),
            result("toolu_03"),
        ),
    ],
)

whole(
    "tools: bash and text editor",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[
        {"type": "bash_20250124", "name": "bash"},
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": 10000},
    ],
    messages=[user("Call bash")],
)

# Outcrop adds the flags that a tool needs by itself.
streamed(
    "tools: memory",
    model=SONNET_4_5,
    max_tokens=256,
    betas=["context-management-2025-06-27"],
    tools=[{"type": "memory_20250818", "name": "memory"}],
    messages=[user("What does your memory say?")],
)

whole(
    "tools: computer",
    model=SONNET_4_6,
    max_tokens=256,
    betas=["computer-use-2025-11-24"],
    tools=[
        {"type": "computer_20251124", "name": "computer", "display_width_px": 1024, "display_height_px": 768},
        WEATHER,
    ],
    messages=[user("Use the computer")],
)

streamed(
    "tools: found by a search",
    model=SONNET_4_5,
    max_tokens=256,
    betas=["tool-search-tool-2025-10-19"],
    tools=[
        {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"},
        {**WEATHER, "defer_loading": True},
        CLOCK,
    ],
    messages=[user("Call get_weather for Bergen")],
)

whole(
    "tools: examples",
    model=OPUS_4_5,
    max_tokens=256,
    betas=["tool-examples-2025-10-29"],
    tools=[{**WEATHER, "input_examples": [{"city": "Bergen", "days": 2}, {"city": "Oslo"}]}],
    messages=[user("How is the weather in Oslo?")],
)

# The ids are the server's: each side sends back those that it was given.
question = user("Call get_weather for Bergen")
first = whole("tools: called, and answered", model=SONNET_4_5, max_tokens=256, tools=[WEATHER], messages=[question])
answers = [result(block.id, content="11 degrees") for block in first.content if block.type == "tool_use"]
whole(
    "tools: called, and answered",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[WEATHER],
    messages=[question, {"role": "assistant", "content": first.content}, user(*answers)],
)


@anthropic.beta_tool
def get_tide(harbour: str, exact: bool) -> str:
    """The tide in one harbour.

    Args:
        harbour: Its name: "Bergen".
        exact: Whether to the centimetre.
    """
    return "The tide comes in."


told(
    "tools: run by the client",
    lambda: client.beta.messages.tool_runner(
        model=SONNET_4_5,
        max_tokens=256,
        tools=[get_tide],
        messages=[user("Call get_tide for Bergen")],
        extra_headers={"x-case": "tools: run by the client"},
    ).until_done(),
)

# --- thinking -------------------------------------------------------------------------

streamed(
    "thinking: a budget",
    model=SONNET_4_5,
    max_tokens=4096,
    thinking={"type": "enabled", "budget_tokens": 2048},
    messages=[user("How many ships are in the harbour?")],
)

whole(
    "thinking: adaptive, shown as a summary",
    model=OPUS_4_7,
    max_tokens=4096,
    thinking={"type": "adaptive", "display": "summarized"},
    messages=[user("How many ships are in the harbour?")],
)

streamed(
    "thinking: adaptive, kept from view",
    model=OPUS_4_6,
    max_tokens=4096,
    thinking={"type": "adaptive", "display": "omitted"},
    messages=[user("How many ships are in the harbour?")],
)

whole(
    "thinking: none",
    model=SONNET_4_6,
    max_tokens=4096,
    thinking={"type": "disabled"},
    messages=[user("How many ships are in the harbour?")],
)

# The block that the server signed goes back as it is.
question = user("Think about the tide")
budget = {"type": "enabled", "budget_tokens": 1024}
first = whole("thinking: sent back", model=SONNET_4_5, max_tokens=4096, thinking=budget, messages=[question])
whole(
    "thinking: sent back",
    model=SONNET_4_5,
    max_tokens=4096,
    thinking=budget,
    messages=[question, {"role": "assistant", "content": first.content}, user("And about the ebb?")],
)
first = streamed("thinking: sent back, streamed", model=SONNET_4_5, max_tokens=4096, thinking=budget, messages=[question])
streamed(
    "thinking: sent back, streamed",
    model=SONNET_4_5,
    max_tokens=4096,
    thinking=budget,
    messages=[question, {"role": "assistant", "content": first.content}, user("And about the ebb?")],
)

whole(
    "thinking: between calls of tools",
    model=SONNET_4_5,
    max_tokens=4096,
    betas=["interleaved-thinking-2025-05-14"],
    thinking={"type": "enabled", "budget_tokens": 8192},
    tools=[WEATHER],
    messages=[user("How is the weather in Bergen?")],
)

# --- caching --------------------------------------------------------------------------

streamed(
    "caching: five minutes",
    model=SONNET_4_5,
    max_tokens=256,
    system=[text("You keep a lighthouse. " * 300, cache_control={"type": "ephemeral"})],
    messages=[user("What do you see?")],
)

whole(
    "caching: five minutes, said in so many words",
    model=SONNET_4_6,
    max_tokens=256,
    messages=[user(text("A long tale.", cache_control={"type": "ephemeral", "ttl": "5m"}), text("Go on."))],
)

streamed(
    "caching: an hour for tools and system, less for the rest",
    model=OPUS_4_6,
    max_tokens=256,
    tools=[CLOCK, {**WEATHER, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
    system=[text("You keep a lighthouse.", cache_control={"type": "ephemeral", "ttl": "1h"}), text("Be brief.")],
    messages=[user(text("What do you see?", cache_control={"type": "ephemeral"}))],
)

whole(
    "caching: after documents, pictures and results",
    model=SONNET_4_5,
    max_tokens=256,
    tools=[CLOCK],
    messages=[
        user(
            report(cache_control={"type": "ephemeral"}),
            image("square.png", "image/png", cache_control={"type": "ephemeral"}),
            text("How late is it there?"),
        ),
        assistant(called("toolu_01", "get_time", city="Bergen")),
        user(result("toolu_01", content="10:15", cache_control={"type": "ephemeral"})),
    ],
)

# --- output ---------------------------------------------------------------------------

SHIP_SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "masts": {"type": "integer"}, "cargo": {"type": "array", "items": {"type": "string"}}},
    "required": ["name", "masts", "cargo"],
    "additionalProperties": False,
}

streamed(
    "output: effort",
    model=OPUS_4_7,
    max_tokens=256,
    output_config={"effort": "xhigh"},
    messages=[user("Name a ship")],
)

# Here, too, Outcrop adds the flag by itself.
whole(
    "output: effort where it needs a flag",
    model=OPUS_4_5,
    max_tokens=256,
    betas=["effort-2025-11-24"],
    output_config={"effort": "low"},
    messages=[user("Name a ship")],
)

streamed(
    "output: JSON by a schema",
    model=SONNET_4_6,
    max_tokens=256,
    output_config={"effort": "medium", "format": {"type": "json_schema", "schema": SHIP_SCHEMA}},
    messages=[user("Name a ship")],
)


class Berth(pydantic.BaseModel):
    """Where a ship lies."""

    pier: str
    deep: bool


class Ship(pydantic.BaseModel):
    """A ship in the harbour."""

    name: str = pydantic.Field(description="As it is painted.")
    cargo: typing.List[str]
    berth: Berth


told(
    "output: a value of a type",
    lambda: client.messages.parse(
        model=SONNET_4_5,
        max_tokens=256,
        messages=[user("Name a ship")],
        output_format=Ship,
        extra_headers={"x-case": "output: a value of a type"},
    ),
)

# --- betas and long conversations --------------------------------------------------------

whole(
    "betas: several, in order",
    model=HAIKU_4_5,
    max_tokens=256,
    betas=["token-efficient-tools-2025-02-19", "fine-grained-tool-streaming-2025-05-14"],
    tools=[WEATHER],
    messages=[user("Call get_weather for Bergen")],
)

streamed(
    "context: old results and thinking are cleared",
    model=SONNET_4_5,
    max_tokens=4096,
    betas=["context-management-2025-06-27"],
    thinking={"type": "enabled", "budget_tokens": 1024},
    tools=[WEATHER],
    context_management={
        "edits": [
            {"type": "clear_thinking_20251015", "keep": {"type": "thinking_turns", "value": 2}},
            {
                "type": "clear_tool_uses_20250919",
                "trigger": {"type": "input_tokens", "value": 30000},
                "keep": {"type": "tool_uses", "value": 3},
                "clear_at_least": {"type": "input_tokens", "value": 5000},
                "exclude_tools": ["get_weather"],
                "clear_tool_inputs": True,
            },
        ]
    },
    messages=[user("Go on")],
)

whole(
    "context: made a summary",
    model=OPUS_4_6,
    max_tokens=256,
    betas=["compact-2026-01-12"],
    context_management={
        "edits": [{"type": "compact_20260112", "trigger": {"type": "input_tokens", "value": 150000}, "instructions": "Keep the names."}]
    },
    messages=[user("Go on")],
)

streamed(
    "context: a million tokens",
    model=SONNET_4_5,
    max_tokens=256,
    betas=["context-1m-2025-08-07"],
    messages=[user("How much do you hold?")],
)

sys.exit(1 if refused else 0)
