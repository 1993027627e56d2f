import { type ScanResult, type Severity, severities } from './registry.ts';

/**
 * Refuses an image in which the scan has found something as grave as the threshold, or graver.
 *
 * @throws {Error} a sentence with the counts, the threshold, and what to do
 */
export function checkScan(image: string, { counts }: ScanResult, threshold: Severity): void {
  const refused = severities.slice(0, severities.indexOf(threshold) + 1);
  const found = refused.filter((severity) => (counts[severity] ?? 0) > 0);
  if (found.length === 0) return;
  const list = found.map((severity) => `${counts[severity]} ${severity}`).join(', ');
  throw new Error(
    `${image} has findings of severity ${threshold} or above: ${list}. Update what they are in (a newer base image, a newer package), or change deployment.images.failOnSeverity.`,
  );
}
