import { Duration, PermissionsBoundary, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnReplicationConfiguration, Repository, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { permissionsBoundaryName } from '../config/iam-names.ts';
import { imageRegions } from '../config/image-regions.ts';
import { type Deployment, imageNames, imageRepositoryName } from '../config/index.ts';
import { deploymentSynthesizer } from '../constructs/common/deployment-synthesizer.ts';

export interface ImageRepositoriesStackProps {
  readonly deployment: Deployment;
  /** The region that these repositories are in: the tools region, or an environment's. */
  readonly region: string;
}

/** Days after which untagged images expire. Rollbacks use tagged images. */
const untaggedDays = 7;
/**
 * How many images are kept and can still be deployed, each for one or more commits: far more than there are between two
 * releases to production. ECR orders them by their first push; an image that later commits reuse is at most a day older
 * than they are.
 */
const keptImages = 500;

/**
 * The image repositories in one region of the tools account. The accounts of the environments in that region may only
 * pull. In the tools region, the registry also replicates pushed images to the other regions.
 */
export class ImageRepositoriesStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, region }: ImageRepositoriesStackProps) {
    const { tools, environments, name } = deployment;
    super(scope, id, {
      synthesizer: deploymentSynthesizer(deployment),
      env: { account: tools.account, region },
      stackName: `${name}-images`,
      description: 'Repositories of the images, which the environments pull from',
      terminationProtection: true,
      permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundaryName(deployment)),
    });
    const accounts = environments
      .filter((environment) => environment.region === region)
      .map(({ account }) => account);
    for (const image of imageNames(deployment)) {
      const repository = new Repository(this, image, {
        repositoryName: imageRepositoryName(deployment, image),
        // After a failed creation of the stack they are deleted, because they would block the next attempt.
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        imageTagMutability: TagMutability.IMMUTABLE,
        imageScanOnPush: true,
        lifecycleRules: [
          { rulePriority: 1, tagStatus: TagStatus.UNTAGGED, maxImageAge: Duration.days(untaggedDays) },
          { rulePriority: 2, tagStatus: TagStatus.ANY, maxImageCount: keptImages },
        ],
      });
      const pulling = [...new Set(accounts)].filter((account) => account !== tools.account);
      if (pulling.length > 0) repository.addToResourcePolicy(mayPull(pulling));
    }
    const [home, ...others] = imageRegions(deployment);
    const replicates = region === home && others.length > 0 && deployment.images.replication === 'own';
    if (replicates) this.#replicate(deployment, others);
  }

  #replicate({ name, tools }: Deployment, regions: readonly string[]): void {
    new CfnReplicationConfiguration(this, 'Replication', {
      replicationConfiguration: {
        rules: [
          {
            destinations: regions.map((region) => ({ region, registryId: tools.account })),
            repositoryFilters: [{ filter: `${name}/`, filterType: 'PREFIX_MATCH' }],
          },
        ],
      },
    });
  }
}

function mayPull(accounts: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'EnvironmentsPull',
    principals: accounts.map((account) => new AccountPrincipal(account)),
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  });
}
