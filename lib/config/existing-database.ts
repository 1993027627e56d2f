import * as z from 'zod';
import { readAuthorities } from './certificate-authorities.ts';
import { peer } from './cidr.ts';
import { domainName } from './domain.ts';
import { oneOf, section, text, yesOrNo } from './fields.ts';
import { idOf, listOf } from './identifiers.ts';
import { isSystemDatabase } from './reserved-names.ts';
import { completeSecretArn, keyArn } from './user.ts';
import { webRoles } from './user-roles.ts';

const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/** The full name of a server, in lower case. Not an address: Kerberos and TLS need names. */
const serverName = (allowed: string) =>
  text(new RegExp(`^(?=.{1,253}$)(${label}\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`), allowed).transform(
    (name) => name.toLowerCase(),
  );

/** The authorities whose certificates the server may have: those of Amazon RDS, or a company's own. */
const certificates = z.union(
  [
    z.literal('rds'),
    section({
      files: z
        .array(
          z.string({ error: 'the path of a PEM file' }).superRefine((file, context) => {
            const { problem } = readAuthorities(file);
            if (problem) context.addIssue({ code: 'custom', message: problem, input: file });
          }),
          { error: 'a list of 1 to 5 PEM files' },
        )
        .min(1, { error: 'a list of 1 to 5 PEM files' })
        .max(5, { error: 'a list of 1 to 5 PEM files' }),
    }),
  ],
  { error: '"rds", or an object with files' },
);

/** Limits the size of a range: tasks should reach SQL Server, not whole networks. */
const reach = peer.refine((value) => value.startsWith('pl-') || Number(value.split('/')[1]) >= 8, {
  error: 'a range of size /8 or smaller: only SQL Server is to be reached',
});

const allowedPort = 'a port: a whole number from 1 to 65535';
const port = z.int({ error: allowedPort }).min(1, { error: allowedPort }).max(65_535, { error: allowedPort });

const access = section({
  securityGroupId: idOf('securityGroup').optional(),
  addresses: listOf(reach, 1, 20, 'a list of 1 to 20 IPv4 ranges or ids of prefix lists').optional(),
  manageIngress: yesOrNo
    .default(false)
    .describe('Whether we add the rule that admits our tasks to that security group.'),
}).superRefine((value, context) => {
  if (value.securityGroupId !== undefined) return;
  const problem = (key: keyof typeof value, message: string) =>
    context.addIssue({ code: 'custom', path: [key], message, input: value[key] || undefined });
  if (value.addresses === undefined) {
    problem('securityGroupId', 'given, unless addresses are: tasks reach only what is named');
  }
  if (value.addresses !== undefined && value.manageIngress) {
    problem('manageIngress', 'false without securityGroupId: there is no group whose rules could be managed');
  }
});

const provisioning = z.union(
  [
    oneOf('none', 'script'),
    section({ administratorSecretArn: completeSecretArn, kmsKeyArn: keyArn.optional() }),
  ],
  { error: '"none", "script", or an object with administratorSecretArn' },
);

const isOfRds = (name: string) => name.endsWith('.rds.amazonaws.com');

/** A SQL Server that others created: on RDS, on a virtual machine or on-premises. */
export const existingDatabase = section({
  type: z.literal('existing'),
  host: serverName(
    'the full name of a host such as "sql01.corp.example.com"; an instance is given by its port, which must be fixed',
  ),
  port: port.default(1433),
  spn: text(
    /^MSSQLSvc\/(?![\d.]+(:|$))[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*(:([1-9]\d{0,4}|[A-Za-z_][A-Za-z0-9_$#]*))?$/,
    'a service principal name such as "MSSQLSvc/sql01.corp.example.com:1433", of a name with a port or an instance, without realm',
  )
    .refine((name) => Number(/:(\d+)$/.exec(name)?.[1] ?? 1) <= 65_535, {
      error: 'a service principal name whose port is at most 65535',
    })
    .optional()
    .describe('As in the directory; setspn -L shows it. Default: derived from host and port.'),
  tlsName: serverName('the full name that the certificate of SQL Server covers')
    .optional()
    .describe('Default: host.'),
  domain: domainName.optional().describe("SQL Server's domain, if it is not the user's: one of trusted."),
  certificates: certificates.optional().describe('Default: "rds" if the name is one of RDS.'),
  name: text(
    /^[\w$#@-]{1,128}$/,
    'the name of a database: 1 to 128 letters, digits or any of _ $ # @ -',
  ).refine((database) => !isSystemDatabase(database), {
    error: 'another name than those of the system databases of SQL Server and RDS',
  }),
  ...webRoles,
  multiSubnetFailover: yesOrNo
    .default(false)
    .describe('Tries all addresses of the name in parallel, for the listener of an availability group.'),
  access,
  provisioning: provisioning.default('script'),
})
  .superRefine((value, context) => {
    if (value.certificates !== undefined || isOfRds(value.tlsName ?? value.host)) return;
    const message =
      'given for a server outside of RDS: { "files": […] } with the certificates of those who sign its certificate';
    context.addIssue({ code: 'custom', path: ['certificates'], message, input: undefined });
  })
  .transform((value) => ({
    ...value,
    tlsName: value.tlsName ?? value.host,
    certificates: value.certificates ?? ('rds' as const),
  }));
