import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearestName } from '@packages/contracts';
import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { furtherServices, placeOf } from './services.ts';

type Deployment = Parameters<typeof furtherServices>[0] & {
  readonly environments: readonly CheckedEnvironment[];
};

/** Roles that every database has, except `public`, to which members cannot be added. */
const fixedRoles = [
  'db_accessadmin',
  'db_backupoperator',
  'db_datareader',
  'db_datawriter',
  'db_ddladmin',
  'db_denydatareader',
  'db_denydatawriter',
  'db_owner',
  'db_securityadmin',
];

const scriptsFolder = join(import.meta.dirname, '../../services/provisioning/src/database/music-store');

/** The repository's SQL scripts, which create the roles of a database that has no script of its own. */
let scripts: string | undefined;

function scriptsOfRepository(): string {
  scripts ??= readdirSync(scriptsFolder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => readFileSync(join(scriptsFolder, file), 'utf8'))
    .join('\n');
  return scripts;
}

/** @returns the roles that a script creates */
function rolesMadeBy(script: string): string[] {
  return [...script.matchAll(/\bCREATE\s+ROLE\s+\[?(\w+)\]?/gi)].map(([, name = '']) => name);
}

/**
 * Finds misspelt roles: the database is not known to have a role of that name, but has one with a similar name. For
 * roles that others create, in a database or by their own script, provisioning checks the server.
 */
export function roleProblems(deployment: Deployment): Problem[] {
  return deployment.environments.flatMap((environment, index) => {
    const { database } = environment;
    const script = database.type === 'new' && !database.script ? scriptsOfRepository() : '';
    const known = [...fixedRoles, ...rolesMadeBy(script)];
    const named: [Problem['path'], readonly string[] | undefined][] = [
      [['environments', index, 'database', 'roles'], database.roles],
      [['environments', index, 'database', 'userRoles'], database.userRoles],
      ...furtherServices(deployment, environment).map(
        ({ name, roles }): [Problem['path'], readonly string[]] => [
          placeOf(environment, index, name, 'roles'),
          roles,
        ],
      ),
    ];
    return named.flatMap(([path, roles = []]) =>
      roles.flatMap((role, position): Problem[] => {
        if (known.includes(role) || new RegExp(`\\b${role}\\b`).test(script)) return [];
        const meant = nearestName(role, known);
        if (meant === undefined) return [];
        const message = `a role that the database has, such as "${meant}", which has a similar name`;
        return [{ path: [...path, position], input: role, message }];
      }),
    );
  });
}
