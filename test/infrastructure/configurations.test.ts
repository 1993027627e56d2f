import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigurationError, type Deployment, loadDeployment } from '../../lib/config/index.ts';
import { configurationKeys } from './configuration-keys.ts';
import { deployments } from './configurations.ts';
import { takenDeployments } from './taken-configurations.ts';
import { validated } from './validated.ts';

const sentence = /^deployment[\w.[\]-]* (is .+|is missing|has the unknown key .+): it must be .+\.$/;

/** A deployment, or the sentences that say why it is invalid. */
function load(input: unknown): Deployment | string[] {
  try {
    return loadDeployment(input);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n');
    throw error;
  }
}

/** Whether a value has a key, such as `services.<name>.user`. For a list, whether one of its items has it. */
function has(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (Array.isArray(value)) return value.some((item) => has(item, [key, ...rest]));
  if (typeof value !== 'object' || value === null) return false;
  const inner =
    key === '<name>' ? Object.values(value) : key in value ? [value[key as keyof typeof value]] : [];
  return inner.some((one) => has(one, rest));
}

type Path = (string | number)[];

/** The paths of everything in a value, including lists and objects. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    return [at, ...pathsOf(inner, at)];
  });
}

/** A copy with another value at the path; `undefined` removes it. */
function changed(input: object, path: Path, value: unknown): unknown {
  const copy = structuredClone(input);
  const at = path.slice(0, -1).reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], copy);
  const last = path.at(-1) as keyof typeof at;
  if (value === undefined) delete (at as Record<string, unknown>)[last];
  else (at as Record<string, unknown>)[last] = value;
  return copy;
}

/** None of these is valid for any key. Replacing a section by one of them also removes what other keys depend on. */
const wrongValues = [null, 'Wrong value!', 12.5, -1, [null]];
/** Keys without which many others would be invalid. */
const mayBeMissed: readonly unknown[] = ['type', 'edition', 'secretArn'];

describe('The generated configurations', () => {
  const tried = fc.sample(deployments, { numRuns: 500, seed: 1 });
  const untried = (keys: readonly string[]) =>
    keys.filter((key) => !has([...tried, ...tried.map(({ environments }) => environments)], key.split('.')));

  test('have a value for every key of the configuration', () => {
    expect(untried(configurationKeys()), 'give each of these a value in configurations.ts').toEqual([]);
  });

  test('would reveal a key that is never set', () => {
    expect(untried(['service.cpu', 'service.other', 'services.<name>.other', 'trusted.other'])).toEqual([
      'service.other',
      'services.<name>.other',
      'trusted.other',
    ]);
  });
});

describe('Any configuration', () => {
  test('is accepted, or refused with a sentence for each wrong value', () => {
    fc.assert(
      fc.property(deployments, (input) => {
        const loaded = load(input);
        if (Array.isArray(loaded)) for (const line of loaded) expect(line).toMatch(sentence);
      }),
      { numRuns: 500 },
    );
  });

  test('is refused with a sentence for each wrong value, whatever the value', () => {
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

  test('with one wrong value is refused with one sentence', () => {
    fc.assert(
      fc.property(takenDeployments, fc.infiniteStream(fc.constantFrom(...wrongValues)), (input, wrongs) => {
        for (const path of pathsOf(input)) {
          const removes = path[0] === 'environments' && mayBeMissed.includes(path.at(-1));
          for (const wrong of [...wrongs.take(2), ...(removes ? [undefined] : [])]) {
            const loaded = load(changed(input, path, wrong));
            const told = Array.isArray(loaded) ? loaded.join('\n') : '';
            expect(told, `${path.join('.')}: ${JSON.stringify(wrong)}`).not.toContain('\n');
          }
        }
      }),
      // A small sample, different in each run. A failure reports its seed and path.
      { numRuns: 10 },
    );
  });

  // Each run synthesizes and validates a pipeline and up to 20 stacks, which takes seconds, so there are few runs, each
  // different.
  test('that is accepted synthesizes without findings or unused acknowledgements', () => {
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
