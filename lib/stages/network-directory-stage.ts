import type { Construct } from 'constructs';
import { DirectoryStack } from '../stacks/directory-stack.ts';
import { DomainStack } from '../stacks/domain-stack.ts';
import { NetworkStack } from '../stacks/network-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

/** First stage of an environment: its network, its domain, the directory users and the ECS cluster. */
export class NetworkDirectoryStage extends EnvironmentStage {
  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    super(scope, id, props);
    const network = new NetworkStack(this, 'network', props);
    const directory = new DirectoryStack(this, 'directory', { ...props, network });
    const domain = new DomainStack(this, 'domain', { ...props, network });
    // Explicit, because with an existing network the directory refers to nothing in the network's stack.
    directory.addStackDependency(network);
    // It reads values that the directory stack publishes.
    domain.addStackDependency(directory);
  }
}
