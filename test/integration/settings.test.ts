import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('two settings are enough', () => {
  expect(readSettings({ SERVICE_URL: 'http://127.0.0.1:8080/', EXPECTED_LOGIN: 'CORP\\db-user' })).toEqual({
    serviceUrl: 'http://127.0.0.1:8080',
    login: 'CORP\\db-user',
    scheme: 'KERBEROS',
    tasks: 1,
    readySeconds: 120,
    web: true,
    services: [],
    reportFile: '.state/reports/integration.xml',
  });
});

test('other services are tested, but not while the new tasks of web are tested', () => {
  const services = [{ name: 'reports', url: 'http://127.0.0.1/healthz', host: 'reports.example.com' }];
  const settings = {
    SERVICE_URL: 'http://127.0.0.1:8080',
    EXPECTED_LOGIN: 'CORP\\db-user',
    ASKED_SERVICES: JSON.stringify(services),
  };
  expect(readSettings(settings).services).toEqual(services);
  expect(readSettings({ ...settings, DEPLOYMENT: 'one' }).services).toEqual([]);
  for (const wrong of ['reports', '{}', '[{"name":"reports"}]']) {
    expect(() => readSettings({ ...settings, ASKED_SERVICES: wrong })).toThrow(
      /^ASKED_SERVICES .* but it must be a list of services as JSON/,
    );
  }
});

test('a single deployed service can be tested', () => {
  const reports = { name: 'reports', url: 'http://127.0.0.1/healthz' };
  const settings = {
    SERVICE_URL: 'http://127.0.0.1:8080',
    EXPECTED_LOGIN: 'CORP\\db-user',
    ASKED_SERVICES: JSON.stringify([{ ...reports, name: 'tables' }, reports]),
  };
  const only = (name: string) => readSettings({ ...settings, ONLY_SERVICE: name });
  expect(only('reports')).toMatchObject({ web: false, services: [reports] });
  expect(only('web')).toMatchObject({ web: true, services: [] });
  expect(() => only('charts')).toThrow(
    'ONLY_SERVICE is "charts", but what is deployed answers requests as web, tables, reports: deploy it first.',
  );
  expect(() => only('../x')).toThrow('ONLY_SERVICE is "../x", but it must be the name of a service.');
});

test('each wrong setting is reported in a sentence', () => {
  const settings = {
    SERVICE_URL: 'ftp://somewhere',
    EXPECTED_SCHEME: 'DIGEST',
    EXPECTED_TASKS: '0',
    READY_SECONDS: 'soon',
  };
  expect(() => readSettings(settings)).toThrow(
    [
      'SERVICE_URL is "ftp://somewhere", but it must be the load balancer\'s address, such as "http://127.0.0.1:8080".',
      'EXPECTED_LOGIN is not set, but it must be a login such as "CORP\\db-user".',
      'EXPECTED_SCHEME is "DIGEST", but it must be one of KERBEROS, NTLM, SQL.',
      'EXPECTED_TASKS is "0", but it must be a whole number from 1 to 100.',
      'READY_SECONDS is "soon", but it must be a whole number from 1 to 3600.',
    ].join('\n'),
  );
});
