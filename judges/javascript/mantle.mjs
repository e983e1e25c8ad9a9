// Judges the Mantle side of a local Bedrock server with Anthropic's JavaScript client
// (`AnthropicBedrockMantle`), used as its makers publish it; `judging.mjs` says how the
// server is found.

import { readFileSync } from 'node:fs';
import { AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import { BadRequestError, NotFoundError } from '@anthropic-ai/sdk';
import {
  addCase,
  badBearerKey,
  bearerKey,
  check,
  checkEqual,
  checkEventOrder,
  checkUsage,
  checkWeatherInput,
  clientSettings,
  clockTool,
  collect,
  raisedBy,
  runAll,
  textOf,
  tinyPng,
  unknownModel,
  user,
  weatherTool,
} from './judging.mjs';

// One of those that Mantle has; and one that may be forced to call a tool.
const model = 'anthropic.claude-opus-4-8';
const haikuModel = 'anthropic.claude-haiku-4-5';

// The keys, the region and the address all come from the environment.
function clientWithKeys() {
  return new AnthropicBedrockMantle(clientSettings);
}

function request(text, changes = {}) {
  return { model, max_tokens: 512, messages: user(text), ...changes };
}

function checkAnswer(message, text, stopReason = 'end_turn') {
  checkEqual('type', 'message', message.type);
  check(message.id.startsWith('msg_'), "id to begin with 'msg_'", message.id);
  checkEqual('stop_reason', stopReason, message.stop_reason);
  check(textOf(message).includes(text), `the text to contain '${text}'`, textOf(message));
  checkUsage(message.usage);
}

for (const [label, makeClient] of [
  ['keys', clientWithKeys],
  ['a bearer key', () => new AnthropicBedrockMantle({ apiKey: bearerKey(), ...clientSettings })],
]) {
  addCase(`create with ${label}`, async () => {
    const message = await makeClient().messages.create(request(`said with ${label}`));
    checkAnswer(message, `said with ${label}`);
    check(message._request_id, 'a request-id header', message._request_id);
  });

  addCase(`stream with ${label}`, async () => {
    const client = makeClient();
    checkEventOrder(await collect(await client.messages.create({ ...request(`said with ${label}`), stream: true })));
    checkAnswer(await client.messages.stream(request(`said with ${label}`)).finalMessage(), `said with ${label}`);
  });
}

addCase('a forced tool, streamed and answered', async () => {
  const wish = { model: haikuModel, tools: [weatherTool], tool_choice: { type: 'tool', name: 'get_weather' } };
  const client = clientWithKeys();
  const message = await client.messages.stream(request('the weather in Oslo', wish)).finalMessage();
  checkEqual('stop_reason', 'tool_use', message.stop_reason);
  const call = message.content.find((block) => block.type === 'tool_use');
  checkWeatherInput(call.input);
  const messages = [
    ...user('the weather in Oslo'),
    { role: 'assistant', content: message.content },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: call.id, content: '7 degrees' }, { type: 'text', text: 'thank you' }],
    },
  ];
  const answer = await client.messages.create(request('', { model: haikuModel, tools: [weatherTool], messages }));
  checkAnswer(answer, 'thank you');
});

addCase('a tool by its name', async () => {
  const message = await clientWithKeys().messages.create(request('please call get_time', { tools: [clockTool] }));
  checkEqual('the tools', ['get_time'], message.content.filter((block) => block.type === 'tool_use').map((block) => block.name));
});

addCase('an image and a PDF', async () => {
  const pdf = readFileSync(new URL('../media/report.pdf', import.meta.url));
  const content = [
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: tinyPng().toString('base64') } },
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: pdf.toString('base64') },
      citations: { enabled: true },
    },
    { type: 'text', text: 'what is in these' },
  ];
  const message = await clientWithKeys().messages.create(request('', { messages: [{ role: 'user', content }] }));
  checkAnswer(message, 'what is in these');
  const cited = message.content.find((block) => block.citations?.length > 0);
  checkEqual('what is cited', 'page_location', cited?.citations[0].type);
});

addCase('count tokens', async () => {
  const client = clientWithKeys();
  const { input_tokens } = await client.messages.countTokens({ model, messages: user('count me') });
  const answer = await client.messages.create(request('count me'));
  checkEqual('the tokens of the same request', input_tokens, answer.usage.input_tokens);
});

for (const [name, changes, errorClass, status, kind] of [
  ['unknown model', { model: unknownModel }, NotFoundError, 404, 'not_found_error'],
  ['unknown field', { frobnicate: true }, BadRequestError, 400, 'invalid_request_error'],
]) {
  for (const way of ['create', 'stream']) {
    addCase(`${name} (${way})`, async () => {
      const client = clientWithKeys();
      const error = await raisedBy(() =>
        way === 'create'
          ? client.messages.create(request('this must fail', changes))
          : client.messages.stream(request('this must fail', changes)).finalMessage(),
      );
      checkEqual('the class', errorClass.name, error.constructor.name);
      checkEqual('the status', status, error.status);
      checkEqual('the kind', kind, error.error?.error?.type);
      check(error.requestID, 'a request id', error.requestID);
    });
  }
}

addCase('a bearer key that is wrong', async () => {
  const client = new AnthropicBedrockMantle({ apiKey: badBearerKey, ...clientSettings });
  const error = await raisedBy(() => client.messages.create(request('this must fail')));
  check([401, 403].includes(error.status), 'the status to be 401 or 403', error.status);
});

process.exitCode = await runAll();
