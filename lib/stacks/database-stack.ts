import type { Construct } from 'constructs';
import type { Place } from '../constructs/stage-contract.ts';
import { EnvironmentStack } from './environment-stack.ts';

export class DatabaseStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, place: Place) {
    super(scope, id, place, 'SQL Server in the domain');
  }
}
