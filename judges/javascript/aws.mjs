// Judges a local Bedrock server with the AWS SDK for JavaScript v3, used as its makers
// publish it; `judging.mjs` says how the server is found.

import { readFileSync } from 'node:fs';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import {
  addCase,
  baseModel,
  bearerKey,
  check,
  checkEqual,
  checkEventOrder,
  checkWeatherInput,
  clockTool,
  inEnvironmentWithBearer,
  profileArn,
  runAll,
  tinyPng,
  unitedStatesModel,
  unknownModel,
  unknownModelMessage,
  user,
  weatherTool,
} from './judging.mjs';

// The keys, the region and the address all come from the environment.
function client(settings = {}) {
  return new BedrockRuntimeClient({ maxAttempts: 1, ...settings });
}

function said(text, ...before) {
  return { role: 'user', content: [...before, { text }] };
}

function asked(text, changes = {}) {
  return {
    modelId: unitedStatesModel,
    messages: [said(text)],
    inferenceConfig: { maxTokens: 512 },
    ...changes,
  };
}

function spec(tool) {
  return {
    toolSpec: { name: tool.name, description: tool.description, inputSchema: { json: tool.input_schema } },
  };
}

function textOf(content) {
  return content
    .map((block) => block.text ?? block.citationsContent?.content.map((part) => part.text).join('') ?? '')
    .join('');
}

function checkAnswer(answer, text, stopReason = 'end_turn') {
  checkEqual('the status', 200, answer.$metadata.httpStatusCode);
  check(answer.$metadata.requestId, 'a request id', answer.$metadata);
  checkEqual('stopReason', stopReason, answer.stopReason);
  const content = answer.output.message.content;
  check(textOf(content).includes(text), `the text to contain '${text}'`, textOf(content));
  const { inputTokens, outputTokens, totalTokens } = answer.usage;
  check(inputTokens > 0 && outputTokens > 0, 'tokens to be counted', answer.usage);
  check(totalTokens >= inputTokens + outputTokens, 'their sum', answer.usage);
  check(Number.isInteger(answer.metrics.latencyMs), 'metrics.latencyMs to be a number', answer.metrics);
}

// What a stream adds up to, held to the order that real ones keep.
async function streamed(input) {
  const answer = await client().send(new ConverseStreamCommand(input));
  const blocks = [];
  const kinds = [];
  let end = {};
  for await (const event of answer.stream) {
    const [kind, body] = Object.entries(event)[0];
    kinds.push(kind);
    const block = (blocks[body.contentBlockIndex] ??= { text: '', input: '', thinking: '' });
    if (kind === 'contentBlockStart') {
      block.toolUse = body.start.toolUse;
    } else if (kind === 'contentBlockDelta') {
      block.text += body.delta.text ?? '';
      block.input += body.delta.toolUse?.input ?? '';
      block.thinking += body.delta.reasoningContent?.text ?? '';
      block.signature = body.delta.reasoningContent?.signature ?? block.signature;
    } else if (kind === 'messageStop' || kind === 'metadata') {
      end = { ...end, ...body };
    }
  }
  checkEqual('the first event', 'messageStart', kinds[0]);
  checkEqual('the last two events', ['messageStop', 'metadata'], kinds.slice(-2));
  return { blocks, ...end };
}

async function refused(command, settings) {
  try {
    return check(false, 'an error', await client(settings).send(command));
  } catch (error) {
    if (error.$metadata === undefined) {
      throw error;
    }
    return error;
  }
}

addCase('converse: text', async () => {
  checkAnswer(await client().send(new ConverseCommand(asked('the kite is blue'))), 'the kite is blue');
});

addCase('converse: the ARN of a profile', async () => {
  checkAnswer(await client().send(new ConverseCommand(asked('by its ARN', { modelId: profileArn }))), 'by its ARN');
});

addCase('converse: with a bearer key', async () => {
  await inEnvironmentWithBearer(bearerKey(), async () => {
    const settings = { token: { token: bearerKey() }, authSchemePreference: ['httpBearerAuth'] };
    checkAnswer(await client(settings).send(new ConverseCommand(asked('by a key'))), 'by a key');
  });
});

addCase('converse stream: text', async () => {
  const whole = await streamed(asked('the kite is red'));
  check(textOf(whole.blocks).includes('the kite is red'), 'the text', whole.blocks);
  checkEqual('stopReason', 'end_turn', whole.stopReason);
  check(whole.usage.totalTokens > 0, 'tokens to be counted', whole.usage);
});

