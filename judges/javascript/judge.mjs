// Judges a local Bedrock server with Anthropic's JavaScript client, used as its makers
// publish it; `judging.mjs` says how the server is found.

import { randomUUID } from 'node:crypto';
import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk';
import { BadRequestError, PermissionDeniedError } from '@anthropic-ai/sdk';
import {
  addCase,
  badBearerKey,
  badBearerMessage,
  baseModel,
  bearerKey,
  check,
  checkEqual,
  checkEventOrder,
  checkMessage,
  checkStatusError,
  checkToolUse,
  checkUsage,
  checkWeatherInput,
  clientSettings,
  clientWithBearer,
  clientWithKeys,
  clockTool,
  collect,
  foundationModelArn,
  globalModel,
  haikuModel,
  inEnvironmentWithBearer,
  opusModel,
  profileArn,
  raisedBy,
  runAll,
  streamToEnd,
  textOf,
  tinyPng,
  unitedStatesModel,
  unknownKeyMessage,
  unknownModel,
  unknownModelMessage,
  user,
  weatherTool,
  wrongSecretMessage,
} from './judging.mjs';

// --- answers ---------------------------------------------------------------------

addCase('create with keys', async () => {
  const message = await clientWithKeys().messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: user('the lantern is green'),
  });
  checkMessage(message, 'the lantern is green');
});

addCase('the same request gets the same text twice', async () => {
  const client = clientWithKeys();
  const request = { model: unitedStatesModel, max_tokens: 256, messages: user('twice the same') };
  const first = await client.messages.create(request);
  const second = await client.messages.create(request);
  check(textOf(first) !== '', 'some text', textOf(first));
  checkEqual('the second text', textOf(first), textOf(second));
  check(first.id !== second.id, 'two answers to have two ids', first.id);
});

addCase('response headers of create', async () => {
  const { data, response } = await clientWithKeys()
    .messages.create({ model: unitedStatesModel, max_tokens: 256, messages: user('headers please') })
    .withResponse();
  const headers = response.headers;
  checkEqual('the status', 200, response.status);
  check(headers.get('content-type')?.startsWith('application/json'), 'a JSON content-type', headers.get('content-type'));
  check(headers.get('x-amzn-requestid'), 'an x-amzn-requestid header', [...headers]);
  checkEqual('the input token header', String(data.usage.input_tokens), headers.get('x-amzn-bedrock-input-token-count'));
  checkEqual('the output token header', String(data.usage.output_tokens), headers.get('x-amzn-bedrock-output-token-count'));
  const latency = headers.get('x-amzn-bedrock-invocation-latency') ?? '';
  check(/^[0-9]+$/.test(latency), 'x-amzn-bedrock-invocation-latency to be a number', latency);
  // This client sends anthropic_version 2026-10-21, which real Bedrock may
  // refuse for this model: the server answers, and warns.
  check(
    headers.get('x-outcrop-warning'),
    'an x-outcrop-warning header for anthropic_version 2026-10-21',
    [...headers],
  );
});

addCase('stream with keys, text equals the final message', async () => {
  const client = clientWithKeys();
  const request = { model: unitedStatesModel, max_tokens: 256, messages: user('a stream of pebbles and sand') };
  const { streamed, final } = await streamToEnd(client, request);
  checkMessage(final, 'a stream of pebbles and sand');
  checkEqual('the joined text deltas', textOf(final), streamed);
  const unary = await client.messages.create(request);
  checkEqual('the text of create for the same request', streamed, textOf(unary));
});

