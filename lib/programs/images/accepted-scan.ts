import { readAcceptedFindings } from './accepted-findings.ts';
import type { ImageReference, Registry, ScanResult, Severity } from './registry.ts';
import { checkScan } from './scan-gate.ts';

/** What a scan has said that was let pass. */
export interface AcceptedScan {
  readonly verdict: 'passed';
  readonly threshold: Severity;
  readonly counts: ScanResult['counts'] & Record<string, number>;
  /** What was as grave as the threshold, and somebody has accepted. */
  readonly accepted: { readonly id: string; readonly reason: string; readonly until: string }[];
}

/**
 * The scan of an image that its build has waited for, judged again.
 *
 * @param acceptedFile what is accepted, as the commit has it
 * @throws Error when it has not ended, or found something that nobody has accepted
 */
export async function acceptedScan(
  registry: Registry,
  image: ImageReference,
  { threshold, acceptedFile }: { readonly threshold: Severity; readonly acceptedFile: string },
): Promise<AcceptedScan> {
  const name = `${image.repository}:${image.tag}`;
  const scan = await registry.scan(image);
  if (!scan) throw new Error(`The scan of ${name} has not ended, though its build has waited for it.`);
  const accepted = readAcceptedFindings(acceptedFile);
  checkScan(name, scan, { threshold, accepted, today: new Date().toISOString().slice(0, 10) });
  const found = new Set(scan.findings.map(({ id }) => id));
  return {
    verdict: 'passed',
    threshold,
    counts: scan.counts as AcceptedScan['counts'],
    accepted: accepted.filter(({ id }) => found.has(id)),
  };
}
