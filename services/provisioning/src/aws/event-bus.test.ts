import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { passwordRotatedEvent } from '@packages/contracts';
import { afterEach, expect, test, vi } from 'vitest';
import { announceByEvent } from './event-bus.ts';

afterEach(() => void vi.unstubAllEnvs());

/** Answers as EventBridge does, and records the requests. */
async function announce(answer: object): Promise<unknown[]> {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    asked.push([request.headers['x-amz-target'], JSON.parse(await text(request))]);
    response.end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'LOCAL');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    vi.stubEnv('AWS_ENDPOINT_URL_EVENTBRIDGE', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await announceByEvent()({ secretId: 'arn:secret', versionId: 'v2' });
    return asked;
  } finally {
    server.close();
  }
}

/** The rule that redeploys waits for this event; `contracts.test.ts` checks the rule against the same contract. */
test('the event about a new password matches the contract', async () => {
  const { source, detailType } = passwordRotatedEvent;
  const entry = {
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify({ secretArn: 'arn:secret', versionId: 'v2' }),
    Resources: ['arn:secret'],
  };
  const asked = await announce({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] });
  expect(asked).toEqual([['AWSEvents.PutEvents', { Entries: [entry] }]]);
});

test('an event that the bus does not accept is an error', async () => {
  const answer = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] };
  await expect(announce(answer)).rejects.toThrow('The event bus did not accept the event');
});
