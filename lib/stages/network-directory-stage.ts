import type { Construct } from 'constructs';
import { DirectoryStack } from '../stacks/directory-stack.ts';
import { NetworkStack } from '../stacks/network-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

/** First stage of an environment: its network, its domain, the directory user and the ECS cluster. */
export class NetworkDirectoryStage extends EnvironmentStage {
  readonly network: NetworkStack;
  readonly directory: DirectoryStack;

  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    super(scope, id, props);
    this.network = new NetworkStack(this, 'network', props);
    this.directory = new DirectoryStack(this, 'directory', { ...props, network: this.network });
  }
}