addCase('stream headers and event order', async () => {
  // The client shows its user a response it has already turned into
  // text/event-stream, so what the server sent is looked at one step earlier.
  let headers = new Headers();
  const client = new AnthropicBedrock({
    ...clientSettings,
    fetch: async (...request) => {
      const response = await fetch(...request);
      headers = response.headers;
      return response;
    },
  });
  const events = await collect(
    await client.messages.create({
      model: unitedStatesModel,
      max_tokens: 256,
      messages: user('one event after the other'),
      stream: true,
    }),
  );
  checkEqual('the content-type', 'application/vnd.amazon.eventstream', headers.get('content-type'));
  checkEqual('x-amzn-bedrock-content-type', 'application/json', headers.get('x-amzn-bedrock-content-type'));
  check(headers.get('x-amzn-requestid'), 'an x-amzn-requestid header', [...headers]);
  checkEventOrder(events);
  const start = events[0].message;
  check(String(start.id).startsWith('msg_bdrk_'), "the id to begin with 'msg_bdrk_'", start.id);
  checkEqual('the content of message_start', [], start.content);
  check(start.usage.input_tokens > 0, 'input_tokens above 0 in message_start', start.usage);
  const delta = events.find((event) => event.type === 'message_delta');
  checkEqual('stop_reason in message_delta', 'end_turn', delta.delta.stop_reason);
  check(delta.usage.output_tokens > 0, 'output_tokens above 0 in message_delta', delta.usage);
});

addCase('create with a bearer key', async () => {
  const message = await clientWithBearer(bearerKey()).messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: user('carried by a bearer'),
  });
  checkMessage(message, 'carried by a bearer');
});

addCase('stream with a bearer key', async () => {
  const { streamed, final } = await streamToEnd(clientWithBearer(bearerKey()), {
    model: unitedStatesModel,
    max_tokens: 256,
    messages: user('a bearer by the stream'),
  });
  checkMessage(final, 'a bearer by the stream');
  checkEqual('the joined text deltas', textOf(final), streamed);
});

addCase('bearer key from the environment', async () => {
  const message = await inEnvironmentWithBearer(bearerKey(), () =>
    new AnthropicBedrock(clientSettings).messages.create({
      model: unitedStatesModel,
      max_tokens: 256,
      messages: user('found in the environment'),
    }),
  );
  checkMessage(message, 'found in the environment');
});

addCase('system prompt', async () => {
  const client = clientWithKeys();
  const request = { model: unitedStatesModel, max_tokens: 256, messages: user('who are you today') };
  const system = 'You are a patient keeper of a lighthouse. '.repeat(10);
  const without = await client.messages.create(request);
  const asText = await client.messages.create({ ...request, system });
  const asBlocks = await client.messages.create({
    ...request,
    system: [
      { type: 'text', text: system },
      { type: 'text', text: 'Answer in one line.', cache_control: { type: 'ephemeral' } },
    ],
  });
  for (const message of [without, asText, asBlocks]) {
    checkMessage(message, 'who are you today');
  }
  check(
    asText.usage.input_tokens > without.usage.input_tokens,
    `the system prompt to count (more than ${without.usage.input_tokens} input tokens)`,
    asText.usage.input_tokens,
  );
});

addCase('several turns, the last user text is answered', async () => {
  const message = await clientWithKeys().messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: [
      { role: 'user', content: 'first things first' },
      { role: 'assistant', content: [{ type: 'text', text: 'Very well.' }] },
      { role: 'user', content: [{ type: 'text', text: 'and the last thing last' }] },
    ],
  });
  checkMessage(message, 'and the last thing last');
});

addCase('a forced tool, and its result in a second turn', async () => {
  const client = clientWithKeys();
  const question = { role: 'user', content: 'how is the weather in Bergen' };
  const tools = [clockTool, weatherTool];
  const first = await client.messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: [question],
    tools,
    tool_choice: { type: 'tool', name: 'get_weather' },
  });
  const toolUse = checkToolUse(first, 'get_weather');
  checkWeatherInput(toolUse.input);
  checkUsage(first.usage);
  const second = await client.messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: [
      question,
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: toolUse.id, content: '11 degrees, rain' },
          { type: 'text', text: 'now say it in one word' },
        ],
      },
    ],
    tools,
  });
  checkMessage(second, 'now say it in one word');
});