addCase('converse: a forced tool, streamed and answered', async () => {
  const toolConfig = { tools: [spec(weatherTool)], toolChoice: { tool: { name: 'get_weather' } } };
  const whole = await streamed(asked('the weather in Oslo', { toolConfig }));
  checkEqual('stopReason', 'tool_use', whole.stopReason);
  const call = whole.blocks.find((block) => block.toolUse);
  const input = JSON.parse(call.input);
  checkWeatherInput(input);
  const toolUse = { ...call.toolUse, input };
  const toolResult = { toolUseId: toolUse.toolUseId, content: [{ json: { degrees: 7 } }] };
  const messages = [
    said('the weather in Oslo'),
    { role: 'assistant', content: [{ toolUse }] },
    { role: 'user', content: [{ toolResult }, { text: 'thank you' }] },
  ];
  const answer = await client().send(new ConverseCommand(asked('', { messages, toolConfig: { tools: toolConfig.tools } })));
  checkAnswer(answer, 'thank you');
});

addCase('converse: an image', async () => {
  const picture = { image: { format: 'png', source: { bytes: tinyPng() } } };
  const answer = await client().send(new ConverseCommand(asked('', { messages: [said('what colour', picture)] })));
  checkAnswer(answer, 'what colour');
});

addCase('converse: a PDF with citations', async () => {
  const bytes = readFileSync(new URL('../media/report.pdf', import.meta.url));
  const document = { format: 'pdf', name: 'report', source: { bytes }, citations: { enabled: true } };
  const answer = await client().send(
    new ConverseCommand(asked('', { messages: [said('what does it say', { document })] })),
  );
  checkAnswer(answer, 'what does it say');
  const cited = answer.output.message.content.find((block) => block.citationsContent);
  check(cited?.citationsContent.citations[0].location.documentPage, 'a page to be cited', answer.output.message.content);
});

addCase('converse stream: thinking', async () => {
  const additionalModelRequestFields = { thinking: { type: 'enabled', budget_tokens: 1024 } };
  const whole = await streamed(asked('think', { inferenceConfig: { maxTokens: 4096 }, additionalModelRequestFields }));
  check(whole.blocks[0].thinking !== '' && whole.blocks[0].signature, 'thinking with a signature', whole.blocks[0]);
});

addCase('count tokens, of both kinds of requests', async () => {
  const converse = { messages: [said('count me')] };
  const { inputTokens } = await client().send(new CountTokensCommand({ modelId: baseModel, input: { converse } }));
  const answer = await client().send(new ConverseCommand(asked('count me', { modelId: baseModel })));
  checkEqual('inputTokens of the same request', inputTokens, answer.usage.inputTokens);
  const body = invokeBody('count me');
  const counted = await client().send(new CountTokensCommand({ modelId: baseModel, input: { invokeModel: { body } } }));
  checkEqual('inputTokens of InvokeModel', inputTokens, counted.inputTokens);
});

function invokeBody(text) {
  return new TextEncoder().encode(
    JSON.stringify({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 256, messages: user(text) }),
  );
}

addCase('invoke model', async () => {
  const answer = await client().send(new InvokeModelCommand({ modelId: unitedStatesModel, body: invokeBody('plainly') }));
  const message = JSON.parse(new TextDecoder().decode(answer.body));
  check(textOf(message.content).includes('plainly'), 'the text', message);
});

addCase('invoke model with response stream', async () => {
  const answer = await client().send(
    new InvokeModelWithResponseStreamCommand({ modelId: unitedStatesModel, body: invokeBody('by pieces') }),
  );
  const events = [];
  for await (const event of answer.body) {
    events.push(JSON.parse(new TextDecoder().decode(event.chunk.bytes)));
  }
  checkEventOrder(events);
});

for (const [name, Command] of [
  ['converse', ConverseCommand],
  ['converse stream', ConverseStreamCommand],
]) {
  addCase(`${name}: unknown model`, async () => {
    const error = await refused(new Command(asked('this must fail', { modelId: unknownModel })));
    check(error instanceof ValidationException, 'a ValidationException', error.name);
    checkEqual('the status', 400, error.$metadata.httpStatusCode);
    checkEqual('the message', unknownModelMessage, error.message);
    check(error.$metadata.requestId, 'a request id', error.$metadata);
  });

  addCase(`${name}: wrong secret`, async () => {
    const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: 'not-the-secret' };
    const error = await refused(new Command(asked('this must fail')), { credentials });
    checkEqual('the name', 'InvalidSignatureException', error.name);
    checkEqual('the status', 403, error.$metadata.httpStatusCode);
  });

  addCase(`${name}: calls without toolConfig`, async () => {
    const messages = [
      said('call it'),
      { role: 'assistant', content: [{ toolUse: { toolUseId: 'tooluse_1', name: clockTool.name, input: {} } }] },
      { role: 'user', content: [{ toolResult: { toolUseId: 'tooluse_1', content: [{ text: 'six' }] } }] },
    ];
    const error = await refused(new Command(asked('', { messages })));
    checkEqual(
      'the message',
      'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
      error.message,
    );
  });
}

process.exitCode = await runAll();
