// Waits until the image is scanned and copied to every region, fails on findings at or above the threshold, and prints the
// digest.
import { poll } from '../aws/poll.ts';
import { imageVariables } from './image-variables.ts';
import { readAcceptedFindings } from './images/accepted-findings.ts';
import { Registry } from './images/registry.ts';
import { checkScan } from './images/scan-gate.ts';
import { progress, runProgram } from './program.ts';

/** Seconds. Scans take seconds, rarely minutes; copies to other regions usually take less than half an hour. */
const scanLimit = 600;
const copyLimit = 1200;

await runProgram(async () => {
  const { AWS_REGION, IMAGE_REPOSITORY, IMAGE_TAG, IMAGE_REGIONS, FAIL_ON_SEVERITY, POLL_SECONDS } =
    imageVariables();
  const image = { repository: IMAGE_REPOSITORY, tag: IMAGE_TAG };
  const name = `${IMAGE_REPOSITORY}:${IMAGE_TAG}`;
  const home = new Registry(AWS_REGION);
  const digest = await home.digest(image);
  if (!digest) throw new Error(`${name} is not in the registry of ${AWS_REGION}: it was not pushed.`);

  progress(`Waiting for the scan of ${name}`);
  const scan = await poll(
    { intervalSeconds: POLL_SECONDS, limitSeconds: scanLimit, what: `The scan of ${name}` },
    () => home.scan(image),
  );
  progress(`Findings: ${JSON.stringify(scan.counts)}`);
  checkScan(name, scan, {
    threshold: FAIL_ON_SEVERITY,
    accepted: readAcceptedFindings(),
    today: new Date().toISOString().slice(0, 10),
  });

  const others = IMAGE_REGIONS.filter((candidate) => candidate !== AWS_REGION);
  const awaitCopy = async (region: string) => {
    progress(`Waiting for the copy in ${region}`);
    const registry = new Registry(region);
    // By its digest, which is what tasks use: ECR may not copy a tag that is added later.
    await poll(
      { intervalSeconds: POLL_SECONDS, limitSeconds: copyLimit, what: `The copy of ${name} in ${region}` },
      async () => (await registry.has({ name: IMAGE_REPOSITORY, digest })) || undefined,
    );
  };
  await Promise.all(others.map(awaitCopy));
  process.stdout.write(digest);
});
