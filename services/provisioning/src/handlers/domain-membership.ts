import { RDSClient } from '@aws-sdk/client-rds';
import { domainMembershipPins, domainMembershipPropertiesSchema } from '@packages/contracts';
import { patience } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { awaitMembership } from '../domain-membership/await-membership.ts';

/** Lambda handler of the custom resource "domain membership". */
export const handler = customResourceHandler({
  form: domainMembershipPropertiesSchema,
  pins: (properties) => domainMembershipPins(properties),
  physicalId: ({ Instance }) => `${Instance}/domain-membership`,

  async apply({ Instance, DomainName }, { progress }) {
    await awaitMembership({
      rds: new RDSClient(patience),
      instance: Instance,
      domainName: DomainName,
      progress,
    });
    return {};
  },

  /** Does nothing: this resource only observes. */
  async remove() {},
});
