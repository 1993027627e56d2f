import { describe, expect, test } from 'vitest';
import { type CredentialsSource, injectedCredentials } from './credentials-source.ts';
import type { SecretVersion } from './fetch-secret.ts';
import { fetchedCredentials } from './fetched-credentials.ts';

const { signal } = new AbortController();

/** What a source offers to try if no password is right. */
async function tried(source: CredentialsSource): Promise<string[]> {
  const seen: string[] = [];
  for await (const { origin, key, password } of source.candidates(signal)) {
    seen.push(`${password}: ${key} of ${origin}`);
  }
  return seen;
}

describe('injected credentials', () => {
  const credentials = { username: 'u', password: 'old', nextPassword: 'new', unknownKeys: [] };

  test('are the password, then the next one', async () => {
    expect(await tried(injectedCredentials(credentials))).toEqual([
      'old: password of injected',
      'new: nextPassword of injected',
    ]);
  });

  test('begin with the one that was right last', async () => {
    const source = injectedCredentials(credentials);
    source.accepted('new');
    expect(await tried(source)).toEqual(['new: nextPassword of injected', 'old: password of injected']);
    source.accepted('old');
    expect((await tried(source))[0]).toBe('old: password of injected');
  });

  test('have the age of their own password only', async () => {
    const passwordChangedAt = new Date('2026-01-31T12:00:00Z');
    const ages = [];
    for await (const { changedAt } of injectedCredentials({ ...credentials, passwordChangedAt }).candidates(
      signal,
    )) {
      ages.push(changedAt);
    }
    expect(ages).toEqual([passwordChangedAt, undefined]);
  });

  test('are one when the next password is the same or not known', async () => {
    for (const nextPassword of ['old', undefined]) {
      const { nextPassword: _, ...rest } = credentials;
      const source = injectedCredentials({ ...rest, ...(nextPassword && { nextPassword }) });
      expect(await tried(source)).toEqual(['old: password of injected']);
    }
  });
});

describe('fetched credentials', () => {
  const version = (versionId: string, password: string, nextPassword: string): SecretVersion => ({
    versionId,
    createdAt: '2026-01-31T12:00:00.000Z',
    value: JSON.stringify({ username: 'u', password, nextPassword }),
  });

  /** During the rotation from p2 to p3. */
  const stages: Record<string, SecretVersion | undefined> = {
    AWSPREVIOUS: version('v1', 'p1', 'p2'),
    AWSCURRENT: version('v2', 'p2', 'p3'),
    AWSPENDING: version('v3', 'p3', 'p4'),
  };

  test('are each password once, with the current version first', async () => {
    const source = fetchedCredentials(async (stage) => stages[stage], 'corp.example.com');
    expect(await tried(source)).toEqual([
      'p2: password of AWSCURRENT',
      'p3: nextPassword of AWSCURRENT',
      'p1: password of AWSPREVIOUS',
    ]);
  });

  test('fetch other versions only when those of the current one are refused', async () => {
    const fetched: string[] = [];
    const source = fetchedCredentials(async (stage) => {
      fetched.push(stage);
      return stages[stage];
    }, 'corp.example.com');
    source.accepted('p3');
    for await (const { password, changedAt } of source.candidates(signal)) {
      if (password === 'p3') {
        expect(changedAt).toBeUndefined();
        break;
      }
    }
    expect(fetched).toEqual(['AWSCURRENT']);
  });

  test('have the age of their version', async () => {
    for await (const { changedAt } of fetchedCredentials(
      async (stage) => stages[stage],
      'corp.example.com',
    ).candidates(signal)) {
      expect(changedAt).toEqual(new Date('2026-01-31T12:00:00Z'));
      break;
    }
  });
});
