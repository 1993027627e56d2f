import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { type CustomResource, customResourceHandler } from '../src/custom-resource/custom-resource.ts';
import { ProvisioningError } from '../src/provisioning-error.ts';

interface Properties {
  readonly Name: string;
}
type Answer = Record<'Status' | 'Reason' | 'PhysicalResourceId', string> & { readonly Data?: object };

/** CloudFormation's side: what was sent to its address, after `refusals` refusals. */
const answers: { readonly body: string; readonly contentType: string | undefined }[] = [];
let refusals = 0;
const server = createServer(async (request: IncomingMessage, response) => {
  answers.push({ body: await text(request), contentType: request.headers['content-type'] });
  refusals -= 1;
  response.writeHead(refusals >= 0 ? 503 : 200).end();
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

const logged: string[] = [];
beforeEach(() => {
  answers.length = 0;
  refusals = 0;
  logged.length = 0;
  vi.stubEnv('PINNED', '{"Name":"db-user"}');
  for (const method of ['log', 'error'] as const) {
    vi.spyOn(console, method).mockImplementation((line: string) => void logged.push(line));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const stackId =
  'arn:aws:cloudformation:eu-central-1:222222222222:stack/db/01234567-89ab-cdef-0123-456789abcdef';

function event(type: 'Create' | 'Update' | 'Delete', more: object = {}): CloudFormationCustomResourceEvent {
  const { port } = server.address() as AddressInfo;
  return {
    RequestType: type,
    ResponseURL: `http://127.0.0.1:${port}/answer?signature=secret`,
    StackId: stackId,
    RequestId: 'request-1',
    LogicalResourceId: 'User',
    ResourceType: 'Custom::DirectoryUser',
    ServiceToken: 'arn:of:function',
    ResourceProperties: { ServiceToken: 'arn:of:function', Name: 'db-user' },
    ...(type !== 'Create' && { PhysicalResourceId: 'old-id' }),
    ...(type === 'Update' && { OldResourceProperties: {} }),
    ...more,
  } as CloudFormationCustomResourceEvent;
}

async function run(
  resource: Partial<CustomResource<Properties>>,
  request = event('Create'),
  milliseconds = 60_000,
): Promise<Answer> {
  const handler = customResourceHandler<Properties>({
    form: z.object({ Name: z.string().min(3, 'it must have three characters') }),
    pins: ({ Name }) => ({ Name }),
    physicalId: ({ Name }) => `id-of-${Name}`,
    apply: async () => ({ Outcome: 'created' }),
    remove: async () => {},
    ...resource,
  });
  await handler(request, { getRemainingTimeInMillis: () => milliseconds, logStreamName: 'stream' });
  return JSON.parse(answers.at(-1)?.body ?? '{}') as Answer;
}

test('success is answered with the id and the attributes; the owner is the stack and the resource', async () => {
  let owner = '';
  const answer = await run({
    apply: async (_, given) => {
      owner = given.owner;
      return { Outcome: 'kept' };
    },
  });
  expect(answer).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'id-of-db-user',
    StackId: stackId,
    RequestId: 'request-1',
    LogicalResourceId: 'User',
    Data: { Outcome: 'kept' },
  });
  expect(owner).toBe('01234567-89ab-cdef-0123-456789abcdef/User');
  expect(console.error).not.toHaveBeenCalled();
  expect(answers[0]?.contentType).toBe('');
});

test.each([
  [
    'a failure of provisioning',
    new ProvisioningError('The directory is asleep: wake it.'),
    'The directory is asleep: wake it. (log stream stream)',
  ],
  [
    'an error of AWS that is known',
    Object.assign(
      new Error('User: arn:aws:iam::1:role/x is not authorized\nto perform: ds-data:CreateUser.'),
      {
        name: 'AccessDeniedException',
      },
    ),
    'AccessDeniedException: User: arn:aws:iam::1:role/x is not authorized to perform: ds-data:CreateUser; ' +
      "add the permission to the function's role, or check that the directory is in this account. (log stream stream)",
  ],
  [
    'an error that is not known',
    new TypeError('x is undefined'),
    'TypeError: x is undefined; see the log, then deploy again: it goes on from where it stopped. (log stream stream)',
  ],
])('%s reaches CloudFormation as one sentence', async (_, error, reason) => {
  const answer = await run({ apply: () => Promise.reject(error) });
  expect(answer).toMatchObject({ Status: 'FAILED', Reason: reason, PhysicalResourceId: 'id-of-db-user' });
  expect(logged).toHaveLength(1);
  // The alarm counts the log lines of this level.
  expect(console.error).toHaveBeenCalledOnce();
  expect(logged[0]).not.toMatch(/signature|\s{4}at /);
});

test('a property that is wrong is named', async () => {
  const request = event('Create', { ResourceProperties: { ServiceToken: 'x', Name: 'a' } });
  expect(await run({}, request)).toMatchObject({
    Status: 'FAILED',
    Reason: 'The property Name is wrong: it must have three characters. (log stream stream)',
    PhysicalResourceId: 'User-request-1',
  });
});

test('work that takes too long is answered before the function ends', async () => {
  const apply = () => new Promise<never>(() => {});
  expect(await run({ apply }, event('Create'), 8050)).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringMatching(/^The work was not done within \d+ s: deploy again, it goes on from where/),
  });
});

test('a failed update keeps the id of the existing resource, so that the roll-back deletes nothing', async () => {
  const apply = () => Promise.reject(new Error('no'));
  expect(await run({ apply }, event('Update'))).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId: 'old-id',
  });
});

