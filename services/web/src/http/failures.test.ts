import { LoginError, PoolError, RequestError } from 'tedious-kerberos';
import { describe, expect, test } from 'vitest';
import { scriptedApp } from '../../test/web-app.ts';
import { DatabaseError } from '../music/music-database.ts';
import { databaseError } from '../music/sql-music-database.ts';

/** Failures, and the status and Retry-After that visitors get for each. */
const faults: [string, Error, number, string | null][] = [
  ['queue full', new PoolError('POOL_QUEUE_FULL', 'All 10 connections are busy.'), 503, '1'],
  ['waited too long', new PoolError('POOL_TIMEOUT', 'No connection became free.'), 503, '1'],
  ['ticket expired', new LoginError('TICKET_EXPIRED', { message: 'secret-host: ticket expired' }), 503, '5'],
  ['a fault of the driver', new LoginError('INTERNAL_ERROR', { message: 'secret-host: x' }), 500, null],
  [
    'an authenticator that breaks',
    new LoginError('AUTHENTICATOR_FAILED', { message: 'secret-host: x' }),
    500,
    null,
  ],
  ['an option of the connection', new LoginError('OPTION_INVALID', { message: 'secret-host: x' }), 500, null],
  [
    'a part that is not installed',
    new LoginError('NATIVE_MODULE_MISSING', { message: 'secret-host: x' }),
    500,
    null,
  ],
  ['connection lost', new RequestError('secret-host hung up', 'CONNECTION_LOST'), 503, '5'],
  ['query too long', new RequestError('Timeout: secret-host', 'ETIMEOUT'), 504, null],
  ['query refused', new RequestError("Invalid object name 'secret-host'.", 'EREQUEST'), 500, null],
  ['a fault of our own', new TypeError('secret-host is undefined'), 500, null],
];

describe.for(faults)('%s', ([, fault, status, retryAfter]) => {
  const { app, log } = scriptedApp({
    database: { randomAlbums: () => Promise.reject(databaseError(fault)) },
  });

  test('the API answers with a problem that gives nothing away', async () => {
    const response = await app.request('/api/albums');
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
    const body = await response.text();
    expect(body).not.toMatch(/secret-host|TICKET|tedious|Error|\n {4}at /);
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      detail: expect.any(String),
      status,
      requestId: response.headers.get('x-request-id'),
    });
  });

  test('so does the page', async () => {
    const response = await app.request('/', { headers: { Accept: 'text/html' } });
    expect(response.status).toBe(status);
    const page = await response.text();
    expect(page).not.toMatch(/secret-host|TICKET|tedious/);
    expect(page).toContain(response.headers.get('x-request-id'));
  });

  test('the log has what the visitor does not see, under the same request id', async () => {
    const response = await app.request('/api/albums');
    const requestId = response.headers.get('x-request-id');
    const lines = log.filter((line) => line.requestId === requestId);
    expect(JSON.stringify(lines)).toContain(fault.message.replaceAll('"', '\\"'));
    expect(lines.at(-1)).toMatchObject({ msg: 'answered', status, path: '/api/albums' });
  });
});

test('the log names code, cause and remedy of a failed login', async () => {
  const error = databaseError(new LoginError('SPN_UNKNOWN', { message: 'No such service.' }));
  const { app, log } = scriptedApp({ database: { session: () => Promise.reject(error) } });
  await app.request('/api/session');
  expect(log[0]).toMatchObject({
    level: 'error',
    code: 'SPN_UNKNOWN',
    reason: 'No such service.',
    remedy: expect.stringContaining('setspn'),
  });
});

test('an error that is not from the database is logged with its stack', async () => {
  const { app, log } = scriptedApp({ database: { session: () => Promise.reject(new TypeError('oops')) } });
  expect((await app.request('/api/session')).status).toBe(500);
  expect(log[0]).toMatchObject({ level: 'error', err: { message: 'oops', stack: expect.any(String) } });
});

test('a database error keeps its kind through the pool', () => {
  expect(databaseError('odd').kind).toBe('failed');
  expect(new DatabaseError('busy', 'full').kind).toBe('busy');
});
