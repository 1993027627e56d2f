import type { Construct } from 'constructs';
import type { Place } from '../constructs/stage-contract.ts';
import { EnvironmentStack } from './environment-stack.ts';
import type { NetworkStack } from './network-stack.ts';

export interface DirectoryStackProps extends Place {
  readonly network: NetworkStack;
}

export class DirectoryStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, props: DirectoryStackProps) {
    super(scope, id, props, 'Directory, its user and the DNS of the network');
  }
}
