import type { Construct } from 'constructs';
import { DatabaseContentsStack } from '../stacks/database-contents-stack.ts';
import { DatabaseStack } from '../stacks/database-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

/** Second stage of an environment: SQL Server, and in it the database, its data and the Windows login. */
export class DatabaseStage extends EnvironmentStage {
  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    super(scope, id, props);
    const database = new DatabaseStack(this, 'database', props);
    const contents = new DatabaseContentsStack(this, 'database-contents', props);
    // It reads what the database publishes.
    contents.addStackDependency(database);
  }
}
