import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { explainSignatures } from '../../lib/programs/packages/signatures.ts';
import { Clone } from './clone.ts';
import { NpmRegistry } from './fakes/npm-registry.ts';
import { runAction, searchPath } from './run-action.ts';

describe('The gate for npm packages', () => {
  let clone: Clone;
  let registry: NpmRegistry;

  beforeAll(() => {
    clone = new Clone();
  });
  afterAll(() => clone.remove());
  beforeEach(async () => {
    registry = await new NpmRegistry(join(clone.directory, 'package-lock.json')).start();
  });
  afterEach(() => registry.stop());
  /** Runs the commands after the installation, which this machine has already done. */
  const audit = (without = /^npm ci |check-signatures/) =>
    runAction('Build/Audit', { directory: clone.directory, aws: registry.environment, without });

  test('checks the runtime dependencies of the services, but not their build tools', async () => {
    const { status, log } = await audit(/^npm ci /);
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain('Every package has a valid signature from its registry.');
    expect(Object.keys(registry.asked)).toEqual(expect.arrayContaining(['hono', 'tedious', 'zod']));
    expect(Object.keys(registry.asked)).not.toContain('vitest');
  });

  test('fails for a severe vulnerability with its id, passes once it is accepted, and fails when that expires', async () => {
    registry.advisories = [{ package: 'hono', severity: 'high' }];
    const refused = await audit();
    expect(refused.status).toBe('FAILED');
    expect(refused.log).toContain(
      'npm packages of the services have known vulnerabilities: hono (GHSA-aaaa-bbbb-0000). Update the affected software',
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

  test('passes with a vulnerability below the threshold, but reports it', async () => {
    registry.advisories = [{ package: 'zod', severity: 'moderate' }];
    const { status, log } = await audit();
    expect(status, log).toBe('SUCCEEDED');
    expect(log).toContain('GHSA-aaaa-bbbb-0000: zod *, moderate');
  });

  test('fails when the registry does not answer', async () => {
    registry.stop();
    const { status, log } = await audit();
    expect(status).toBe('FAILED');
    expect(log).toContain('npm could not report known vulnerabilities of the packages');
  });
});

describe('The gate for signatures', () => {
  let project: string;
  let registry: NpmRegistry;
  beforeEach(async () => {
    project = mkdtempSync(join(tmpdir(), 'project-'));
    const packages = {
      '': { name: 'project', dependencies: { hono: '1.0.0', own: '1.0.0' } },
      'node_modules/hono': {
        version: '1.0.0',
        optionalDependencies: { zod: '2.0.0' },
        dependencies: { within: '1' },
      },
      'node_modules/hono/node_modules/within': { version: '1.0.0', inBundle: true },
      'node_modules/own': { resolved: 'packages/own', link: true },
      'node_modules/zod': { version: '2.0.0', optional: true, os: ['none'] },
      'packages/own': { version: '1.0.0', dependencies: { nested: '3.0.0' } },
      'packages/own/node_modules/nested': { version: '3.0.0' },
    };
    writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }));
    registry = await new NpmRegistry(join(project, 'package-lock.json')).start();
  });
  afterEach(() => {
    registry.stop();
    rmSync(project, { recursive: true });
  });
  const check = async (path = searchPath()) => {
    const program = join(import.meta.dirname, '../../lib/programs/check-signatures.ts');
    const { exitCode, stderr } = await execa('node', [program], {
      cwd: project,
      env: { ...registry.environment, PATH: path },
      extendEnv: false,
      reject: false,
    });
    return { exitCode, stderr };
  };
  /** Returns a `resign` function that changes the signatures of one package. */
  const signing =
    (changed: string, change: (signature: object) => object[]) =>
    (name: string, signatures: readonly object[]) =>
      name === changed ? signatures.flatMap(change) : signatures;

  test('passes with a signature for each package of the lock file', async () => {
    expect(await check()).toEqual({
      exitCode: 0,
      stderr: 'Every package has a valid signature from its registry.',
    });
  });

  test.each(['hono', 'zod', 'nested'])('names %s if its signature is wrong', async (name) => {
    registry.resign = signing(name, (one) => [{ ...one, sig: 'AAAA' }]);
    const { exitCode, stderr } = await check();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^${name}@\\d\\.0\\.0: the registry's signature is wrong: somebody may`),
    );
  });

  test('fails if npm fails without naming a package', async () => {
    const said = '{"invalid":[],"missing":[]}';
    writeFileSync(join(project, 'npm'), `#!/bin/sh\necho '${said}'\necho 'out of memory' >&2\nexit 1\n`, {
      mode: 0o755,
    });
    expect(await check(`${project}:${searchPath()}`)).toEqual({
      exitCode: 1,
      stderr: 'npm failed without naming a package. out of memory',
    });
  });

  test('names a package without a signature', async () => {
    registry.resign = signing('zod', () => []);
    expect((await check()).stderr).toMatch(/^zod@2\.0\.0: the registry has not signed it, though it signs/);
  });

  test.each<[string, (registry: NpmRegistry) => void, string]>([
    [
      'a key that is not published',
      (own) => {
        own.keys = [{ keyid: 'SHA256:other', key: '', expires: null }];
      },
      'does not publish',
    ],
    [
      'a key that had expired when a package was published',
      (own) => {
        own.keys = own.keys?.map((key) => ({ ...key, expires: '2020-01-01T00:00:00.000Z' }));
      },
      'was signed with a key after that had expired',
    ],
    [
      'no keys and no signatures',
      (own) => {
        own.keys = undefined;
        own.resign = () => [];
      },
      'The registry publishes no keys, so no signature can be checked',
    ],
    ['no registry', (own) => own.stop(), 'cannot be reached. Is there a way to both?'],
  ])('fails with %s', async (_, change, sentence) => {
    change(registry);
    const { exitCode, stderr } = await check();
    expect(exitCode).toBe(1);
    expect(stderr).toContain(sentence);
  });
});

describe('The explanation of the signature audit by npm', () => {
  const error = (code: string | null, summary = '') => explainSignatures({ error: { code, summary } });

  test.each([
    ['ENOTFOUND', 'request to https://tuf-repo-cdn.sigstore.dev/15.root.json failed', 'cannot be reached'],
    ['ECONNREFUSED', '', 'cannot be reached'],
    ['E503', '', 'cannot be reached'],
    ['EATTESTATIONSUBJECT', '', 'about something else than this package'],
    ['EINTEGRITY', '', 'another checksum'],
    ['ETARGET', '', 'does not know a package'],
    [null, 'found no installed dependencies to audit', 'names no package'],
    ['EWHATEVER', 'something new', 'npm could not check the signatures of the packages.'],
    [null, '', 'npm says: nothing'],
  ])('%s %s', (code, summary, sentence) => {
    expect(error(code, summary).join()).toContain(sentence);
  });

  test('is empty if all is well, and otherwise names at most ten packages', () => {
    expect(explainSignatures({ invalid: [], missing: [] })).toEqual([]);
    const many = Array.from({ length: 12 }, (_, index) => ({ name: `p${index}`, version: '1.0.0' }));
    expect(explainSignatures({ invalid: [], missing: many })[0]).toContain(
      'p9@1.0.0 and 2 more: the registry',
    );
    const one = { name: 'p', version: '1.0.0', code: 'EATTESTATIONVERIFY' };
    expect(explainSignatures({ invalid: [one], missing: [] })[0]).toMatch(/^p@1\.0\.0: the provenance/);
  });
});
