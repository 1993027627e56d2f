import { CfnParameter, Duration } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { readConfiguration } from '../../../services/sidecar/src/configuration.ts';
import {
  addApplication,
  containersOf,
  exampleSidecar,
  exampleStack,
  exampleTask,
  servedTask,
} from './example-task.ts';

const host = 'sql01.corp.example.com';

// ECS or the directory would refuse these, or nothing would read them; the sidecar itself accepts them.
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
  ['a property that there is not', { sqlserver: host }, /sqlserver is not a property: there are domain/],
  ['an unknown variable', { environment: { DIRECTORY_KDC: 'dc1' } }, /reads no variable DIRECTORY_KDC/],
  ["a property's variable", { environment: { TICKET_MODE: 'tgt' } }, /reads no variable TICKET_MODE/],
  [
    'a variable that is not text',
    { environment: { TICKET_LIFETIME: 36_000 } },
    /variables are texts: "36000"/,
  ],
  [
    'an unknown encryption type',
    { environment: { ENCRYPTION_TYPES: 'rc4' } },
    /ENCRYPTION_TYPES is "rc4", but it must be one of aes, aes-and-rc4/,
  ],
  ['a service with a blank', { serviceName: 'the report' }, /serviceName is "the report".*without blanks/],
  ['a namespace with a blank', { metricsNamespace: 'My App' }, /metricsNamespace is "My App"/],
  ['a namespace of AWS', { metricsNamespace: 'AWS/ECS' }, /metricsNamespace is "AWS\/ECS".*"AWS\/" first/],
  ['a namespace with a colon first', { metricsNamespace: ':tickets' }, /metricsNamespace is ":tickets"/],
  [
    'a volume with a blank',
    { volumes: { published: 'the ticket', private: 'x' } },
    /volumes\.published is "the/,
  ],
  ['a volume without a name', { volumes: { published: 'x', private: '' } }, /volumes\.private is ""/],
  ['one volume for both', { volumes: { published: 'x', private: 'x' } }, /Both volumes are called x/],
  [
    'an unknown volume',
    { volumes: { published: 'x', private: 'y', shared: 'z' } },
    /volumes\.shared is not a property/,
  ],
  ['a name that volumes cannot end with', { containerName: 'a'.repeat(246) }, /name of a volume is "aaa/],
  ['a domain of a long label', { domain: `${'a'.repeat(64)}.example.com` }, /domain is "aaa/],
  ['a domain that is too long', { domain: `${'a.'.repeat(127)}com` }, /domain is "a\.a/],
  ['an address for a domain', { domain: '10.0.0.1' }, /domain is "10\.0\.0\.1"/],
  ['a name with port 0', { sqlServer: { host, spn: `MSSQLSvc/${host}:0` } }, /port in sqlServer\.spn is 0/],
  [
    'a name with a port too large',
    { sqlServer: { host, spn: `MSSQLSvc/${host}:65536@CORP.EXAMPLE.COM` } },
    /port in sqlServer\.spn is 65536/,
  ],
  ['a variable without a value', { environment: { LOG_LEVEL: undefined } }, /LOG_LEVEL is undefined: leave/],
  ['a spread of hours', { signInSpread: Duration.hours(1) }, /signInSpread is 1 hour.*at most 5 minutes/],
];

test.each(useless)('%s is also reported before deployment', (_, values, message) => {
  expect(() => servedTask(values as never)).toThrow(message);
});

test('an address to connect to with the name in spn, and variables of the SDK, are accepted', () => {
  const sqlServer = { host: '10.0.1.10', spn: `MSSQLSvc/${host}:1433` };
  const environment = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1', LOG_LEVEL: 'debug' };
  expect(() => containersOf(servedTask({ sqlServer, environment }).stack)).not.toThrow();
});

test.each(['', '/', '//', '/.', '/a/..', 'scratch'])('a mount at %j is refused', (mountPath) => {
  expect(() => servedTask({}, { mountPath })).toThrow(/mountPath is .*absolute path/);
});

test.each(['/tick:et', '/ticket\n'])(
  'a mount at %j is refused: KRB5_CONFIG would name two files',
  (mountPath) => {
    expect(() => servedTask({}, { mountPath })).toThrow(/mountPath is .*without colons/);
  },
);

test('values known only at deployment are in the template as references', () => {
  const stack = exampleStack();
  const number = (id: string) => new CfnParameter(stack, id, { type: 'Number' }).valueAsNumber;
  const task = exampleTask(stack);
  const kerberos = exampleSidecar(stack, {
    sqlServer: { host, port: number('Port') },
    signInSpread: Duration.seconds(number('Spread')),
  });
  task.addExtension(kerberos);
  kerberos.serve(addApplication(task));
  const { Environment } = containersOf(stack).kerberos;
  expect(Environment).toContainEqual({
    Name: 'SQL_SPN',
    Value: { 'Fn::Join': ['', [`MSSQLSvc/${host}:`, { Ref: 'Port' }]] },
  });
  expect(Environment).toContainEqual({ Name: 'SIGN_IN_SPREAD_SECONDS', Value: { Ref: 'Spread' } });
});

test('a container name known only at deployment is refused, because it is a construct id', () => {
  const containerName = new CfnParameter(exampleStack(), 'Name').valueAsString;
  expect(() => servedTask({ containerName })).toThrow(/containerName is known at deployment only/);
});

test('fractions of a second are passed to the sidecar unchanged', () => {
  const { stack } = servedTask({ signInSpread: Duration.millis(1500) });
  expect(containersOf(stack).kerberos.Environment).toContainEqual({
    Name: 'SIGN_IN_SPREAD_SECONDS',
    Value: '1.5',
  });
});

test('synthesis fails if the containers have more memory than the task', () => {
  expect(() => containersOf(servedTask({ memoryLimitMiB: 4096 }).stack)).toThrow(
    /limited to \d+ MiB together .*but the task has \d+\./,
  );
});

// Variables with values, some of which the sidecar accepts. The construct gives the same verdict before deployment.
const numbers = [
  '',
  '0',
  '0.01',
  '0.05',
  '0.5',
  '0.9',
  '1',
  '1.5',
  '5',
  '10',
  '11',
  '124',
  '125',
  '3600',
  '3601',
];
const largeNumbers = ['86400', '86401', '2592000', '2592001', '-1', '1e3', ' 5', 'x'];
const variables: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...['TICKET_LIFETIME', 'TGT_LIFETIME', 'RENEWABLE_LIFETIME', 'RENEW_AT', 'TICKET_REFRESH_SECONDS'],
      ...['SECRET_CHECK_SECONDS', 'METRICS_INTERVAL', 'PASSWORD_ATTEMPTS', 'PASSWORD_ATTEMPTS_WINDOW'],
      'PASSWORD_RETRY_SECONDS',
    ].map((name) => [name, [...numbers, ...largeNumbers]]),
  ),
  ENCRYPTION_TYPES: ['aes', 'aes-and-rc4', 'rc4', 'AES', ''],
  LOG_LEVEL: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'INFO'],
  DIRECTORY_KDCS: [
    'dc1.corp.example.com',
    'dc1:88, 10.0.0.1',
    '[fd00::1]:88',
    'dc1 dc2',
    'dc1;dc2',
    'dc1,',
    'http://dc1',
  ],
  SQL_REALM_KDCS: ['dc1.corp.example.com', 'dc1 dc2'],
};

test.each(Object.entries(variables))(
  '%s: the sidecar accepts exactly the values that the construct accepts',
  (name, values) => {
    const verdicts = (judge: (value: string) => unknown) =>
      values.map((value) => {
        try {
          judge(value);
          return [value, true];
        } catch {
          return [value, false];
        }
      });
    const base = { DIRECTORY_DOMAIN: 'corp.example.com', SQL_SPN: `MSSQLSvc/${host}:1433` };
    const ofSidecar = verdicts((value) =>
      readConfiguration({ ...base, CREDENTIALS: '{"username":"db-user","password":"x"}', [name]: value }),
    );
    expect(verdicts((value) => servedTask({ environment: { [name]: value } }))).toEqual(ofSidecar);
    expect(new Set(ofSidecar.map(([, taken]) => taken)).size).toBe(2);
  },
);

test('each variable that the construct knows is compared in this way', () => {
  const said = /there are (.*)\.$/.exec(messageOf(() => servedTask({ environment: { NONE: '' } })))?.[1];
  expect(said?.split(', ').sort()).toEqual(Object.keys(variables).sort());
});

function messageOf(act: () => unknown): string {
  try {
    act();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