addCase('tool_choice any', async () => {
  const message = await clientWithKeys().messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: user('use whatever tool there is'),
    tools: [weatherTool],
    tool_choice: { type: 'any' },
  });
  checkWeatherInput(checkToolUse(message, 'get_weather').input);
});

addCase('a forced tool in a stream', async () => {
  const client = clientWithKeys();
  const request = {
    model: unitedStatesModel,
    max_tokens: 256,
    messages: user('stream me the weather'),
    tools: [weatherTool],
    tool_choice: { type: 'tool', name: 'get_weather' },
  };
  const { final } = await streamToEnd(client, request);
  checkWeatherInput(checkToolUse(final, 'get_weather').input);

  const events = await collect(await client.messages.create({ ...request, stream: true }));
  checkEventOrder(events);
  const pieces = events
    .filter((event) => event.type === 'content_block_delta' && event.delta.type === 'input_json_delta')
    .map((event) => event.delta.partial_json);
  checkWeatherInput(JSON.parse(pieces.join('')));
});

addCase('thinking, and the thinking block sent back', async () => {
  const client = clientWithKeys();
  const question = { role: 'user', content: 'think about the tide' };
  const settings = {
    model: unitedStatesModel,
    max_tokens: 4096,
    thinking: { type: 'enabled', budget_tokens: 2048 },
  };
  const first = await client.messages.create({ ...settings, messages: [question] });
  checkMessage(first, 'think about the tide');
  checkEqual('the first block', 'thinking', first.content[0].type);
  check(first.content[0].signature, 'a signature on the thinking block', first.content[0]);
  const second = await client.messages.create({
    ...settings,
    messages: [
      question,
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'and about the ebb' },
    ],
  });
  checkMessage(second, 'and about the ebb');
});

addCase('thinking in a stream', async () => {
  const client = clientWithKeys();
  const request = {
    model: unitedStatesModel,
    max_tokens: 4096,
    thinking: { type: 'enabled', budget_tokens: 2048 },
    messages: user('think while you flow'),
  };
  const { final } = await streamToEnd(client, request);
  checkMessage(final, 'think while you flow');
  checkEqual('the first block', 'thinking', final.content[0].type);
  check(final.content[0].signature, 'a signature on the thinking block', final.content[0]);

  const events = await collect(await client.messages.create({ ...request, stream: true }));
  checkEventOrder(events);
  const kinds = events
    .filter((event) => event.type === 'content_block_delta' && event.index === 0)
    .map((event) => event.delta.type);
  checkEqual('the last delta of the thinking block', 'signature_delta', kinds.at(-1));
});

addCase('an image in base64', async () => {
  const message = await clientWithKeys().messages.create({
    model: unitedStatesModel,
    max_tokens: 256,
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: tinyPng().toString('base64') },
          },
          { type: 'text', text: 'what colour is this square' },
        ],
      },
    ],
  });
  checkMessage(message, 'what colour is this square');
});

for (const [label, model] of [
  ['global profile', globalModel],
  ['us profile', unitedStatesModel],
  ['base id', baseModel],
  ['inference profile ARN', profileArn],
  ['foundation model ARN', foundationModelArn],
]) {
  addCase(`model id as ${label}`, async () => {
    const client = clientWithKeys();
    const said = `called by its ${label}`;
    const request = { model, max_tokens: 256, messages: user(said) };
    checkMessage(await client.messages.create(request), said);
    const { final } = await streamToEnd(client, request);
    checkMessage(final, said);
  });
}

addCase('max_tokens stops the answer', async () => {
  const client = clientWithKeys();
  const request = {
    model: unitedStatesModel,
    max_tokens: 5,
    messages: user('a long tale of many ships and many harbours '.repeat(10)),
  };
  const unary = await client.messages.create(request);
  const { final } = await streamToEnd(client, request);
  for (const message of [unary, final]) {
    checkEqual('stop_reason', 'max_tokens', message.stop_reason);
    const tokens = message.usage.output_tokens;
    check(tokens >= 1 && tokens <= 5, '1 to 5 output tokens', tokens);
  }
});

