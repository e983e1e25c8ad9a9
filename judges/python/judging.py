"""What the judges written in Python share: cases and checks, the runner, clients,
and what is asked of every client alike.

The server is found through the same environment variables a user would set (the
lines that `outcrop local --env` prints). One variable more is needed, because
clients refuse to start, or take another way, when a bearer key is in the
environment under its usual name: JUDGE_BEARER_KEY, the value that
`outcrop local --env --bearer` puts into AWS_BEARER_TOKEN_BEDROCK.
"""

import base64
import contextlib
import os
import pathlib
import struct
import zlib

import anthropic
import boto3
import botocore.config
import botocore.exceptions

REGION = os.environ.get("AWS_REGION", "us-east-1")
ACCOUNT = os.environ.get("JUDGE_ACCOUNT", "123456789012")

# Sonnet 4.5 is the usual model of these cases because it still takes everything
# they ask for: forced tools, thinking with a budget, and an id with a colon.
UNITED_STATES_MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
GLOBAL_MODEL = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"
# A base id has to be one that Bedrock serves without an inference profile.
BASE_MODEL = os.environ.get("JUDGE_BASE_MODEL", "anthropic.claude-sonnet-4-6")
PROFILE_ARN = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{UNITED_STATES_MODEL}"
FOUNDATION_MODEL_ARN = f"arn:aws:bedrock:{REGION}::foundation-model/{BASE_MODEL}"
# One whose window is a million tokens, and one that never had a larger one.
OPUS_MODEL = "global.anthropic.claude-opus-4-6-v1"
HAIKU_MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
UNKNOWN_MODEL = "anthropic.claude-which-nobody-made-v1:0"

MEDIA = pathlib.Path(__file__).parent.parent / "media"

WRONG_SECRET_MESSAGE = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details."
)
UNKNOWN_KEY_MESSAGE = "The security token included in the request is invalid."
BAD_BEARER_MESSAGE = "Authentication failed: Please make sure your API Key is valid."
UNKNOWN_MODEL_MESSAGE = "The provided model identifier is invalid."

# A well-formed key that no server has issued. The form matters: a key without
# the known prefix is refused with another text.
BAD_BEARER_KEY = "ABSK" + base64.b64encode(b"BedrockAPIKey-judge-at-123456789012:never-issued").decode()

WEATHER_TOOL = {
    "name": "get_weather",
    "description": "The weather forecast of one city.",
    "input_schema": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "hourly": {"type": "boolean"},
        },
        "required": ["city", "days", "unit", "hourly"],
    },
}
CLOCK_TOOL = {
    "name": "get_time",
    "description": "The time in one city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


# --- the runner -------------------------------------------------------------


class CheckFailed(Exception):
    pass


cases = []
checks_made = 0


def case(name):
    def register(function):
        cases.append((name, function))
        return function

    return register


def check(condition, expected, seen):
    """One check. `expected` is in words, `seen` is the value that was found."""
    global checks_made
    checks_made += 1
    if not condition:
        raise CheckFailed(f"expected {expected}; saw {seen!r}")


def check_equal(what, expected, seen):
    check(expected == seen, f"{what} to be {expected!r}", seen)


def run_all(address="http://"):
    """Runs every case; the addresses of the environment must begin with `address`."""
    global checks_made
    # Without these the clients would go to the real service, and pay for it.
    for name in ("ANTHROPIC_BEDROCK_BASE_URL", "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"):
        if not os.environ.get(name, "").startswith(address):
            print(f"FAIL start: expected {name} to begin with {address}; saw {os.environ.get(name)!r}")
            print("0 passed, 1 failed", flush=True)
            return 1
    passed = 0
    failed = 0
    for name, function in cases:
        checks_made = 0
        try:
            function()
            if checks_made == 0:
                raise CheckFailed("expected at least one check to be made; saw 0")
        except CheckFailed as failure:
            failed += 1
            print(f"FAIL {name}: {failure}", flush=True)
        except Exception as error:  # whatever a client raises is a finding, not a crash of the judge
            failed += 1
            print(f"FAIL {name}: expected no error; saw {type(error).__name__}: {error}", flush=True)
        else:
            passed += 1
            print(f"ok   {name}", flush=True)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


# --- clients ----------------------------------------------------------------

# No retries and short waits: a judge reports the first answer it gets.
CLIENT_SETTINGS = {"max_retries": 0, "timeout": 30.0}


def bearer_key():
    key = os.environ.get("JUDGE_BEARER_KEY", "")
    check(key != "", "JUDGE_BEARER_KEY to be set (see README.md)", key)
    return key


def client_with_keys():
    """The keys, the region and the address all come from the environment."""
    return anthropic.AnthropicBedrock(**CLIENT_SETTINGS)


def client_with_bearer(key):
    return anthropic.AnthropicBedrock(api_key=key, **CLIENT_SETTINGS)


@contextlib.contextmanager
def environment_with_bearer(key):
    """The environment as `outcrop local --env --bearer` leaves it."""
    before = dict(os.environ)
    os.environ["AWS_BEARER_TOKEN_BEDROCK"] = key
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def boto3_client(access_key=None, secret_key=None):
    session = boto3.Session(aws_access_key_id=access_key, aws_secret_access_key=secret_key)
    return session.client(
        "bedrock-runtime",
        config=botocore.config.Config(
            connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 1}
        ),
    )