test('a deletion is answered with the id of its request, also for properties that were never valid', async () => {
  const removed: string[] = [];
  const remove = async ({ Name }: Properties) => void removed.push(Name);
  expect(await run({ remove }, event('Delete'))).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'old-id',
  });
  const invalid = event('Delete', { ResourceProperties: { ServiceToken: 'x', Name: 'a' } });
  expect(await run({ remove }, invalid)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'old-id' });
  expect(removed).toEqual(['db-user']);
});

test('an answer that is refused is sent again', async () => {
  refusals = 2;
  expect(await run({})).toMatchObject({ Status: 'SUCCESS' });
  expect(answers).toHaveLength(3);
});

test('a failed deletion leaves the rest, is answered as a success, and is logged as an error', async () => {
  for (const remove of [
    () => Promise.reject(new ProvisioningError('The directory is asleep: wake it.')),
    () => new Promise<never>(() => {}),
  ]) {
    logged.length = 0;
    expect(await run({ remove }, event('Delete'), 20_050)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'old-id',
    });
    expect(console.error).toHaveBeenCalledOnce();
    expect(logged[0]).toMatch(
      /It is left as it is: (The directory is asleep: wake it|The work was not done within)/,
    );
    vi.mocked(console.error).mockClear();
  }
});

test.each(['Create', 'Update', 'Delete'] as const)(
  'what the environment does not name is not served, whoever asks for it: %s',
  async (type) => {
    const done: string[] = [];
    const resource = {
      apply: async () => {
        done.push('applied');
        return {};
      },
      remove: async () => void done.push('removed'),
    };
    const other = { ResourceProperties: { ServiceToken: 'x', Name: 'another' } };
    const answer = await run(resource, event(type, other));
    expect(answer.Status).toBe(type === 'Delete' ? 'SUCCESS' : 'FAILED');
    expect(logged.join('')).toContain('This function is not for this Name');
    vi.stubEnv('PINNED', undefined);
    await run(resource, event(type));
    expect(done).toEqual([]);
  },
);

test.each(['x', '€', '"\n'])(
  'a reason of 10,000 %j is cut before CloudFormation refuses the answer',
  async (text) => {
    const answer = await run({ apply: () => Promise.reject(new ProvisioningError(text.repeat(10_000))) });
    expect(Buffer.byteLength(answers.at(-1)?.body ?? '')).toBeLessThanOrEqual(4096);
    expect(answer.Reason.length).toBeGreaterThan(900);
  },
);
