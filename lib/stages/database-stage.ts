import type { Construct } from 'constructs';
import { isProvisioned } from '../config/index.ts';
import { DatabaseContentsStack } from '../stacks/database-contents-stack.ts';
import { DatabaseStack } from '../stacks/database-stack.ts';
import { EnvironmentStage, type EnvironmentStageProps } from './environment-stage.ts';

/** Second stage of an environment: SQL Server, and, unless others provide them, the database and the Windows logins. */
export class DatabaseStage extends EnvironmentStage {
  constructor(scope: Construct, id: string, props: EnvironmentStageProps) {
    super(scope, id, props);
    const database = new DatabaseStack(this, 'database', props);
    if (!isProvisioned(props.environment)) return;
    const contents = new DatabaseContentsStack(this, 'database-contents', props);
    // It reads values that the database stack publishes.
    contents.addStackDependency(database);
  }
}
