import { readAcceptedFindings } from './accepted-findings.ts';
import type { ImageReference, Registry, ScanResult, Severity } from './registry.ts';
import { checkScan } from './scan-gate.ts';

/** The result of a scan that passed. */
export interface AcceptedScan {
  readonly verdict: 'passed';
  readonly threshold: Severity;
  readonly counts: ScanResult['counts'] & Record<string, number>;
  /** The accepted findings that the scan found. */
  readonly accepted: { readonly id: string; readonly reason: string; readonly until: string }[];
}

/**
 * Judges an image's scan again, after the image's build has waited for it.
 *
 * @param acceptedFile the commit's accepted findings
 * @throws Error when the scan has not finished, or has grave findings that are not accepted
 */
export async function acceptedScan(
  registry: Registry,
  image: ImageReference,
  { threshold, acceptedFile }: { readonly threshold: Severity; readonly acceptedFile: string },
): Promise<AcceptedScan> {
  const name = `${image.repository}:${image.tag}`;
  const scan = await registry.scan(image);
  if (!scan) throw new Error(`The scan of ${name} has not finished, although its build waited for it.`);
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