addCase('a stop sequence stops the answer', async () => {
  const client = clientWithKeys();
  const request = {
    model: unitedStatesModel,
    max_tokens: 256,
    messages: user('apples pears HALTHERE plums'),
    stop_sequences: ['never in the text', 'HALTHERE'],
  };
  const unary = await client.messages.create(request);
  const { final } = await streamToEnd(client, request);
  for (const message of [unary, final]) {
    checkMessage(message, 'apples pears', 'stop_sequence');
    checkEqual('stop_sequence', 'HALTHERE', message.stop_sequence);
    check(!textOf(message).includes('HALTHERE'), 'the text to end before HALTHERE', textOf(message));
    check(!textOf(message).includes('plums'), 'nothing after HALTHERE', textOf(message));
  }
});

// --- what the mirror does as Claude does --------------------------------------------

// The whole answer and the one that its stream adds up to: alike, but for their ids.
async function bothWays(client, request) {
  const withoutIds = (message) => {
    const { content, stop_reason, model } = JSON.parse(JSON.stringify(message));
    // What a stream does not say, a whole answer may leave out as well.
    const blocks = content.map(({ id, ...block }) =>
      Object.fromEntries(Object.entries(block).filter(([, value]) => value !== null)),
    );
    return { blocks, stop_reason, model };
  };
  const whole = await client.messages.create(request);
  const { final } = await streamToEnd(client, request);
  checkEqual('the answer of the stream', withoutIds(whole), withoutIds(final));
  return whole;
}

function resultsOf(message, content) {
  return message.content
    .filter((block) => block.type === 'tool_use')
    .map((call) => ({ type: 'tool_result', tool_use_id: call.id, content }));
}

addCase('a tool that the text names is called, and its result answered', async () => {
  const client = clientWithKeys();
  const request = { model: unitedStatesModel, max_tokens: 512, tools: [clockTool, weatherTool] };
  const question = { role: 'user', content: 'please ask get_weather about Bergen' };
  const first = await bothWays(client, { ...request, messages: [question] });
  checkEqual('the blocks', ['text', 'tool_use'], first.content.map((block) => block.type));
  checkWeatherInput(checkToolUse(first, 'get_weather').input);
  const second = await bothWays(client, {
    ...request,
    messages: [
      question,
      { role: 'assistant', content: first.content },
      { role: 'user', content: resultsOf(first, '11 degrees, rain') },
    ],
  });
  checkEqual('stop_reason', 'end_turn', second.stop_reason);
  checkEqual('the blocks of the second answer', ['text'], second.content.map((block) => block.type));
});

addCase('parallel calls, unless they are disabled', async () => {
  const client = clientWithKeys();
  const question = { role: 'user', content: 'call get_time and then get_weather' };
  const request = { model: unitedStatesModel, max_tokens: 512, tools: [weatherTool, clockTool], messages: [question] };
  const first = await bothWays(client, request);
  const calls = first.content.filter((block) => block.type === 'tool_use');
  checkEqual('the calls, in the order of the text', ['get_time', 'get_weather'], calls.map((call) => call.name));
  const halfAnswered = [
    question,
    { role: 'assistant', content: first.content },
    { role: 'user', content: resultsOf(first, 'so it is').slice(0, 1) },
  ];
  const error = await raisedBy(() => client.messages.create({ ...request, messages: halfAnswered }));
  const missing = `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${calls[1].id}`;
  checkStatusError(error, BadRequestError, 400, 'ValidationException', missing);
  const one = await bothWays(client, { ...request, tool_choice: { type: 'auto', disable_parallel_tool_use: true } });
  checkToolUse(one, 'get_time');
});

