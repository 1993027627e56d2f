import * as z from 'zod/mini';

/** The properties of `Custom::DomainMembership`. A change to any of them triggers another check. */
export const domainMembershipPropertiesSchema = z.object({
  Instance: z
    .string()
    .check(z.regex(/^[a-z][a-z0-9-]{0,62}$/, 'it must be the identifier of an instance of RDS')),
  DomainName: z.string().check(z.minLength(1)),
  /** An AWS directory by its id, or an organizational unit by its distinguished name. */
  Joined: z.string().check(z.minLength(1)),
  DnsAddresses: z.string().check(z.minLength(7)),
});

export type DomainMembershipProperties = z.input<typeof domainMembershipPropertiesSchema>;

/** The values that the function's variable `PINNED` fixes, as JSON: it refuses any others. */
export function domainMembershipPins({ Instance, DomainName }: DomainMembershipProperties) {
  return { Instance, DomainName };
}
