import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CodePipelineClient, GetPipelineStateCommand } from '@aws-sdk/client-codepipeline';
import { afterEach, describe, expect, test } from 'vitest';
import { awsClient } from '../../lib/aws/clients.ts';
import { explainAwsError } from '../../lib/aws/errors.ts';
import type { Limits } from '../../lib/aws/patience.ts';
import { poll } from '../../lib/aws/poll.ts';
import { keptEnvironment } from '../environment.ts';
import { deafPeer, httpPeer, type Peer, silentPeer } from './peers.ts';

/** For silent peers: short waits keep the tests fast. */
const hasty: Limits = { connect: 10, answer: 0.1, call: 20, word: 0.05, attempts: 3 };
/** For peers that answer: generous, because this machine may be slow. */
const limits: Limits = { connect: 10, answer: 10, call: 30, word: 8, attempts: 3 };
const region = 'eu-central-1';

let peer: Peer | undefined;
const restore = keptEnvironment();
afterEach(async () => {
  restore();
  await peer?.stop();
  peer = undefined;
});

function at(started: Peer): Peer {
  peer = started;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: started.url,
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
  });
  return started;
}

/** The message shown to the user for a call, with the JSON and with the query protocol. */
async function told(options: Partial<Parameters<typeof awsClient>[1]> = {}) {
  const words: string[] = [];
  const place = { region, limits, say: (line: string) => words.push(line), ...options };
  const error = await awsClient(CodePipelineClient, place)
    .send(new GetPipelineStateCommand({ name: 'x' }))
    .catch((cause: unknown) => cause);
  return { sentence: explainAwsError(error), words };
}

const toldByQuery = () =>
  awsClient(CloudFormationClient, { region, limits, say: () => undefined })
    .send(new DescribeStacksCommand({ StackName: 'x' }))
    .then(() => 'nothing', explainAwsError);

describe('A peer that does not answer is retried a limited number of times, with progress messages', () => {
  test('it accepts the request and does not answer', async () => {
    const { count } = at(await silentPeer());
    const { sentence, words } = await told({ limits: hasty });
    expect(sentence).toMatch(
      /^CodePipeline in eu-central-1 accepts connections, but has not answered GetPipelineState or its retries\. .* Try again later\.$/,
    );
    expect(count()).toBe(limits.attempts);
    expect(words[0]).toMatch(
      /^CodePipeline in eu-central-1 has not answered GetPipelineState for \d+ s: still trying\.$/,
    );
  });

  test('it does not accept the connection', async () => {
    at(await deafPeer());
    expect((await told({ limits: { ...hasty, connect: 0.1 } })).sentence).toMatch(
      /^CodePipeline in eu-central-1 cannot be reached: connection attempts get no answer\. Does a firewall .*\? Allow the connection and try again\.$/,
    );
  });

  test('it sends its answer byte by byte, forever', async () => {
    const timers: NodeJS.Timeout[] = [];
    at(
      await httpPeer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        timers.push(setInterval(() => response.write(' '), 10));
      }),
    );
    const { sentence } = await told({ limits: { ...hasty, call: 1 } });
    for (const timer of timers) clearInterval(timer);
    expect(sentence).toMatch(/^CodePipeline in eu-central-1 accepts connections, but has not answered/);
  });

  test('it starts an answer and stops', async () => {
    const { count } = at(
      await httpPeer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.write('{');
      }),
    );
    expect((await told({ limits: hasty })).sentence).toMatch(
      /has not answered GetPipelineState or its retries/,
    );
    expect(count()).toBe(limits.attempts);
  });

  test('it does not answer when a role is assumed', async () => {
    at(await silentPeer());
    const { sentence } = await told({ limits: hasty, roleArn: 'arn:aws:iam::222222222222:role/x' });
    expect(sentence).toMatch(/has not answered/);
  });

  test('a single lost answer goes unnoticed', async () => {
    let first = true;
    at(
      await httpPeer((_, response) => {
        if (!first) response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{}');
        first = false;
      }),
    );
    expect((await told({ limits: { ...hasty, answer: 2 } })).sentence).toBe('[object Object]');
  });

  test.each([
    ['silent', silentPeer],
    ['deaf', deafPeer],
  ])('the signal ends it at once: %s', async (_, start) => {
    at(await start());
    const stop = new AbortController();
    const said = told({
      signal: stop.signal,
      limits: { connect: 60, answer: 60, call: 600, word: 0.05, attempts: 8 },
      say: () => stop.abort(),
    });
    expect((await said).sentence).toBe('Stopped.');
  });
});

