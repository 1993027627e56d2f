import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const table = parse(readFileSync(new URL('handlers.yaml', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, string>
>;

/**
 * What CloudFormation calls with its execution role for each resource type: the permissions that the type's handlers
 * need, such as `ec2:CreateVpc`.
 */
export const handlerPermissions: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(table).map(([type, services]) => [
    type,
    Object.entries(services).flatMap(([service, actions]) =>
      actions
        .trim()
        .split(' ')
        .map((action) => `${service}:${action}`),
    ),
  ]),
);
