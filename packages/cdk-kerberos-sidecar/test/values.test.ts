import { expect, test } from 'vitest';
import { containersOf, servedTask } from './example-task.ts';

const host = 'sql01.corp.example.com';

// ECS, the directory or nobody would look at them; the sidecar itself takes them.
const useless: readonly (readonly [string, object, RegExp])[] = [
  [
    'an address',
    { sqlServer: { host: '10.0.1.10' } },
    /named by the address 10\.0\.1\.10.*its name in the domain/,
  ],
  ['an address in IPv6', { sqlServer: { host: 'fd00::10' } }, /full name in the domain/],
  ['a part of an address', { sqlServer: { host: 'sql01.10' } }, /address sql01\.10/],
  ['an address in the name', { sqlServer: { host, spn: 'MSSQLSvc/10.0.1.10:1433' } }, /address 10\.0\.1\.10/],
  ['a port of 0', { sqlServer: { host, port: 0 } }, /sqlServer\.port is 0/],
  ['a port too large', { sqlServer: { host, port: 65_536 } }, /sqlServer\.port is 65536/],
  ['a port that is none', { sqlServer: { host, port: 1433.5 } }, /sqlServer\.port is 1433\.5/],
  ['no memory', { memoryLimitMiB: 0 }, /memoryLimitMiB is 0/],
  ['a part of memory', { memoryLimitMiB: 192.5 }, /memoryLimitMiB is 192\.5/],
  ['an empty name', { containerName: '' }, /containerName is ""/],
  ['a name with a blank', { containerName: 'the sidecar' }, /containerName is "the sidecar"/],
  ['an empty service', { serviceName: '' }, /serviceName is empty/],
  ['an empty namespace', { metricsNamespace: ' ' }, /metricsNamespace is empty/],
  ['another mode', { ticketMode: 'TGT' }, /ticketMode is "TGT".*service-ticket or tgt/],
  ['other credentials', { credentials: 'fetch' }, /credentials is "fetch"/],
  ['a property that there is not', { sqlserver: host }, /sqlserver is no property: there are domain/],
  [
    'a variable that there is not',
    { environment: { DIRECTORY_KDC: 'dc1' } },
    /reads no variable DIRECTORY_KDC/,
  ],
  ["a property's variable", { environment: { TICKET_MODE: 'tgt' } }, /reads no variable TICKET_MODE/],
];

test.each(useless)('%s is told before anything is deployed, too', (_, values, message) => {
  expect(() => servedTask(values as never)).toThrow(message);
});

test('an address to connect to, where the name is given, and variables of the SDK', () => {
  const sqlServer = { host: '10.0.1.10', spn: `MSSQLSvc/${host}:1433` };
  const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1', LOG_LEVEL: 'debug' };
  expect(() => containersOf(servedTask({ sqlServer, environment }).stack)).not.toThrow();
});

test.each(['', '/', 'scratch'])('a mount at %j is told', (mountPath) => {
  expect(() => servedTask({}, { mountPath })).toThrow(/mountPath is .*absolute path/);
});

test('more memory for the containers than for the task is told when the template is made', () => {
  expect(() => containersOf(servedTask({ memoryLimitMiB: 4096 }).stack)).toThrow(
    /limited to \d+ MiB together .*but the task has \d+\./,
  );
});
