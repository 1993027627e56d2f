// `recheck-images ACCEPTED-FINDINGS ENVIRONMENT/REGION/STACK,STACK…/ROLE…`: checks the images that each environment runs
// again for known vulnerabilities in their Debian packages (with ECR), npm packages (with npm's registry) and Node.js (with
// its own list). Fails with an error for each finding that is not accepted, and for each check that failed.
import * as z from 'zod';
import { readDeployedTemplate } from '../aws/deployed-template.ts';
import { poll } from '../aws/poll.ts';
import { ProvenanceStore, SigningKey } from '../aws/provenance/store.ts';
import { templateImages } from '../aws/provenance/template-images.ts';
import { verifySbom, verifyStatement } from '../aws/provenance/verify-statement.ts';
import type { NamedImage } from '../config/provenance-names.ts';
import { readAcceptedFindings } from './images/accepted-findings.ts';
import { checkNode, checkNpm, contentsOf } from './images/contents.ts';
import { Registry, severities } from './images/registry.ts';
import { checkScan } from './images/scan-gate.ts';
import { progress, readVariables, runProgram, words } from './program.ts';

const text = z.string('it is required.').min(1, 'it must not be empty.');
/** Seconds; a scan takes seconds, rarely minutes. */
const scanLimit = 600;

async function recheckImages(): Promise<void> {
  const [acceptedFile, ...places] = process.argv.slice(2);
  if (!acceptedFile || places.length === 0) {
    throw new Error('usage: recheck-images ACCEPTED-FINDINGS ENVIRONMENT/REGION/STACK,STACK…/ROLE…');
  }
  const variables = readVariables({
    AWS_REGION: text,
    REPOSITORY: text,
    SIGNING_KEY: text,
    PROVENANCE_BUCKET: text,
    NPM_REGISTRY: z.url('it must be the address of npm\'s registry, as "npm config get registry" says it.'),
    GIVEN_IMAGES: words,
    FAIL_ON_SEVERITY: z.enum(severities, `it must be one of ${severities.join(', ')}.`),
    POLL_SECONDS: z.coerce.number('it must be a number of seconds.').positive().default(5),
  });
  const { AWS_REGION: region, FAIL_ON_SEVERITY: threshold, REPOSITORY: repository } = variables;
  const rules = {
    threshold,
    accepted: readAcceptedFindings(acceptedFile),
    today: new Date().toISOString().slice(0, 10),
  };
  const store = new ProvenanceStore(variables.PROVENANCE_BUCKET, { region });
  const key = await new SigningKey(variables.SIGNING_KEY, { region }).publicKey();
  const registry = new Registry(region);
  const problems: string[] = [];
  /** Collects errors, so that one failed check does not prevent the others. */
  const attempt = async <Result>(environment: string, work: () => Promise<Result>) => {
    try {
      return await work();
    } catch (error) {
      problems.push(`${environment}: ${(error as Error).message}`);
      return undefined;
    }
  };

  const checkImage = async (environment: string, image: NamedImage) => {
    const { statement, sbom } = await store.find(image);
    // The commit does not matter here; `release verify` checks it.
    const stated = verifyStatement(statement, key, { ...image, repository });
    const contents = contentsOf(verifySbom(sbom, stated));
    const name = `${image.name}:${stated.revision}`;
    const reference = { repository: image.name, tag: stated.revision };
    await attempt(environment, () => checkNode(name, contents, rules));
    await attempt(environment, () =>
      checkNpm(name, contents, { ...rules, registry: variables.NPM_REGISTRY }),
    );
    await attempt(environment, async () => {
      await registry.rescan(reference);
      const scan = await poll(
        { intervalSeconds: variables.POLL_SECONDS, limitSeconds: scanLimit, what: `The scan of ${name}` },
        () => registry.scan(reference),
      );
      checkScan(name, scan, rules);
    });
    progress(
      `${environment}: ${name}: ${contents.npm.length} npm packages, Node.js ${contents.node}, Debian`,
    );
  };

  const given = variables.GIVEN_IMAGES;
  for (const uri of given) {
    progress(
      `${uri}: given by the configuration and not built here; its owner checks it for vulnerabilities`,
    );
  }
  // Checks each image once per environment, because every service runs the sidecar.
  const seen = new Set<string>();
  for (const place of places) {
    const [environment = '', itsRegion = '', stacks = '', ...role] = place.split('/');
    for (const stack of stacks.split(',')) {
      const template = await attempt(environment, () =>
        readDeployedTemplate(stack, {
          region: itsRegion,
          roleArn: role.join('/'),
          sessionName: 'recheck-images',
        }),
      );
      if (!template) progress(`${environment}: ${stack} is not deployed, or cannot be read`);
      const images = await attempt(environment, async () =>
        template ? templateImages(template, given) : [],
      );
      for (const image of images ?? []) {
        const key = `${environment} ${image.name}@${image.digest}`;
        if (seen.has(key)) continue;
        seen.add(key);
        await attempt(environment, () => checkImage(environment, image));
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

runProgram(recheckImages);
