/** Why a scan has no findings, by ECR's status, and what to do about it. */
const outcomes: Readonly<Record<string, string>> = {
  UNSUPPORTED_IMAGE:
    'the scanner of this registry does not know what the image is made of. Basic scanning looks for the packages of a distribution in /var/lib/dpkg/status, which the image has; if that does not suffice, switch the registry to enhanced scanning (aws ecr put-registry-scanning-configuration --scan-type ENHANCED).',
  FAILED:
    'the scan failed. Start it again (aws ecr start-image-scan), or the delivery (npm run release -- watch shows its state).',
  SCAN_ELIGIBILITY_EXPIRED:
    'enhanced scanning monitors an image for a limited time only, which is over for this one: push a new commit, or extend the re-scan duration of Amazon Inspector.',
  FINDINGS_UNAVAILABLE:
    'the findings are not available, for example because the image was archived or scanning was switched off. Switch scanning on for this repository and start it again (aws ecr start-image-scan).',
  LIMIT_EXCEEDED:
    "today's scans are used up: ECR scans an image once a day. Run the delivery again tomorrow, or with another commit.",
};

/** The error for a scan that ended without usable findings, which does not count as passed. */
export function scanOutcome(image: string, status: string, description: string): string {
  const said = description ? ` ECR says: ${description}` : '';
  const meaning = outcomes[status] ?? 'the status is not one that this program knows.';
  return `ECR could not scan ${image}: ${status}: ${meaning}${said}`;
}
