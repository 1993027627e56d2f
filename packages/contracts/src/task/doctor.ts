import * as z from 'zod/mini';
import { text } from '../environment.ts';
import { serviceEnvironmentSchema } from './service-environment.ts';
import { sidecarEnvironmentSchema } from './sidecar-environment.ts';

/** Names of database roles, separated by commas. */
const roles = text(/^[^,]{1,128}(,[^,]{1,128})*$/, 'names of database roles with commas between');

/** The environment of the doctor: the sidecar's, plus the address of SQL Server as the services get it. */
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
  /** The roles that the service's account must have in the database. */
  SQL_ROLES: z.optional(roles),
});

/** The variables of the doctor in a task definition. */
export type DoctorEnvironment = z.input<typeof doctorEnvironmentSchema>;

/** The command that makes the image run the doctor, with one JSON document per line as output. */
export const doctorCommand = ['doctor', '--json-lines'] as const;

/**
 * Labels of the doctor's container in the tasks of a job, for which ECS has no service whose network could be reused.
 * Ids, separated by commas.
 */
export const doctorNetworkSchema = z.object({
  subnets: text(/^subnet-\w+(,subnet-\w+)*$/, 'ids of subnets with commas between'),
  'security-groups': text(/^sg-\w+(,sg-\w+)*$/, 'ids of security groups with commas between'),
});

export type DoctorNetwork = z.input<typeof doctorNetworkSchema>;

/** How often a password was recently refused elsewhere; the doctor continues counting from there. */
export const doctorRefusalsOption = '--refusals';

/** The exit code if the doctor itself failed; 0: no problem found, 1: problems found. */
export const doctorFailed = 3;

const findingSchema = z.object({
  check: z.string(),
  status: z.enum(['passed', 'warning', 'failed', 'skipped']),
  detail: z.string(),
  code: z.optional(z.string()),
  remedy: z.optional(z.string()),
  ask: z.optional(z.enum(['network', 'directory', 'database'])),
});

/** A line of the doctor's output: facts about what it checks, a finding, or the end. */
export const doctorLineSchema = z.union([
  z.object({ doctor: z.literal('facts'), facts: z.record(z.string(), z.string()) }),
  z.extend(findingSchema, { doctor: z.literal('finding') }),
  z.object({ doctor: z.literal('end'), healthy: z.boolean() }),
]);

export type DoctorLine = z.output<typeof doctorLineSchema>;
