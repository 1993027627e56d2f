import type { BaseImage } from '../../aws/provenance/base-images.ts';
import { type Advisory, nodeAdvisories } from '../vulnerabilities/node-advisories.ts';
import { npmAdvisories } from '../vulnerabilities/npm-advisories.ts';
import { type AcceptedFinding, judgeFindings, remedy } from './accepted-findings.ts';
import { type Severity, severities } from './registry.ts';

/** The parts of a bill of materials that a scan of Debian packages does not cover. */
export interface Contents {
  /** The version without the leading v. */
  readonly node: string;
  readonly npm: readonly { readonly name: string; readonly version: string }[];
}

/** @throws Error when the bill of materials does not list Node.js, which could then not be checked */
export function contentsOf(sbom: string): Contents {
  const { components = [] } = JSON.parse(sbom) as { components?: { purl?: string }[] };
  const purls = components.map(({ purl = '' }) => purl);
  const node = purls.map((purl) => /^pkg:generic\/node@([^?]+)/.exec(purl)?.[1]).find(Boolean);
  if (!node) throw new Error('The bill of materials lists no Node.js, which every image runs.');
  const npm = purls.flatMap((purl) => {
    const [, name, version] = /^pkg:npm\/(.+)@([^@?]+)/.exec(decodeURIComponent(purl)) ?? [];
    return name && version ? [{ name, version }] : [];
  });
  return { node, npm };
}

/** The base images of an image, as far as its bill of materials names them. */
export function baseImagesOf(sbom: string): BaseImage[] {
  const { metadata } = JSON.parse(sbom) as {
    metadata?: { component?: { pedigree?: { ancestors?: { name: string; version: string }[] } } };
  };
  const ancestors = metadata?.component?.pedigree?.ancestors ?? [];
  return ancestors.map(({ name, version }) => ({ name, digest: version }));
}

export interface Rules {
  /** Findings of this severity or above, and those without one, are refused. */
  readonly threshold: Severity;
  readonly accepted: readonly AcceptedFinding[];
  /** ISO 8601 date. */
  readonly today: string;
}

/**
 * Refuses known vulnerabilities of the Node.js in an image.
 *
 * @throws Error with their ids, or when they cannot be looked up
 */
export async function checkNode(image: string, { node }: Contents, rules: Rules): Promise<void> {
  refuse(image, `Node.js ${node}`, await nodeAdvisories(node, rules.today), rules);
}

/**
 * Refuses known vulnerabilities of the npm packages of an image.
 *
 * @param rules including the URL of npm's registry
 * @throws Error with their ids, or when they cannot be looked up
 */
export async function checkNpm(
  image: string,
  { npm }: Contents,
  { registry, ...rules }: Rules & { readonly registry: string },
): Promise<void> {
  refuse(image, 'npm packages', await npmAdvisories(npm, registry), rules);
}

function refuse(image: string, what: string, known: readonly Advisory[], rules: Rules): void {
  const grave = severities.slice(0, severities.indexOf(rules.threshold) + 1);
  const counted = known.filter(({ severity }) => severity === undefined || grave.includes(severity));
  const judged = judgeFindings(
    counted.map(({ id }) => id),
    rules.accepted,
    rules.today,
  );
  if (judged.refused.length === 0) return;
  const list = judged.refused.map((id) => {
    const { severity = 'no severity', title = '' } = counted.find((one) => one.id === id) ?? {};
    return `${id} (${severity}: ${title})`;
  });
  throw new Error(`${image} has known vulnerabilities in ${what}: ${list.join(', ')}. ${remedy(judged)}`);
}
