import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigurationError, type Deployment, loadDeployment } from '../../lib/config/index.ts';
import { configurationKeys } from './configuration-keys.ts';
import { deployments } from './configurations.ts';
import { takenDeployments } from './taken-configurations.ts';
import { validated } from './validated.ts';

const sentence = /^deployment[\w.[\]-]* (is .+|is missing|has the unknown key .+): it must be .+\.$/;

/** A deployment, or the sentences that say why there is none. */
function load(input: unknown): Deployment | string[] {
  try {
    return loadDeployment(input);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
}

/** Whether a value has a key, such as `services.<name>.user`; of a list, one of its items. */
function has(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (Array.isArray(value)) return value.some((item) => has(item, [key, ...rest]));
  if (typeof value !== 'object' || value === null) return false;
  const inner =
    key === '<name>' ? Object.values(value) : key in value ? [value[key as keyof typeof value]] : [];
  return inner.some((one) => has(one, rest));
}

describe('What is tried', () => {
  const tried = fc.sample(deployments, { numRuns: 500, seed: 1 });
  const untried = (keys: readonly string[]) =>
    keys.filter((key) => !has([...tried, ...tried.map(({ environments }) => environments)], key.split('.')));

  test('has a value of every key of the configuration', () => {
    expect(untried(configurationKeys()), 'give each of these a value in configurations.ts').toEqual([]);
  });

  test('has none of a key that nothing gives a value', () => {
    expect(untried(['service.cpu', 'service.other', 'services.<name>.other', 'trusted.other'])).toEqual([
      'service.other',
      'services.<name>.other',
      'trusted.other',
    ]);
  });
});

describe('Any configuration', { timeout: 120_000 }, () => {
  test('is taken, or refused in a sentence for each wrong value', () => {
    fc.assert(
      fc.property(deployments, (input) => {
        const loaded = load(input);
        if (Array.isArray(loaded)) for (const line of loaded) expect(line).toMatch(sentence);
      }),
      { numRuns: 500 },
    );
  });

  test('is refused in a sentence for each wrong value, whatever it holds', () => {
    const anything = fc.object({
      maxDepth: 3,
      key: fc.constantFrom('name', 'tools', 'source', 'environments', 'x'),
    });
    fc.assert(
      fc.property(anything, (input) => {
        for (const line of load(input) as string[]) expect(line).toMatch(sentence);
      }),
      { numRuns: 200 },
    );
  });

  // Each run synthesizes and validates a pipeline and up to 20 stacks, which takes seconds: few runs, each different.
  test('that is taken synthesizes, with nothing to find and nothing acknowledged in vain', {
    timeout: 120_000,
  }, () => {
    fc.assert(
      fc.property(takenDeployments, (input) => {
        const { templates, report, unusedAcknowledgements } = validated(loadDeployment(input));
        expect(templates.size).toBeGreaterThan(input.environments.length * 4);
        for (const { violations } of report.values()) expect(violations).toEqual([]);
        expect(unusedAcknowledgements).toEqual([]);
      }),
      { numRuns: 8, interruptAfterTimeLimit: 30_000, endOnFailure: true },
    );
  });
});
