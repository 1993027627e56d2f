import { sqlError } from '../../sql-error.ts';
import { type DataType, int, nvarchar, type SqlValue } from '../data-types.ts';
import type { Session } from './session.ts';

export interface Variable {
  readonly type: DataType;
  value: SqlValue;
}

/** The `@@` values, which exist without a declaration. */
const globals: Readonly<Record<string, (session: Session) => Variable>> = {
  '@@servername': ({ instance }) => ({ type: nvarchar(128), value: instance.options.name }),
  '@@trancount': ({ transactions }) => ({ type: int, value: transactions.depth }),
  '@@spid': ({ spid }) => ({ type: { name: 'smallint' }, value: spid }),
  '@@rowcount': ({ rowCount }) => ({ type: int, value: rowCount }),
  '@@error': ({ lastError }) => ({ type: int, value: lastError }),
  '@@lock_timeout': ({ options }) => ({ type: int, value: options.lockTimeout }),
  '@@options': ({ options }) => ({ type: int, value: options.mask }),
};

/** The variables of one batch or call. */
export class Variables {
  readonly #session: Session;
  readonly #declared = new Map<string, Variable>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Error 134 if the name is already declared. */
  declare(name: string, type: DataType, value: SqlValue = null): void {
    const key = name.toLowerCase();
    if (this.#declared.has(key)) throw sqlError(134, name);
    this.#declared.set(key, { type, value });
  }

  /** Error 137 if there is no such variable. */
  require(name: string): Variable {
    const key = name.toLowerCase();
    const variable = this.#declared.get(key) ?? globals[key]?.(this.#session);
    if (variable) return variable;
    throw sqlError(137, name);
  }
}
