import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { acceptedFindingsFile } from '../../config/pipeline-names.ts';

const schema = z.array(
  z.strictObject({
    id: z
      .string('it must be the id of a finding.')
      .regex(
        /^(CVE|GHSA|DSA|TEMP|EOL)-[\w-]+$/,
        'it must be an id such as CVE-2026-1234 or GHSA-xxxx-xxxx-xxxx.',
      ),
    reason: z
      .string('it must be a sentence.')
      .min(20, 'it must say in a sentence why the finding does no harm here.'),
    until: z.iso.date('it must be the last day of the acceptance, such as 2026-12-31.'),
  }),
);

/** A known vulnerability that was reviewed and accepted for a limited time. */
export type AcceptedFinding = z.infer<typeof schema>[number];

/**
 * The accepted findings, from `accepted-findings.json` in the repository, where they are reviewed like code.
 *
 * @throws Error naming each invalid entry
 */
export function readAcceptedFindings(file = acceptedFindingsFile): AcceptedFinding[] {
  const result = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(
    result.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n'),
  );
}

export interface Judged {
  /** Ids of findings that are not accepted. */
  readonly refused: readonly string[];
  /** Expired acceptances of refused findings. */
  readonly ended: readonly AcceptedFinding[];
}

/**
 * Decides which findings stop a delivery.
 *
 * @param today ISO 8601 date; an acceptance is still valid on its last day
 */
export function judgeFindings(
  ids: readonly string[],
  accepted: readonly AcceptedFinding[],
  today: string,
): Judged {
  const holding = new Set(accepted.filter(({ until }) => until >= today).map(({ id }) => id));
  const refused = [...new Set(ids)].filter((id) => !holding.has(id));
  return {
    refused,
    ended: accepted.filter(({ id, until }) => refused.includes(id) && until < today),
  };
}

/** What to do about findings that stop a delivery, for the end of an error message. */
export function remedy({ ended }: Judged): string {
  const over = ended.map(({ id, until }) => ` The acceptance of ${id} ended on ${until}.`);
  return `Update the affected software, or accept the findings for a limited time, with a reason, in accepted-findings.json.${over.join('')}`;
}
