/** Texts of SQL Server's `sys.messages`, one per line: number, severity, state, text. */
const lines = `
102 15 1 Incorrect syntax near '%1'.
108 15 1 The ORDER BY position number %1 is out of range of the number of items in the select list.
111 15 1 'CREATE SCHEMA' must be the first statement in a query batch.
116 16 1 Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.
134 15 1 The variable name '%1' has already been declared. Variable names must be unique within a query batch or stored procedure.
137 15 2 Must declare the scalar variable "%1".
141 15 1 A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.
174 15 1 The %1 function requires %2 argument(s).
205 16 1 All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.
207 16 1 Invalid column name '%1'.
208 16 1 Invalid object name '%1'.
209 16 1 Ambiguous column name '%1'.
213 16 1 Column name or number of supplied values does not match table definition.
226 16 6 %1 statement not allowed within multi-statement transaction.
229 14 5 The %1 permission was denied on the object '%2', database '%3', schema '%4'.
241 16 1 Conversion failed when converting date and/or time from character string.
245 16 1 Conversion failed when converting the %1%2 to data type %3.
257 16 3 Implicit conversion from data type %1 to %2 is not allowed. Use the CONVERT function to run this query.
259 16 1 Ad hoc updates to system catalogs are not allowed.
262 14 1 %1 permission denied in database '%2'.
263 16 1 Must specify table to select from.
515 16 2 Cannot insert the value NULL into column '%1', table '%2'; column does not allow nulls. %3 fails.
544 16 1 Cannot insert explicit value for identity column in table '%1' when IDENTITY_INSERT is set to OFF.
547 16 0 The %1 statement conflicted with the %2 constraint%3.
911 16 1 Database '%1' does not exist. Make sure that the name is entered correctly.
916 14 1 The server principal "%1" is not able to access the database "%2" under the current security context.
1014 15 1 A TOP or FETCH clause contains an invalid value.
1205 13 1 Transaction (Process ID %1) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.
1776 16 0 There are no primary or candidate keys in the referenced table '%1' that match the referencing column list in the foreign key '%2'.
1801 16 3 Database '%1' already exists. Choose a different database name.
1911 16 1 Column name '%1' does not exist in the target table or view.
1913 16 1 The operation failed because an index or statistics with name '%1' already exists on the table.
2601 14 1 Cannot insert duplicate key row in object '%1' with unique index '%2'.
2627 14 1 Violation of %1 constraint '%2'. Cannot insert duplicate key in object '%3'.
2628 16 1 String or binary data would be truncated in table '%1', column '%2'.
2714 16 6 There is already an object named '%1' in the database.
2760 16 1 The specified schema name "%1" either does not exist or you do not have permission to use it.
2812 16 62 Could not find stored procedure '%1'.
3617 16 1 The operation was cancelled by the user.
3701 11 1 Cannot drop the %1 '%2', because it does not exist or you do not have permission.
3702 16 4 Cannot drop database "%1" because it is currently in use.
3726 16 1 Could not drop object '%1' because it is referenced by a FOREIGN KEY constraint.
3902 16 1 The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.
3903 16 1 The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.
4060 11 1 Cannot open database "%1" requested by the login. The login failed.
4104 16 1 The multi-part identifier "%1" could not be bound.
5701 0 2 Changed database context to '%1'.
5703 0 2 Changed language setting to us_english.
8102 16 1 Cannot update identity column '%1'.
8106 16 1 Table '%1' does not have the identity property. Cannot perform SET operation.
8111 16 1 Cannot define PRIMARY KEY constraint on nullable column in table '%1'.
8115 16 2 Arithmetic overflow error converting expression to data type %1.
8117 16 1 Operand data type %1 is invalid for %2 operator.
8120 16 1 Column '%1' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.
8134 16 1 Divide by zero error encountered.
8155 16 2 No column name was specified for column %1 of '%2'.
8178 16 1 The parameterized query '(%1)' expects the parameter '%2', which was not supplied.
10738 15 1 The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row values.
15007 16 1 '%1' is not a valid login or you do not have permission.
15023 16 1 User, group, or role '%1' already exists in the current database.
15025 16 1 The server principal '%1' already exists.
15063 16 1 The login already has an account under a different user name.
15138 16 1 The database principal owns a schema in the database, and cannot be dropped.
15151 16 1 Cannot %1, because it does not exist or you do not have permission.
15247 16 1 User does not have permission to perform this action.
15401 11 1 Windows NT user or group '%1' not found. Check the name again.
15407 11 1 '%1' is not a valid Windows NT name. Give the complete name: <domain\\username>.
15434 16 1 Could not drop login '%1' as the user is currently logged in.
18452 14 1 Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.
18456 14 1 Login failed for user '%1'.
40515 16 1 %1 is not supported by this SQL Server stand-in.
50000 16 1 The SQL Server stand-in failed: %1
`;

export interface SystemMessage {
  /** 0–10: information; 11–16: errors that the user can correct; 20 and above: errors that end the connection. */
  readonly severity: number;
  readonly state: number;
  /** `%1`, `%2`, … are placeholders. */
  readonly text: string;
}

export const systemMessages: ReadonlyMap<number, SystemMessage> = new Map(
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const [, number, severity, state, text = ''] = /^(\d+) (\d+) (\d+) (.*)$/.exec(line) ?? [];
      return [Number(number), { severity: Number(severity), state: Number(state), text }];
    }),
);
