import type { Construct } from 'constructs';
import { isProvisioned } from '../config/index.ts';
import { DatabaseContentsStack } from '../stacks/database-contents-stack.ts';
import { DatabaseStack } from '../stacks/database-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

/** Second stage of an environment: SQL Server, and in it, unless others see to that, the database and the Windows login. */
export class DatabaseStage extends EnvironmentStage {
  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    super(scope, id, props);
    const database = new DatabaseStack(this, 'database', props);
    if (!isProvisioned(props.environment)) return;
    const contents = new DatabaseContentsStack(this, 'database-contents', props);
    // It reads what the database publishes.
    contents.addStackDependency(database);
  }
}
