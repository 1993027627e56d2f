import * as z from 'zod/mini';
import { text } from '../environment.ts';
import { serviceEnvironmentSchema } from './service-environment.ts';
import { sidecarEnvironmentSchema } from './sidecar-environment.ts';

/** The names of database roles, with commas between. */
const roles = text(/^[^,]{1,128}(,[^,]{1,128})*$/, 'names of database roles with commas between');

/** The environment of the doctor: the sidecar's, and where the services find SQL Server. */
export const doctorEnvironmentSchema = z.extend(sidecarEnvironmentSchema, {
  ...z.pick(serviceEnvironmentSchema, {
    SQL_SERVER: true,
    SQL_PORT: true,
    SQL_DATABASE: true,
    SQL_TLS_NAME: true,
    SQL_TLS_CA_FILE: true,
    SQL_TLS_CA: true,
    SQL_MULTI_SUBNET: true,
  }).shape,
  /** Those that the service's account must have in the database. */
  SQL_ROLES: z.optional(roles),
});

/** What a task definition may tell the doctor. */
export type DoctorEnvironment = z.input<typeof doctorEnvironmentSchema>;

/** What the image's program takes to be the doctor, and to write one JSON document a line. */
export const doctorCommand = ['doctor', '--json-lines'] as const;

/**
 * Labels of the doctor's container where ECS knows no service whose network it could be started in: the tasks of a job. Ids,
 * with commas between.
 */
export const doctorNetworkSchema = z.object({
  subnets: text(/^subnet-\w+(,subnet-\w+)*$/, 'ids of subnets with commas between'),
  'security-groups': text(/^sg-\w+(,sg-\w+)*$/, 'ids of security groups with commas between'),
});

export type DoctorNetwork = z.input<typeof doctorNetworkSchema>;

/** How often a password was refused lately, elsewhere: the doctor goes on counting from there. */
export const doctorRefusalsOption = '--refusals';

/** Its exit code when it failed itself; 0: nothing is wrong, 1: something is. */
export const doctorFailed = 3;

const findingSchema = z.object({
  check: z.string(),
  status: z.enum(['passed', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  code: z.optional(z.string()),
  remedy: z.optional(z.string()),
  ask: z.optional(z.enum(['network', 'directory', 'database'])),
});

/** A line of the doctor's: what it looks at, a finding, or the end. */
export const doctorLineSchema = z.union([
  z.object({ doctor: z.literal('facts'), facts: z.record(z.string(), z.string()) }),
  z.extend(findingSchema, { doctor: z.literal('finding') }),
  z.object({ doctor: z.literal('end'), healthy: z.boolean() }),
]);

export type DoctorLine = z.output<typeof doctorLineSchema>;
