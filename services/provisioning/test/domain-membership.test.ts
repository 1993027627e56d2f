import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { awaitMembership } from '../src/domain-membership/await-membership.ts';

/** What RDS reports about the instance: successive statuses, and its events. */
let statuses: (string | undefined)[] = [];
let events: string[] = [];
const asked: string[] = [];

const escaped = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const service = createServer(async (request, response) => {
  const action = new URLSearchParams(await text(request)).get('Action') ?? '';
  asked.push(action);
  const status = statuses.length > 1 ? statuses.shift() : statuses[0];
  const membership = status ? `<DomainMembership><Status>${status}</Status></DomainMembership>` : '';
  const result =
    action === 'DescribeDBInstances'
      ? `<DBInstances><DBInstance><DomainMemberships>${membership}</DomainMemberships></DBInstance></DBInstances>`
      : `<Events>${events.map((event) => `<Event><Message>${escaped(event)}</Message></Event>`).join('')}</Events>`;
  response.setHeader('content-type', 'text/xml');
  response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
});
let rds: RDSClient;

beforeAll(async () => {
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  rds = new RDSClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'local' },
    endpoint: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
  });
});
afterAll(() => {
  service.close();
});
beforeEach(() => {
  asked.length = 0;
  events = [];
});

const membership = (limit = 5_000) =>
  awaitMembership({ rds, instance: 'music-db', domainName: 'corp.example.com', limit });

test.each(['joined', 'kerberos-enabled'])('an instance that is %s is a member', async (status) => {
  statuses = [status];
  await membership();
  expect(asked).toEqual(['DescribeDBInstances']);
});

test('a join that goes on is waited for', async () => {
  statuses = [undefined, 'joining', 'pending-join', 'joined'];
  await membership();
  expect(asked).toHaveLength(4);
});

test('a join that does not end is reported with the status from RDS', async () => {
  statuses = ['joining'];
  await expect(membership(200)).rejects.toThrow(
    'music-db has not joined the domain corp.example.com: RDS says "joining". Deploy again',
  );
});

test.each<[string, RegExp]>([
  ['Unable to join domain. Error: 2 / 0x2 The system cannot find the file specified.', /organizational unit/],
  ['The host could not join the domain, error code 5: access is denied', /lacks a right/],
  ['Domain join failed with error 87', /is not as the directory has it/],
  ['Domain join failed: Error 0x52e', /name or password/],
  ['Domain join failed. Error: 1326', /name or password/],
  ['Error 1355: the specified domain either does not exist or could not be contacted', /dnsAddresses/],
  ['Domain join failed: error 1722', /TCP 135/],
  ['Domain join failed: error 1727', /cut off/],
  ['Domain join failed: error 2224', /there already/],
  ['Domain join failed: error 2242', /has expired/],
  ['Domain join failed: error 234', /too long/],
])('of "%s", the cause is said', async (event, cause) => {
  statuses = ['failed'];
  events = ['DB instance created', event, 'Backing up DB instance'];
  const failure = membership();
  await expect(failure).rejects.toThrow(cause);
  await expect(failure).rejects.toThrow(event.replace(/\.$/, ''));
  await expect(failure).rejects.toThrow(/^music-db could not join the domain .*deploy again\.$/);
});

test('a failure without details from RDS is reported with what to check', async () => {
  statuses = ['enable-kerberos-failed'];
  await expect(membership()).rejects.toThrow(
    /RDS says "enable-kerberos-failed"\. Probably the account that joins/,
  );
  events = ['Unhealthy domain state detected while attempt to verify or configure your Kerberos endpoint'];
  await expect(membership()).rejects.toThrow(
    /and "Unhealthy domain state .* endpoint"\. Probably the account/,
  );
});
