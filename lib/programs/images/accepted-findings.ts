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

/** A known vulnerability that somebody has looked at and lives with for a while. */
export type AcceptedFinding = z.infer<typeof schema>[number];

/**
 * The findings that are accepted, from `accepted-findings.json` in the repository: what is accepted is reviewed as code.
 *
 * @throws Error a sentence for each entry that lacks something
 */
export function readAcceptedFindings(file = acceptedFindingsFile): AcceptedFinding[] {
  const result = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(
    result.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n'),
  );
}

export interface Judged {
  /** Ids that nobody has accepted. */
  readonly refused: readonly string[];
  /** Ids whose acceptance has ended: part of the refused ones. */
  readonly ended: readonly AcceptedFinding[];
}

/**
 * Which findings stop a delivery.
 *
 * @param today ISO 8601 date; an acceptance holds on its last day, too
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

/** What to do about findings that stop a delivery, for the end of the sentence. */
export function remedy({ ended }: Judged): string {
  const over = ended.map(({ id, until }) => ` The acceptance of ${id} ended on ${until}.`);
  return `Update what they are in, or accept them for a time, with a reason, in accepted-findings.json.${over.join('')}`;
}
