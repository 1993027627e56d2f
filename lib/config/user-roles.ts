import * as z from 'zod';
import { text } from './fields.ts';

/** Users and schemas of every database, whose names a role cannot have. */
const others: readonly string[] = ['dbo', 'guest', 'sys', 'information_schema'];

/** Database roles by name. */
export const databaseRoles = z
  .array(
    text(
      /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
      'a database role: 1 to 128 letters, digits and underscores, no digit first',
    )
      .refine((role) => role.toLowerCase() !== 'public', {
        error: 'another database role: everybody is a member of "public", and members cannot be added',
        abort: true,
      })
      .refine((role) => !others.includes(role.toLowerCase()), {
        error: 'a database role: every database has a user or schema of that name',
        abort: true,
      }),
    { error: 'a list of database roles' },
  )
  .refine((roles) => new Set(roles).size === roles.length, {
    error: 'a list of different database roles',
    abort: true,
  });

/** Web's roles in its database. */
export const webRoles = {
  userRoles: z
    .array(text(/^db_[a-z]+$/, 'a fixed database role such as "db_datawriter"'), {
      error: 'a list of database roles',
    })
    .default([])
    .describe('Roles for the Windows user beyond reading.'),
  roles: databaseRoles
    .min(1, { error: 'a list of at least one database role' })
    .optional()
    .describe(
      "All of the user's roles, which the database's scripts create: in place of db_datareader and userRoles.",
    ),
};

/** All of web's database roles; by default, it reads every table. */
export function rolesOfWeb({ roles, userRoles }: z.output<z.ZodObject<typeof webRoles>>): string[] {
  return roles ?? ['db_datareader', ...userRoles];
}
