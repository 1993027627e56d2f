import type { Construct } from 'constructs';
import type { Place } from '../constructs/stage-contract.ts';
import { EnvironmentStack } from './environment-stack.ts';

export class NetworkStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, place: Place) {
    super(scope, id, place, 'Network, endpoints and cluster');
  }
}
