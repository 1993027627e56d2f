/** Why a scan gives no findings, by the status that ECR tells, and what to do about it. */
const outcomes: Readonly<Record<string, string>> = {
  UNSUPPORTED_IMAGE:
    'the scanner of this registry does not know what the image is made of. Basic scanning looks for the packages of a distribution in /var/lib/dpkg/status, which the image holds; if it is not content with that, switch the registry to enhanced scanning (aws ecr put-registry-scanning-configuration --scan-type ENHANCED).',
  FAILED:
    'the scan failed. Start it again (aws ecr start-image-scan), or the delivery (npm run release -- watch shows where it stands).',
  SCAN_ELIGIBILITY_EXPIRED:
    'enhanced scanning follows an image for a time only, and that of this one is over: push a new commit, or lengthen the re-scan duration of Amazon Inspector.',
  FINDINGS_UNAVAILABLE:
    'the findings are not to be had, as for an image that was archived or a registry whose scanning was switched off. Switch scanning on for this repository and start it again (aws ecr start-image-scan).',
  LIMIT_EXCEEDED:
    'the scans of today are used up: ECR scans an image once a day. Run the delivery again tomorrow, or with another commit.',
};

/** The sentence for a scan that ended without findings that could be judged: it is no pass. */
export function scanOutcome(image: string, status: string, description: string): string {
  const said = description ? ` ECR says: ${description}` : '';
  const meaning = outcomes[status] ?? 'the status is none that is known here.';
  return `ECR could not scan ${image}: ${status}: ${meaning}${said}`;
}
