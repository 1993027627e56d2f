import type { Construct } from 'constructs';
import { DatabaseStack } from '../stacks/database-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

/** Second stage of an environment: SQL Server, and in it the database, its data and the Windows login. */
export class DatabaseStage extends EnvironmentStage {
  readonly database: DatabaseStack;

  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    super(scope, id, props);
    this.database = new DatabaseStack(this, 'database', props);
  }
}
