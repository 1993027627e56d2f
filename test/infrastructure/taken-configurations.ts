import type { DeploymentInput } from '../../lib/config/index.ts';
import { deployments } from './configurations.ts';
import { sentencesAbout } from './example-deployment.ts';

type EnvironmentInput = DeploymentInput['environments'][number];
type Path = (string | number)[];
type Node = Record<string | number, unknown>;

/**
 * Valid configurations of all kinds. Few generated configurations are valid, so keys that error messages mention are
 * removed until there are no more errors.
 */
export const takenDeployments = deployments.map(mended).filter((input) => input !== undefined);

function mended(input: DeploymentInput): DeploymentInput | undefined {
  const names = Object.keys(input.services ?? {});
  const copy = { ...input, environments: input.environments.map((one) => atHome(one, names)) };
  for (let round = 0; round < 30; round += 1) {
    const sentences = sentencesAbout(copy);
    if (sentences.length === 0) return copy;
    for (const sentence of sentences) leaveOut(copy as unknown as Node, sentence);
  }
  return undefined;
}

/**
 * Moves the ARNs of an environment to its own account and region, and sets users where none may be created; elsewhere,
 * sets the users of some other services.
 */
function atHome(environment: EnvironmentInput, services: readonly string[]): EnvironmentInput {
  const { account, region } = environment;
  const home = JSON.stringify(environment).replaceAll('eu-central-1:222222222222:', `${region}:${account}:`);
  const copy = JSON.parse(home) as EnvironmentInput;
  const isOfOthers = copy.directory?.type === 'shared' || copy.directory?.type === 'self-managed';
  const secretOf = (service: string) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:${copy.name}/${service}-AbCdEf`;
  if (isOfOthers && copy.user?.secretArn === undefined) copy.user = { secretArn: secretOf('user') };
  for (const [index, name] of services.entries()) {
    const own = copy.services?.[name];
    if (typeof own?.user === 'object' && own.user.secretArn !== undefined) continue;
    if (!isOfOthers && (copy.name.length + index) % 3 > 0) continue;
    const user = { secretArn: secretOf(name), ...(index === 1 && { rotation: 'own-password' as const }) };
    copy.services = { ...copy.services, [name]: { ...own, user } };
  }
  return copy;
}

/**
 * Removes the key that a sentence is about. If the sentence is about a missing key, removes the key that requires it.
 */
function leaveOut(input: Node, sentence: string): void {
  const [, where = '', unknown] =
    /^deployment((?:\.[\w-]+|\[\d+\])*)(?: has the unknown key "([\w-]+)")?/.exec(sentence) ?? [];
  const path: Path = [...where.matchAll(/\.([\w-]+)|\[(\d+)\]/g)].map(
    ([, key, index]) => key ?? Number(index),
  );
  if (unknown) path.push(unknown);
  for (let length = path.length; length > 2; length -= 1) {
    if (remove(input, path.slice(0, length))) return;
  }
  if (path[0] !== 'environments') {
    remove(input, path);
    return;
  }
  // A key of the environment that conflicts with others or requires them.
  for (const key of ['directory', 'network', 'database', 'user', 'trusted', 'domain'])
    remove(input, [...path.slice(0, 2), key]);
}

/** @returns whether there was a value at the path. Removing an item removes its list. */
function remove(input: Node, path: Path): boolean {
  const last = path.at(-1);
  if (last === undefined) return false;
  if (typeof last === 'number') return remove(input, path.slice(0, -1));
  const parent = path.slice(0, -1).reduce<unknown>((node, key) => (node as Node | undefined)?.[key], input) as
    | Node
    | undefined;
  if (typeof parent !== 'object' || parent === null || !(last in parent)) return false;
  delete parent[last];
  return true;
}