addCase('an answer by a JSON schema', async () => {
  const schema = {
    type: 'object',
    properties: { ready: { type: 'boolean' }, kind: { const: 'ship' } },
    required: ['ready', 'kind'],
    additionalProperties: false,
  };
  const message = await bothWays(clientWithKeys(), {
    model: unitedStatesModel,
    max_tokens: 512,
    messages: user('name a ship'),
    output_config: { format: { type: 'json_schema', schema } },
  });
  const value = JSON.parse(textOf(message));
  checkEqual('the keys of the answer', ['kind', 'ready'], Object.keys(value).sort());
  checkEqual('what is fixed', 'ship', value.kind);
  checkEqual('the type of the other', 'boolean', typeof value.ready);
});

addCase('a citation of a text stands where it says', async () => {
  const said = 'Grüße vorab. The grass is green. The sky above Bergen is mostly grey.';
  const message = await bothWays(clientWithKeys(), {
    model: unitedStatesModel,
    max_tokens: 512,
    messages: [
      {
        role: 'user',
        content: [
          {
            type: 'document',
            title: 'Sky',
            source: { type: 'text', media_type: 'text/plain', data: said },
            citations: { enabled: true },
          },
          { type: 'text', text: 'is the sky grey?' },
        ],
      },
    ],
  });
  const cited = message.content.flatMap((block) => block.citations ?? []);
  checkEqual('the kinds of places', ['char_location'], cited.map((citation) => citation.type));
  const [{ cited_text: text, start_char_index: start, end_char_index: end, document_title: title }] = cited;
  checkEqual('what stands there', text, said.slice(start, end));
  checkEqual('the document', 'Sky', title);
  check(text.includes('grey'), 'the sentence that answers', text);
});

addCase('a thinking block that was changed is refused', async () => {
  const client = clientWithKeys();
  const question = { role: 'user', content: 'think about the tide' };
  const settings = {
    model: unitedStatesModel,
    max_tokens: 4096,
    thinking: { type: 'enabled', budget_tokens: 1024 },
  };
  const first = await bothWays(client, { ...settings, messages: [question] });
  const [thinking, ...others] = first.content;
  checkEqual('the first block', 'thinking', thinking.type);
  const changed = { role: 'assistant', content: [{ ...thinking, thinking: `${thinking.thinking}!` }, ...others] };
  const error = await raisedBy(() =>
    client.messages.create({ ...settings, messages: [question, changed, { role: 'user', content: 'and the ebb' }] }),
  );
  const message = 'messages.1.content.0: Invalid `signature` in `thinking` block';
  checkStatusError(error, BadRequestError, 400, 'ValidationException', message);
});

addCase('the prompt cache is written once, then read', async () => {
  const client = clientWithKeys();
  // Nobody has sent these words before.
  const text = `${randomUUID()} ${'You keep a lighthouse. '.repeat(600)}`;
  const ask = (question) =>
    client.messages.create({
      model: unitedStatesModel,
      max_tokens: 256,
      system: [{ type: 'text', text, cache_control: { type: 'ephemeral' } }],
      messages: user(question),
    });
  const first = (await ask('what do you see')).usage;
  check(first.cache_creation_input_tokens > 1024, 'more than 1,024 tokens to be written', first);
  checkEqual('what is read at first', 0, first.cache_read_input_tokens);
  const second = (await ask('and what do you hear')).usage;
  checkEqual('what is read then', first.cache_creation_input_tokens, second.cache_read_input_tokens);
  checkEqual('what is written then', 0, second.cache_creation_input_tokens);
});

addCase('the window of a million tokens', async () => {
  const client = clientWithKeys();
  const ask = (model) =>
    client.beta.messages.create({
      model,
      max_tokens: 256,
      betas: ['context-1m-2025-08-07'],
      messages: user('how much do you hold'),
    });
  checkMessage(await ask(opusModel), 'how much do you hold');
  const error = await raisedBy(() => ask(haikuModel));
  checkStatusError(error, BadRequestError, 400, 'ValidationException', 'invalid beta flag');
});

