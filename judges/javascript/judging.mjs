// What the judges written in JavaScript share: cases and checks, the runner, and
// what is asked of every client alike.
//
// The server is found through the same environment variables a user would set (the
// lines that `outcrop local --env` prints). One variable more is needed, because a
// bearer key under its usual name would win over the keys: JUDGE_BEARER_KEY, the
// value that `outcrop local --env --bearer` puts into AWS_BEARER_TOKEN_BEDROCK.

import { isDeepStrictEqual } from 'node:util';
import { deflateSync, crc32 } from 'node:zlib';
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { APIError } from '@anthropic-ai/sdk';

export const region = process.env.AWS_REGION ?? 'us-east-1';
export const account = process.env.JUDGE_ACCOUNT ?? '123456789012';

// Sonnet 4.5 is the usual model of these cases because it still takes everything
// they ask for: forced tools, thinking with a budget, and an id with a colon.
export const unitedStatesModel = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
export const globalModel = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';
// A base id has to be one that Bedrock serves without an inference profile.
export const baseModel = process.env.JUDGE_BASE_MODEL ?? 'anthropic.claude-sonnet-4-6';
export const profileArn = `arn:aws:bedrock:${region}:${account}:inference-profile/${unitedStatesModel}`;
export const foundationModelArn = `arn:aws:bedrock:${region}::foundation-model/${baseModel}`;
// One whose window is a million tokens, and one that never had a larger one.
export const opusModel = 'global.anthropic.claude-opus-4-6-v1';
export const haikuModel = 'us.anthropic.claude-haiku-4-5-20251001-v1:0';
export const unknownModel = 'anthropic.claude-which-nobody-made-v1:0';

export const wrongSecretMessage =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. ' +
  'Consult the service documentation for details.';
export const unknownKeyMessage = 'The security token included in the request is invalid.';
export const badBearerMessage = 'Authentication failed: Please make sure your API Key is valid.';
export const unknownModelMessage = 'The provided model identifier is invalid.';

// A well-formed key that no server has issued. The form matters: a key without
// the known prefix is refused with another text.
export const badBearerKey =
  'ABSK' + Buffer.from('BedrockAPIKey-judge-at-123456789012:never-issued').toString('base64');

