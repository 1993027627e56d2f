import type { Check } from './check.ts';

/** The projects of vitest.config.ts that need no container engine. */
export const projects = ['unit', 'e2e'] as const;
type Project = (typeof projects)[number];

const titles = { unit: 'Unit tests', e2e: 'End-to-end tests' } as const;

/** The files that vitest writes its results of some projects to. */
export function reportsOf(chosen: readonly Project[]) {
  const file = `.state/reports/${chosen.join('-')}`;
  return { json: `${file}.json`, junit: `${file}.xml` } as const;
}

/**
 * Runs the tests of some projects.
 *
 * @param patterns only the test files whose path contains one of them; none: all
 */
export function testsOf(chosen: readonly Project[], patterns: readonly string[]): Check {
  const [only, ...others] = chosen;
  const { json, junit } = reportsOf(chosen);
  return {
    title: only !== undefined && others.length === 0 ? titles[only] : 'Tests',
    command: 'vitest',
    args: [
      'run',
      ...chosen.map((project) => `--project=${project}`),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${json}`,
      '--reporter=junit',
      `--outputFile.junit=${junit}`,
      ...patterns,
    ],
    timeLimit: 2400,
  };
}
