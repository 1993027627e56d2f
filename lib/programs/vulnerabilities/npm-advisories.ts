import { satisfies } from 'semver';
import * as z from 'zod';
import type { Severity } from '../images/registry.ts';
import type { Advisory } from './node-advisories.ts';
import { readJson } from './read-json.ts';

const bulk = z.record(
  z.string(),
  z.array(
    z.object({ url: z.string(), title: z.string(), severity: z.string(), vulnerable_versions: z.string() }),
  ),
);
const severities: Readonly<Record<string, Severity>> = {
  critical: 'CRITICAL',
  high: 'HIGH',
  moderate: 'MEDIUM',
  low: 'LOW',
};

/**
 * The known vulnerabilities of packages, from the endpoint of npm's registry that `npm audit` uses.
 *
 * @param packages names and versions
 * @param registry the URL of npm's registry, as `npm config get registry` prints it
 * @throws Error when they cannot be looked up
 */
export async function npmAdvisories(
  packages: readonly { readonly name: string; readonly version: string }[],
  registry: string,
): Promise<Advisory[]> {
  const versions = Map.groupBy(packages, ({ name }) => name);
  const asked = Object.fromEntries(
    [...versions].map(([name, each]) => [name, each.map(({ version }) => version)]),
  );
  const answer = await readJson(
    `${registry.replace(/\/$/, '')}/-/npm/v1/security/advisories/bulk`,
    bulk,
    'the vulnerabilities of npm packages',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    },
  );
  return Object.entries(answer).flatMap(([name, known]) =>
    known.flatMap(({ url, title, severity, vulnerable_versions }) => {
      const found = (asked[name] ?? []).filter((version) => satisfies(version, vulnerable_versions));
      const id = url.split('/').at(-1) ?? url;
      return found.map((version) => ({
        id,
        severity: severities[severity],
        title: `${name}@${version}: ${title}`,
      }));
    }),
  );
}