# --- checks shared by several cases ------------------------------------------


def user(text):
    return [{"role": "user", "content": text}]


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def check_message(message, said, stop_reason="end_turn"):
    """A whole answer, with the user's text in it and numbers in its usage."""
    check_equal("type", "message", message.type)
    check_equal("role", "assistant", message.role)
    check(message.id.startswith("msg_bdrk_"), "id to begin with 'msg_bdrk_'", message.id)
    check(isinstance(message.model, str) and message.model != "", "a model name", message.model)
    check_equal("stop_reason", stop_reason, message.stop_reason)
    check(said in text_of(message), f"the text to contain {said!r}", text_of(message))
    check_usage(message.usage)


def check_usage(usage):
    for field in ("input_tokens", "output_tokens"):
        number = getattr(usage, field)
        check(isinstance(number, int) and number > 0, f"usage.{field} to be a number above 0", number)


def check_weather_input(arguments):
    """A valid instance of the schema of WEATHER_TOOL."""
    check(isinstance(arguments, dict), "the tool input to be an object", arguments)
    check_equal("the keys of the tool input", ["city", "days", "hourly", "unit"], sorted(arguments))
    check(isinstance(arguments["city"], str), "city to be a string", arguments["city"])
    days = arguments["days"]
    # In Python a boolean is an int, in JSON it is not.
    check(isinstance(days, int) and not isinstance(days, bool) and days >= 1, "days to be an integer of at least 1", days)
    check(arguments["unit"] in ("celsius", "fahrenheit"), "unit to be one of the enum", arguments["unit"])
    check(isinstance(arguments["hourly"], bool), "hourly to be a boolean", arguments["hourly"])


def check_tool_use(message, name):
    tool_uses = [block for block in message.content if block.type == "tool_use"]
    check_equal("the number of tool_use blocks", 1, len(tool_uses))
    check_equal("the tool's name", name, tool_uses[0].name)
    check(tool_uses[0].id.startswith("toolu_bdrk_"), "the tool id to begin with 'toolu_bdrk_'", tool_uses[0].id)
    check_equal("stop_reason", "tool_use", message.stop_reason)
    return tool_uses[0]


def check_event_order(kinds_and_indexes):
    """The order every stream has to keep: message_start, then block after block
    (start, deltas, stop, one index each), then message_delta, then message_stop.
    A ping may stand anywhere after the start."""
    seen = [pair for pair in kinds_and_indexes if pair[0] != "ping"]
    check(len(seen) >= 6, "at least 6 events", seen)
    check_equal("the first event", "message_start", seen[0][0])
    check_equal("the last two events", ["message_delta", "message_stop"], [kind for kind, _ in seen[-2:]])
    next_index = 0
    block_is_open = False
    for kind, index in seen[1:-2]:
        if kind == "content_block_start":
            check(not block_is_open, "a block to be stopped before the next one starts", seen)
            check_equal("the index of a started block", next_index, index)
            block_is_open = True
        elif kind == "content_block_delta":
            check(block_is_open, "a delta only inside a block", seen)
            check_equal("the index of a delta", next_index, index)
        elif kind == "content_block_stop":
            check(block_is_open, "a stop only after a start", seen)
            check_equal("the index of a stopped block", next_index, index)
            block_is_open = False
            next_index += 1
        else:
            check(False, "only block events between the start and the end", kind)
    check(not block_is_open, "every block to be stopped", seen)
    check(next_index >= 1, "at least one block", seen)


def check_status_error(error, error_class, status, code, message_part):
    """What Anthropic's client raised: its class, and what Bedrock sent with it."""
    check_equal("the error class", error_class.__name__, type(error).__name__)
    check_equal("the status", status, error.status_code)
    if code is not None:
        header = error.response.headers.get("x-amzn-errortype", "")
        check_equal("the code in x-amzn-errortype", code, header.split(":")[0].split("#")[-1])
    body = error.body if isinstance(error.body, dict) else {}
    text = str(body.get("message", body.get("Message", "")))
    check(message_part in text, f"the message to contain {message_part!r}", error.body)
    check(error.response.headers.get("x-amzn-requestid"), "an x-amzn-requestid header", dict(error.response.headers))


def raised_by(function):
    """The Anthropic error that a call raises; anything else goes on up."""
    try:
        answer = function()
    except anthropic.APIStatusError as error:
        return error
    check(False, "an error", answer)


def tiny_png():
    """A red square of 32 by 32 dots, made here so that no file is needed."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 32
    rows = (b"\x00" + b"\xff\x00\x00" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
