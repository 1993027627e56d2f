import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Clone } from './clone.ts';
import { runAction } from './run-action.ts';

interface Advisory {
  readonly severity: string;
  readonly package: string;
}

describe('The gate for known vulnerabilities', { timeout: 120_000 }, () => {
  let clone: Clone;
  let server: Server;
  let port: number;
  /** What the registry knows. */
  let advisories: readonly Advisory[];
  let asked: Record<string, readonly string[]>;

  beforeEach(async () => {
    clone = new Clone();
    // A registry of npm, as far as an audit asks it.
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      if (!request.url?.endsWith('/advisories/bulk')) {
        response.writeHead(404).end('{}');
        return;
      }
      asked = JSON.parse(
        (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'),
      );
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          Object.fromEntries(
            advisories
              .filter((one) => one.package in asked)
              .map((one, index) => [
                one.package,
                [
                  {
                    id: index + 1,
                    url: `https://github.com/advisories/GHSA-aaaa-bbbb-000${index}`,
                    title: 'Something can be done that should not',
                    severity: one.severity,
                    vulnerable_versions: '*',
                    cwe: [],
                    cvss: { score: 0, vectorString: null },
                  },
                ],
              ]),
          ),
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    server.close();
    clone.remove();
  });
  /** Runs the commands after the installation, which this machine has done already. */
  const audit = () =>
    runAction('Build/Audit', {
      directory: clone.directory,
      aws: { npm_config_registry: `http://127.0.0.1:${port}` },
      without: /^npm ci /,
    });

  test('asks about what the services run with, and not about what they are built with', async () => {
    advisories = [];
    const { status, log } = await audit();
    expect(status, log).toBe('SUCCEEDED');
    expect(Object.keys(asked)).toEqual(expect.arrayContaining(['hono', 'tedious', 'zod']));
    expect(Object.keys(asked)).not.toContain('vitest');
  });

  test('refuses a grave one with its id, until it is accepted, and again when that has ended', async () => {
    advisories = [{ package: 'hono', severity: 'high' }];
    const refused = await audit();
    expect(refused.status).toBe('FAILED');
    expect(refused.log).toContain(
      'npm packages of the services have known vulnerabilities: hono (GHSA-aaaa-bbbb-0000). Update what they are in',
    );
    const accepted = (until: string) =>
      clone.write(
        'accepted-findings.json',
        JSON.stringify([
          {
            id: 'GHSA-aaaa-bbbb-0000',
            reason: 'The function that it is in is called by nothing here.',
            until,
          },
        ]),
      );
    accepted('9999-12-31');
    expect((await audit()).status).toBe('SUCCEEDED');
    accepted('2026-01-01');
    const ended = await audit();
    expect(ended.status).toBe('FAILED');
    expect(ended.log).toContain('The acceptance of GHSA-aaaa-bbbb-0000 ended on 2026-01-01.');
  });

  test('lets pass what is less grave than the threshold, and tells it', async () => {
    advisories = [{ package: 'zod', severity: 'moderate' }];
    const { status, log } = await audit();
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain('GHSA-aaaa-bbbb-0000: zod *, moderate');
  });

  test('is no pass when the registry does not answer', async () => {
    server.close();
    const { status, log } = await audit();
    expect(status).toBe('FAILED');
    expect(log).toContain('npm could not say what is known of the packages');
  });
});
