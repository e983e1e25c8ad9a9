// Judges Converse of a local Bedrock server with Vercel's AI SDK and its provider for
// Amazon Bedrock, used as their makers publish them; `judging.mjs` says how the server
// is found.

import { readFileSync } from 'node:fs';
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { APICallError, Output, generateObject, generateText, streamText, tool } from 'ai';
import { z } from 'zod';
import { addCase, bearerKey, check, checkEqual, runAll, tinyPng, unitedStatesModel, unknownModel } from './judging.mjs';

// This provider is told where the server is; keys and region come from the environment.
const baseURL = process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME;
const settings = { maxRetries: 0, maxOutputTokens: 512 };

function model(id = unitedStatesModel, options = {}) {
  return createAmazonBedrock({ baseURL, ...options })(id);
}

function checkUsage(usage) {
  check(usage.inputTokens > 0 && usage.outputTokens > 0, 'tokens to be counted', usage);
}

addCase('generateText', async () => {
  const answer = await generateText({ model: model(), system: 'You keep a lighthouse.', prompt: 'the kite is blue', ...settings });
  check(answer.text.includes('the kite is blue'), 'the text', answer.text);
  checkEqual('why it stopped', 'stop', answer.finishReason);
  checkUsage(answer.usage);
});

addCase('generateText with a bearer key', async () => {
  const answer = await generateText({ model: model(unitedStatesModel, { apiKey: bearerKey() }), prompt: 'by a key', ...settings });
  check(answer.text.includes('by a key'), 'the text', answer.text);
});

addCase('streamText', async () => {
  const answer = streamText({ model: model(), prompt: 'the kite is red', ...settings });
  const pieces = [];
  for await (const piece of answer.textStream) {
    pieces.push(piece);
  }
  check(pieces.length > 4, 'more than one piece', pieces.length);
  check(pieces.join('').includes('the kite is red'), 'the text', pieces.join(''));
  checkEqual('why it stopped', 'stop', await answer.finishReason);
  checkUsage(await answer.usage);
});

const clock = tool({
  description: 'The time in one city.',
  inputSchema: z.object({ city: z.string() }),
});

for (const way of ['generateText', 'streamText']) {
  addCase(`${way}: a tool, called and answered`, async () => {
    const ask = (wish) => (way === 'generateText' ? generateText(wish) : streamText(wish));
    const wish = { model: model(), tools: { get_time: clock }, ...settings };
    const answer = await ask({ ...wish, prompt: 'please call get_time' });
    const calls = await answer.toolCalls;
    checkEqual('the tools called', ['get_time'], calls.map((call) => call.toolName));
    check(typeof calls[0].input.city === 'string', 'a city', calls[0]);
    const { messages } = await answer.response;
    const [{ toolCallId, toolName }] = calls;
    const result = { type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: 'six' } };
    const next = await ask({
      ...wish,
      messages: [
        { role: 'user', content: 'please call get_time' },
        ...messages,
        { role: 'tool', content: [result] },
        { role: 'user', content: 'thank you' },
      ],
    });
    check((await next.text).includes('thank you'), 'the answer after the result', await next.text);
  });
}

addCase('a tool that must be called', async () => {
  const answer = await generateText({
    model: model(),
    prompt: 'the time',
    tools: { get_time: clock },
    toolChoice: { type: 'tool', toolName: 'get_time' },
    ...settings,
  });
  checkEqual('the tools called', ['get_time'], answer.toolCalls.map((call) => call.toolName));
  checkEqual('why it stopped', 'tool-calls', answer.finishReason);
});

const film = z.object({ title: z.string(), year: z.number().int() });

addCase('generateObject', async () => {
  const { object } = await generateObject({ model: model(), schema: film, prompt: 'a film', ...settings });
  checkEqual('its members', ['title', 'year'], Object.keys(object).sort());
});

addCase('generateText with an output by a schema', async () => {
  const { output } = await generateText({ model: model(), output: Output.object({ schema: film }), prompt: 'a film', ...settings });
  checkEqual('its members', ['title', 'year'], Object.keys(output).sort());
});

function asked(text, data, mediaType) {
  return [{ role: 'user', content: [{ type: 'file', data, mediaType, filename: 'a file' }, { type: 'text', text }] }];
}

addCase('an image', async () => {
  const answer = await generateText({ model: model(), messages: asked('what colour', tinyPng(), 'image/png'), ...settings });
  check(answer.text.includes('what colour'), 'the text', answer.text);
});

addCase('a PDF', async () => {
  const pdf = readFileSync(new URL('../media/report.pdf', import.meta.url));
  const messages = asked('what does it say', pdf, 'application/pdf');
  const answer = await generateText({ model: model(), messages, ...settings });
  check(answer.text.includes('what does it say'), 'the text', answer.text);
});

addCase('reasoning, streamed', async () => {
  const answer = streamText({
    model: model(),
    prompt: 'think about it',
    ...settings,
    maxOutputTokens: 4096,
    providerOptions: { bedrock: { reasoningConfig: { type: 'enabled', budgetTokens: 1024 } } },
  });
  check((await answer.reasoningText)?.length > 0, 'reasoning', await answer.reasoningText);
  check((await answer.text).includes('think about it'), 'the text', await answer.text);
});

addCase('unknown model', async () => {
  try {
    check(false, 'an error', (await generateText({ model: model(unknownModel), prompt: 'this must fail', ...settings })).text);
  } catch (error) {
    if (!APICallError.isInstance(error)) {
      throw error;
    }
    checkEqual('the status', 400, error.statusCode);
    check(error.message.includes('The provided model identifier is invalid.'), 'the message', error.message);
  }
  // A stream tells its error where it is read.
  let told;
  const answer = streamText({ model: model(unknownModel), prompt: 'this must fail', ...settings, onError: () => {} });
  for await (const part of answer.fullStream) {
    told = part.type === 'error' ? part.error : told;
  }
  checkEqual('the status in a stream', 400, told?.statusCode);
});

process.exitCode = await runAll();