export const weatherTool = {
  name: 'get_weather',
  description: 'The weather forecast of one city.',
  input_schema: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer', minimum: 1 },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      hourly: { type: 'boolean' },
    },
    required: ['city', 'days', 'unit', 'hourly'],
  },
};
export const clockTool = {
  name: 'get_time',
  description: 'The time in one city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

// --- the runner --------------------------------------------------------------

class CheckFailed extends Error {}

const cases = [];
let checksMade = 0;

export function addCase(name, run) {
  cases.push({ name, run });
}

// One check. `expected` is in words, `seen` is the value that was found.
export function check(condition, expected, seen) {
  checksMade += 1;
  if (!condition) {
    throw new CheckFailed(`expected ${expected}; saw ${JSON.stringify(seen)}`);
  }
}

export function checkEqual(what, expected, seen) {
  check(isDeepStrictEqual(expected, seen), `${what} to be ${JSON.stringify(expected)}`, seen);
}

export async function runAll() {
  // Without these the clients would go to the real service, and pay for it.
  for (const name of ['ANTHROPIC_BEDROCK_BASE_URL', 'ANTHROPIC_BEDROCK_MANTLE_BASE_URL', 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME']) {
    const address = process.env[name];
    if (!address?.startsWith('http://') && !address?.startsWith('https://127.0.0.1:')) {
      console.log(`FAIL start: expected ${name} to be the address of a local server; saw ${address}`);
      console.log('0 passed, 1 failed');
      return 1;
    }
  }
  let passed = 0;
  let failed = 0;
  for (const { name, run } of cases) {
    checksMade = 0;
    try {
      await run();
      if (checksMade === 0) {
        throw new CheckFailed('expected at least one check to be made; saw 0');
      }
      passed += 1;
      console.log(`ok   ${name}`);
    } catch (error) {
      failed += 1;
      // Whatever the client raises is a finding, not a crash of the judge.
      const reason =
        error instanceof CheckFailed
          ? error.message
          : `expected no error; saw ${error?.constructor?.name}: ${error?.message}`;
      console.log(`FAIL ${name}: ${reason}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

// --- clients -----------------------------------------------------------------

// No retries and short waits: a judge reports the first answer it gets.
export const clientSettings = { maxRetries: 0, timeout: 30000 };

// The keys, the region and the address all come from the environment.
export function clientWithKeys() {
  return new AnthropicBedrock(clientSettings);
}

export function clientWithBearer(key) {
  return new AnthropicBedrock({ apiKey: key, ...clientSettings });
}

export function bearerKey() {
  const key = process.env.JUDGE_BEARER_KEY ?? '';
  check(key !== '', 'JUDGE_BEARER_KEY to be set (see README.md)', key);
  return key;
}

// Runs `action` in the environment that `outcrop local --env --bearer` leaves.
export async function inEnvironmentWithBearer(key, action) {
  const before = { ...process.env };
  process.env.AWS_BEARER_TOKEN_BEDROCK = key;
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
    delete process.env[name];
  }
  try {
    return await action();
  } finally {
    delete process.env.AWS_BEARER_TOKEN_BEDROCK;
    Object.assign(process.env, before);
  }
}

// --- checks shared by several cases ---------------------------------------------

export function user(text) {
  return [{ role: 'user', content: text }];
}

export function textOf(message) {
  return message.content
    .filter((block) => block.type === 'text')
    .map((block) => block.text)
    .join('');
}

export function checkUsage(usage) {
  for (const field of ['input_tokens', 'output_tokens']) {
    const number = usage?.[field];
    check(Number.isInteger(number) && number > 0, `usage.${field} to be a number above 0`, number);
  }
}

// A whole answer, with the user's text in it and numbers in its usage.
export function checkMessage(message, said, stopReason = 'end_turn') {
  checkEqual('type', 'message', message.type);
  checkEqual('role', 'assistant', message.role);
  check(String(message.id).startsWith('msg_bdrk_'), "id to begin with 'msg_bdrk_'", message.id);
  check(typeof message.model === 'string' && message.model !== '', 'a model name', message.model);
  checkEqual('stop_reason', stopReason, message.stop_reason);
  check(textOf(message).includes(said), `the text to contain '${said}'`, textOf(message));
  checkUsage(message.usage);
}

// A valid instance of the schema of weatherTool.
export function checkWeatherInput(input) {
  check(input !== null && typeof input === 'object', 'the tool input to be an object', input);
  checkEqual('the keys of the tool input', ['city', 'days', 'hourly', 'unit'], Object.keys(input).sort());
  check(typeof input.city === 'string', 'city to be a string', input.city);
  check(Number.isInteger(input.days) && input.days >= 1, 'days to be an integer of at least 1', input.days);
  check(['celsius', 'fahrenheit'].includes(input.unit), 'unit to be one of the enum', input.unit);
  check(typeof input.hourly === 'boolean', 'hourly to be a boolean', input.hourly);
}

export function checkToolUse(message, name) {
  const toolUses = message.content.filter((block) => block.type === 'tool_use');
  checkEqual('the number of tool_use blocks', 1, toolUses.length);
  checkEqual("the tool's name", name, toolUses[0].name);
  check(String(toolUses[0].id).startsWith('toolu_bdrk_'), "the tool id to begin with 'toolu_bdrk_'", toolUses[0].id);
  checkEqual('stop_reason', 'tool_use', message.stop_reason);
  return toolUses[0];
}

// The order every stream has to keep: message_start, then block after block
// (start, deltas, stop, one index each), then message_delta, then message_stop.
// A ping may stand anywhere after the start.
export function checkEventOrder(events) {
  const seen = events.filter((event) => event.type !== 'ping');
  const shown = seen.map((event) => [event.type, event.index]);
  check(seen.length >= 6, 'at least 6 events', shown);
  checkEqual('the first event', 'message_start', seen[0].type);
  checkEqual('the last two events', ['message_delta', 'message_stop'], seen.slice(-2).map((event) => event.type));
  let nextIndex = 0;
  let blockIsOpen = false;
  for (const event of seen.slice(1, -2)) {
    if (event.type === 'content_block_start') {
      check(!blockIsOpen, 'a block to be stopped before the next one starts', shown);
      checkEqual('the index of a started block', nextIndex, event.index);
      blockIsOpen = true;
    } else if (event.type === 'content_block_delta') {
      check(blockIsOpen, 'a delta only inside a block', shown);
      checkEqual('the index of a delta', nextIndex, event.index);
    } else if (event.type === 'content_block_stop') {
      check(blockIsOpen, 'a stop only after a start', shown);
      checkEqual('the index of a stopped block', nextIndex, event.index);
      blockIsOpen = false;
      nextIndex += 1;
    } else {
      check(false, 'only block events between the start and the end', event.type);
    }
  }
  check(!blockIsOpen, 'every block to be stopped', shown);
  check(nextIndex >= 1, 'at least one block', shown);
}

export async function collect(stream) {
  const events = [];
  for await (const event of stream) {
    events.push(event);
  }
  return events;
}

// The text as it flows in, and the final message the helper puts together.
export async function streamToEnd(client, request) {
  const stream = client.messages.stream(request);
  let streamed = '';
  stream.on('text', (text) => {
    streamed += text;
  });
  const final = await stream.finalMessage();
  return { streamed, final };
}

export async function raisedBy(call) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    if (error instanceof APIError && error.status !== undefined) {
      return error;
    }
    throw error;
  }
  check(false, 'an error', answer);
}

// What the client raised: its class, and what Bedrock sent with it.
export function checkStatusError(error, errorClass, status, code, messagePart) {
  checkEqual('the error class', errorClass.name, error.constructor.name);
  checkEqual('the status', status, error.status);
  if (code !== null) {
    const header = error.headers.get('x-amzn-errortype') ?? '';
    checkEqual('the code in x-amzn-errortype', code, header.split(':')[0].split('#').pop());
  }
  const text = String(error.error?.message ?? error.error?.Message ?? '');
  check(text.includes(messagePart), `the message to contain '${messagePart}'`, error.error);
  check(error.headers.get('x-amzn-requestid'), 'an x-amzn-requestid header', [...error.headers]);
}

// A red square of 32 by 32 dots, made here so that no file is needed.
export function tinyPng() {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const side = 32;
  const row = Buffer.concat([Buffer.from([0]), Buffer.from('ff0000'.repeat(side), 'hex')]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array(side).fill(row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
