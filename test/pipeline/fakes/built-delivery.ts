import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BaseImage } from '../../../lib/aws/provenance/base-images.ts';
import { type Deployment, type ImageDigests, imageNames, perImage } from '../../../lib/config/index.ts';
import { acceptedFindingsFile, imageArtifact, sbomFile } from '../../../lib/config/pipeline-names.ts';
import { DeliveryRecord } from '../../../local/pipeline/aws/delivery-record.ts';

/** When the builds of the delivery begin, in seconds since 1970. */
export const began = 1_780_000_000;

/** The digest of an image by its index: one hexadecimal digit, beginning with `a`, repeated. */
export const builtDigest = (index: number): string => `sha256:${((index + 10) % 16).toString(16).repeat(64)}`;

/** The digests that the builds of a deployment export; each image has its own. */
export const builtDigests = (deployment: Pick<Deployment, 'services'> = { services: {} }): ImageDigests =>
  perImage(deployment, (_, index) => builtDigest(index));

/** The variables of these builds, as CodePipeline resolves them. */
export const exportedDigests = (digests: ImageDigests) =>
  Object.fromEntries(
    Object.entries(digests).map(([image, digest]) => [`Build@Image-${image}`, { IMAGE_DIGEST: digest }]),
  );

/** A delivery whose builds all passed, with images of one commit that were pushed by their own builds. */
export function builtDelivery(
  revision = 'c'.repeat(40),
  images = imageNames({ services: {} }),
): DeliveryRecord {
  const delivery = new DeliveryRecord();
  delivery.executions.push({ id: 'e-1', revision });
  for (const [index, image] of images.entries()) {
    const digest = builtDigest(index);
    delivery.images.set(`windows-auth/${image}:${revision}`, { digest, pushedAt: began + 100 });
    delivery.builds.push({
      ...passed(`Image-${image}`),
      outputVariables: { IMAGE_DIGEST: digest, IMAGE_STATE: 'absent' },
    });
  }
  for (const gate of ['Checks', 'Audit', 'Tests', 'Synth']) delivery.builds.push(passed(gate));
  return delivery;
}

export function passed(action: string) {
  return {
    execution: 'e-1',
    stage: 'Build',
    action,
    status: 'Succeeded',
    id: `windows-auth-${action.toLowerCase()}:1`,
    startTime: began,
    lastUpdateTime: began + 300,
  } as const;
}

/** Writes the artifacts of the image builds as folders below this one; returns them by the artifacts' names. */
export function writtenSboms(folder: string, images = imageNames({ services: {} })): Record<string, string> {
  return Object.fromEntries(
    images.map((image) => {
      const directory = join(folder, `sbom-${image}`);
      mkdirSync(directory);
      writeFileSync(join(directory, sbomFile(image)), JSON.stringify(billOfMaterials(image)));
      writeFileSync(join(directory, acceptedFindingsFile), '[]');
      return [imageArtifact(image), directory];
    }),
  );
}

/** The base image in these artifacts. */
export const writtenBase: BaseImage = {
  name: 'registry.example/node:24',
  digest: `sha256:${'9'.repeat(64)}`,
};

/** Writes the source of a delivery's images as a folder below this one. */
export function writtenSource(folder: string): string {
  const directory = join(folder, 'source');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package-lock.json'), '{}');
  return directory;
}

function billOfMaterials(image: string) {
  const purls = ['pkg:npm/%40hono/node-server@1.0.0', 'pkg:npm/hono@4.0.0', 'pkg:generic/node@24.21.0'];
  const ancestors = [{ name: writtenBase.name, version: writtenBase.digest }];
  const metadata = { component: { pedigree: { ancestors } } };
  return { bomFormat: 'CycloneDX', image, metadata, components: purls.map((purl) => ({ purl })) };
}

/** One vulnerability of Node.js, in the format of its advisories. */
export const nodeAdvisory = (vulnerable: string, patched: string, severity?: string) => ({
  cve: ['CVE-2026-9'],
  vulnerable,
  patched,
  severity,
  overview: 'Something can be done.',
});

/** Writes the advisories and the release schedule of Node.js to the folder that the endpoint serves. */
export function writeNodeAdvisories(folder: string, known: readonly object[] = [], end = '2999-12-31'): void {
  mkdirSync(join(folder, 'nodejs'), { recursive: true });
  writeFileSync(join(folder, 'nodejs/index.json'), JSON.stringify(Object.fromEntries(known.entries())));
  writeFileSync(join(folder, 'nodejs/schedule.json'), JSON.stringify({ v24: { start: '2025-05-06', end } }));
}

/** Environment variables that make programs read these files. */
export const nodeAdvisoriesAt = (url: string) => ({
  NODE_ADVISORIES: `${url}/nodejs/index.json`,
  NODE_SCHEDULE: `${url}/nodejs/schedule.json`,
});
