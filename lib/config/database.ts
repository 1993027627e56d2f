import * as z from 'zod';
import { existingDatabase } from './existing-database.ts';
import { httpsAddress, oneOf, section, text, wholeNumber, yesOrNo } from './fields.ts';
import { isSystemDatabase } from './reserved-names.ts';
import { webRoles } from './user-roles.ts';

const identifierForm = /^(?=.{2,15}$)[a-z](-?[a-z0-9])*$/;
const databaseName = text(
  /^[A-Za-z][A-Za-z0-9_]{0,62}$/,
  '1 to 63 letters, digits and underscores, a letter first',
).refine((name) => !isSystemDatabase(name), {
  error: 'another name than those of the system databases of SQL Server and RDS',
});

/**
 * The instance types of each edition that are the same in every region; synthesis checks those of the region.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/SQLServer.Concepts.General.InstanceClasses.html
 */
const instanceTypes = {
  express: {
    form: /^t3\.(micro|small|medium|large|xlarge)$/,
    allowed: 'one of "t3.micro" to "t3.xlarge"',
  },
  web: { form: /^(?!t\d\.(nano|micro)$)/, allowed: 'at least "t3.small"' },
  standard: {
    form: /^(?!t\d\.(nano|micro|small|medium|large)$)/,
    allowed: 'at least "t3.xlarge", or "large" of another family,',
  },
  enterprise: {
    form: /^(?!t\d\.(nano|micro|small|medium|large)$)(?!.*\.large$)/,
    allowed: 'at least an "xlarge"',
  },
} as const;

/**
 * SQL Server on RDS. Multi-AZ needs an edition with mirroring or Always On.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServerMultiAZ.html
 */
const newDatabase = section({
  type: z.literal('new').default('new'),
  identifier: text(
    identifierForm,
    '2 to 15 lower-case letters, digits and single hyphens: it becomes a host name of the domain',
  ).default('music-db'),
  name: databaseName.default('Music'),
  edition: oneOf('express', 'web', 'standard', 'enterprise').default('express'),
  instanceType: text(
    /^[a-z][a-z0-9]+\.(nano|micro|small|medium|large|\d*xlarge)$/,
    'an RDS instance type without "db.", such as "t3.small"',
  )
    .refine((type) => !/^[a-z]+\d+g/.test(type), {
      error: 'one with a processor of Intel or AMD: there is no SQL Server for Graviton',
      abort: true,
    })
    .default('t3.small'),
  // RDS extends storage in steps of a tenth, up to 16 TiB; the upper bound leaves room for one step.
  storageGiB: wholeNumber(20, 14_894, 'GiB').default(20),
  maximumStorageGiB: wholeNumber(20, 16_384, 'GiB').default(100),
  multiAz: yesOrNo.default(false),
  backupRetentionDays: wholeNumber(1, 35, 'days').default(7),
  ...webRoles,
  script: section({
    url: httpsAddress(2048),
    sha256: text(/^[0-9a-f]{64}$/, 'a SHA-256 in 64 lower-case hexadecimal digits'),
  })
    .optional()
    .describe('A T-SQL script of your own, in place of the music store.'),
}).superRefine((value, context) => {
  if (value.multiAz && (value.edition === 'express' || value.edition === 'web')) {
    const message = `false for the ${value.edition} edition: only standard and enterprise can span zones`;
    context.addIssue({ code: 'custom', path: ['multiAz'], message, input: true });
    // Report only this: if the edition is wrong, so is the instance type.
    return;
  }
  const { form, allowed } = instanceTypes[value.edition];
  if (!form.test(value.instanceType)) {
    const message = `${allowed} with the ${value.edition} edition`;
    context.addIssue({ code: 'custom', path: ['instanceType'], message, input: value.instanceType });
  }
  // RDS extends storage in steps of a tenth, and rejects a maximum below the first step.
  if (value.maximumStorageGiB < value.storageGiB * 1.1) {
    const message = `at least a tenth above storageGiB (${value.storageGiB})`;
    context.addIssue({
      code: 'custom',
      path: ['maximumStorageGiB'],
      message,
      input: value.maximumStorageGiB,
    });
  }
});

/** The SQL Server of an environment: by default, one that we create. */
export const database = z
  .discriminatedUnion('type', [newDatabase, existingDatabase], {
    error: 'a database with type "new" or "existing"',
  })
  .prefault({});

/** The configuration of a database that we create, as a person writes it. */
export type NewDatabaseInput = z.input<typeof newDatabase>;
/** A checked database of an environment. */
export type Database = z.output<typeof database>;
/** A database on RDS that we create. */
export type NewDatabase = Extract<Database, { type: 'new' }>;
/** A database that others created. */
export type ExistingDatabase = Extract<Database, { type: 'existing' }>;