// --- errors ------------------------------------------------------------------------

const plainRequest = { model: unitedStatesModel, max_tokens: 64, messages: user('this must fail') };

for (const { name, makeClient, request, errorClass, status, code, messagePart } of [
  {
    name: 'wrong secret',
    makeClient: () =>
      new AnthropicBedrock({
        awsAccessKey: process.env.AWS_ACCESS_KEY_ID,
        awsSecretKey: 'not-the-secret',
        ...clientSettings,
      }),
    request: plainRequest,
    errorClass: PermissionDeniedError,
    status: 403,
    code: 'InvalidSignatureException',
    messagePart: wrongSecretMessage,
  },
  {
    name: 'unknown key',
    makeClient: () =>
      new AnthropicBedrock({
        awsAccessKey: 'AKIANOBODYKNOWSTHIS0',
        awsSecretKey: 'not-the-secret',
        ...clientSettings,
      }),
    request: plainRequest,
    errorClass: PermissionDeniedError,
    status: 403,
    code: 'UnrecognizedClientException',
    messagePart: unknownKeyMessage,
  },
  {
    name: 'bad bearer key',
    makeClient: () => clientWithBearer(badBearerKey),
    request: plainRequest,
    errorClass: PermissionDeniedError,
    status: 403,
    // No first-hand source names the code that Bedrock sends here.
    code: null,
    messagePart: badBearerMessage,
  },
  {
    name: 'unknown model',
    makeClient: clientWithKeys,
    request: { ...plainRequest, model: unknownModel },
    errorClass: BadRequestError,
    status: 400,
    code: 'ValidationException',
    messagePart: unknownModelMessage,
  },
  {
    name: 'unknown field',
    makeClient: clientWithKeys,
    request: { ...plainRequest, frobnicate: true },
    errorClass: BadRequestError,
    status: 400,
    code: 'ValidationException',
    messagePart: 'Extra inputs are not permitted',
  },
  {
    name: 'missing max_tokens',
    makeClient: clientWithKeys,
    request: { model: unitedStatesModel, messages: user('this must fail') },
    errorClass: BadRequestError,
    status: 400,
    code: 'ValidationException',
    messagePart: 'max_tokens',
  },
  // What the API refuses of a request that is well formed, in its words.
  ...[
    ['no messages', { messages: [] }, 'messages: at least one message is required'],
    ['a choice without tools', { tool_choice: { type: 'any' } }, 'tool_choice may only be specified while providing tools.'],
    ['two tools of one name', { tools: [clockTool, clockTool] }, 'tools: Tool names must be unique.'],
    [
      'a prefill for a model that takes none',
      { model: baseModel, messages: [...user('a colour'), { role: 'assistant', content: 'It is' }] },
      'This model does not support assistant message prefill.',
    ],
    [
      'a budget that leaves nothing',
      { max_tokens: 2048, thinking: { type: 'enabled', budget_tokens: 2048 } },
      '`max_tokens` must be greater than `thinking.budget_tokens`.',
    ],
  ].map(([name, changes, messagePart]) => ({
    name,
    makeClient: clientWithKeys,
    request: { ...plainRequest, ...changes },
    errorClass: BadRequestError,
    status: 400,
    code: 'ValidationException',
    messagePart,
  })),
]) {
  addCase(`${name} (create)`, async () => {
    const error = await raisedBy(() => makeClient().messages.create(request));
    checkStatusError(error, errorClass, status, code, messagePart);
  });
  addCase(`${name} (stream)`, async () => {
    const error = await raisedBy(async () =>
      collect(await makeClient().messages.create({ ...request, stream: true })),
    );
    checkStatusError(error, errorClass, status, code, messagePart);
  });
}

process.exitCode = await runAll();
