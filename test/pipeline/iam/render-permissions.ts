import type { Deployment } from '../../../lib/config/index.ts';
import type { SynthesizedTemplate } from '../../infrastructure/template.ts';
import type { AccountRoles } from './account-roles.ts';
import { policiesOfBootstrap } from './policies-of-bootstrap.ts';
import { type Holder, policiesOf } from './policies-of-template.ts';

/** A deployment with its synthesized templates. */
export interface Recorded {
  readonly deployment: Deployment;
  readonly templates: ReadonlyMap<string, SynthesizedTemplate>;
  /** The roles of the bootstrap, if they are to be listed. */
  readonly bootstrap?: AccountRoles;
}

const heading = `# Permissions, each as it is

Every statement of every policy in the templates of the deployments that the tests know, and of what the bootstrap makes:
who may do what with what, on which condition. A line is of all deployments that have the role or the thing, or of those
named by their letters, and of these of the environment and the service that follow. So a change that gives a role one
action more, or one thing more, is a line in its diff: **whoever reviews it asks of each such line who needs it.**

\`never\` denies; \`within\` names the permissions boundary; what AWS, not we, keep is named by its ARN. Written by
\`npx vitest run --project unit test/pipeline/synthesized.test.ts -u\`, and kept true by
\`test/pipeline/synthesized/permission-record.ts\`, which also fails where a role of an environment has an action that
neither its program nor the service that takes it on calls.
`;

/** A holder of policies, and where it is: the letter of its deployment, its environment, its service. */
interface Instance extends Holder {
  readonly where: readonly string[];
}

/** Renders every statement of every policy; one that not all deployments have is followed by those that do. */
export function renderPermissions(deployments: ReadonlyMap<string, Recorded>): string {
  const letters = new Map(
    [...deployments.keys()].map((name, index) => [name, String.fromCharCode('a'.charCodeAt(0) + index)]),
  );
  const instances = [...deployments].flatMap(([name, { deployment, templates, bootstrap }]) =>
    [
      ...policiesOfBootstrap(deployment, bootstrap ?? {}),
      ...[...templates].flatMap(([place, template]) => known(deployment, place, template)),
    ].map((holder): Instance => ({ ...holder, where: [letters.get(name) ?? '', ...holder.of] })),
  );
  const kinds = [...Map.groupBy(instances, ({ kind }) => kind)].sort(alphabetically);
  return [
    heading,
    ...[...letters].map(([name, letter]) => `- ${letter}: ${name}`),
    ...kinds.flatMap(([kind, those]) => ['', `## \`${kind}\``, '', ...linesOf(those)]),
    '',
  ].join('\n');
}

const read = new WeakMap<SynthesizedTemplate, readonly Holder[]>();

/** The holders of a template; each template is read once. */
function known(deployment: Deployment, place: string, template: SynthesizedTemplate): readonly Holder[] {
  const holders = read.get(template) ?? policiesOf(deployment, place, template);
  read.set(template, holders);
  return holders;
}

function linesOf(those: readonly Instance[]): string[] {
  const having = new Map<string, Instance[]>();
  for (const instance of those)
    for (const line of instance.lines) having.set(line, [...(having.get(line) ?? []), instance]);
  return [...having]
    .sort(alphabetically)
    .map(
      ([line, some]) =>
        `- \`${line}\`${some.length === those.length ? '' : ` — in ${places(some, those).join(', ')}`}`,
    );
}

function alphabetically([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** Where some of the instances are, as short as possible: `a` stands for all instances in deployment `a`. */
function places(some: readonly Instance[], those: readonly Instance[]): string[] {
  const found = some.map(({ where }) => {
    const beginnings = where.map((_, index) => where.slice(0, index + 1).join('/'));
    const counted = (instances: readonly Instance[], beginning: string) =>
      instances.filter((each) => `${each.where.join('/')}/`.startsWith(`${beginning}/`)).length;
    const whole = beginnings.find((beginning) => counted(some, beginning) === counted(those, beginning));
    return whole ?? (beginnings.at(-1) as string);
  });
  return [...new Set(found)].sort();
}