describe('A bad answer is described precisely', () => {
  const answering = async (status: number, type: string, body: string, headers = {}) =>
    at(
      await httpPeer((_, response) =>
        response.writeHead(status, { 'content-type': type, ...headers }).end(body),
      ),
    );

  const page = '<html><body><h1>502 Bad Gateway</h1></body></html>';
  test.each([
    [502, 'text/html', page],
    [200, 'text/html', '<html>Please sign in to the network</html>'],
    [403, 'text/html; charset=utf-8', '<!doctype html><p>Forbidden by policy'],
    [407, 'text/plain', 'Proxy Authentication Required'],
    [200, 'application/x-amz-json-1.1', 'not JSON'],
  ])('by something other than AWS: %d %s', async (status, type, body) => {
    await answering(status, type, body);
    for (const sentence of [(await told()).sentence, await toldByQuery()]) {
      expect(sentence).toMatch(/^Something other than AWS has answered \w+ of \w+ in eu-central-1/);
      expect(sentence).toContain(`HTTP ${status}, ${type}`);
      expect(sentence).not.toMatch(/Deserialization|SyntaxError|\n/);
    }
  });

  test.each([500, 503])('an AWS server error: %d', async (status) => {
    const { count } = await answering(
      status,
      'application/x-amz-json-1.1',
      '{"__type":"InternalFailure","message":"oops"}',
    );
    expect((await told()).sentence).toBe(
      `CodePipeline in eu-central-1 has a problem (HTTP ${status}, InternalFailure, oops), which persisted through all retries. Try again in a few minutes; https://health.aws.amazon.com reports larger ones.`,
    );
    expect(count()).toBe(limits.attempts);
  });

  test.each([
    ['InvalidSignatureException', 'Signature expired: 20261126T100000Z is now earlier than 20261126T110000Z'],
    ['InvalidSignatureException', 'Signature not yet current: 20261126T120000Z is still later than now'],
    ['RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'],
    ['RequestExpired', 'Request has expired.'],
  ])('a wrong clock: %s, %s', async (name, message) => {
    await answering(400, 'application/x-amz-json-1.1', JSON.stringify({ __type: name, message }), {
      // The `Date` header when it answers.
      get date() {
        return new Date(Date.now() - 7_200_000).toUTCString();
      },
    });
    expect((await told()).sentence).toMatch(
      /^AWS refused the request's time: the clock of this machine is wrong: it is 7(199|20\d) s ahead of that of AWS\. Set it/,
    );
  });

  test('missing permission, in the form of each protocol, with full stops between sentences', async () => {
    await answering(
      400,
      'application/x-amz-json-1.1',
      JSON.stringify({ __type: 'PipelineNotFoundException', message: 'No pipeline with name windows-auth' }),
    );
    expect((await told()).sentence).toMatch(
      /^No pipeline with name windows-auth\. Is this the tools account/,
    );
  });

  test('a name that cannot be resolved, a port on which no server listens', async () => {
    process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'none';
    const once = { limits: { ...limits, attempts: 1 } };
    process.env.AWS_ENDPOINT_URL = 'http://nowhere.invalid';
    expect((await told(once)).sentence).toMatch(
      /^CodePipeline in eu-central-1 cannot be reached \((ENOTFOUND|EAI_AGAIN): .*\)\. Its name cannot be resolved/,
    );
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    expect((await told(once)).sentence).toMatch(
      /cannot be reached \(ECONNREFUSED: .*\)\. Is the internet reachable/,
    );
  });
});

test('profiles that do not exist or are empty are reported by name', async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PROFILE: 'nosuch',
    HOME: '/nonexistent',
  });
  expect((await told()).sentence).toMatch(
    /^There is no profile nosuch, which AWS_PROFILE names\. "aws configure list-profiles" lists/,
  );
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  process.env.AWS_CONFIG_FILE = join(folder, 'config');
  writeFileSync(process.env.AWS_CONFIG_FILE, '[profile empty]\nregion = eu-central-1\n');
  process.env.AWS_PROFILE = 'empty';
  expect((await told()).sentence).toMatch(
    /^The profile empty, which AWS_PROFILE names, gives no credentials\. /,
  );
  rmSync(folder, { recursive: true });
  delete process.env.AWS_PROFILE;
  expect((await told()).sentence).toMatch(/^There are no AWS credentials here\. Sign in/);
});

describe('poll', () => {
  test('gives up a check that hangs', async () => {
    const hanging = () => new Promise<string>(() => undefined);
    await expect(
      poll({ intervalSeconds: 0.01, limitSeconds: 0.05, what: 'The end' }, hanging),
    ).rejects.toThrow('The end: timed out after 0.05 s.');
  });

  test('is ended by its signal during a hanging check, and between two checks', async () => {
    const hanging = () => new Promise<string>(() => undefined);
    for (const look of [hanging, async () => undefined]) {
      const stop = new AbortController();
      const ended = poll(
        { intervalSeconds: 60, limitSeconds: 600, what: 'The end', signal: stop.signal },
        look,
      );
      stop.abort();
      await expect(ended).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    }
  });
});
