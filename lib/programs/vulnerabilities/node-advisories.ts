import { satisfies } from 'semver';
import * as z from 'zod';
import type { Severity } from '../images/registry.ts';
import { readJson } from './read-json.ts';

/** A known vulnerability, with an id that can be accepted. */
export interface Advisory {
  readonly id: string;
  /** Undefined if its publisher names none; it then counts as grave. */
  readonly severity: Severity | undefined;
  readonly title: string;
}

const advisories = z.record(
  z.string(),
  z.object({
    cve: z.array(z.string()),
    vulnerable: z.string(),
    patched: z.string().optional(),
    severity: z.string().optional(),
    overview: z.string().optional(),
    affectedEnvironments: z.array(z.string()).default(['all']),
  }),
);
const schedule = z.record(z.string(), z.object({ end: z.iso.date() }));

/** Where Node.js publishes its vulnerabilities, and its schedule with the end of support of each release line. */
const sources = {
  NODE_ADVISORIES: 'https://raw.githubusercontent.com/nodejs/security-wg/main/vuln/core/index.json',
  NODE_SCHEDULE: 'https://raw.githubusercontent.com/nodejs/Release/main/schedule.json',
};

/**
 * The known vulnerabilities of a version of Node.js. The end of support for its release line counts as one, because after
 * that none would be published.
 *
 * @param version without the leading v
 * @param today ISO 8601 date
 * @throws Error when they cannot be looked up, so that the check does not pass
 */
export async function nodeAdvisories(
  version: string,
  today: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Advisory[]> {
  const read = <Schema extends z.ZodType>(name: keyof typeof sources, schema: Schema) =>
    readJson(environment[name] ?? sources[name], schema, 'the vulnerabilities of Node.js');
  const known = await read('NODE_ADVISORIES', advisories);
  const lines = await read('NODE_SCHEDULE', schedule);
  const line = version.split('.')[0] ?? '';
  const { end } = lines[`v${line}`] ?? {};
  const found = Object.values(known)
    .filter(({ affectedEnvironments }) =>
      affectedEnvironments.some((name) => name === 'all' || name === 'linux'),
    )
    .filter(({ vulnerable, patched = '' }) => isIn(version, vulnerable) && !isIn(version, patched))
    .flatMap(({ cve, severity, overview = '' }) =>
      cve.map((id) => ({ id, severity: severityOf(severity), title: overview.split('\n')[0] ?? '' })),
    );
  if (end && end >= today) return found;
  const ended = end ? `ended on ${end}` : 'is in no schedule';
  return [
    ...found,
    { id: `EOL-nodejs-${line}`, severity: undefined, title: `The support of Node.js ${line} ${ended}.` },
  ];
}

/** `satisfies` treats an empty range as every version; here it matches none. */
function isIn(version: string, range: string): boolean {
  return range.trim() !== '' && satisfies(version, range.trim());
}

function severityOf(word: string | undefined): Severity | undefined {
  const upper = word?.toUpperCase();
  return (['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const).find((one) => one === upper);
}
