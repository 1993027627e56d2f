/**
 * The catalogue of a database as SQLite tables and views. A T-SQL object `schema.name` is the SQLite object `"schema.name"`;
 * T-SQL cannot refer to names that begin with `$`. Results use the declared T-SQL types.
 */

const text = 'NVARCHAR(128) COLLATE NOCASE';
const description = 'NVARCHAR(60) COLLATE NOCASE NOT NULL';

/** In every database, including `master`. */
export const databaseSchema = `
CREATE TABLE "sys.schemas" (name ${text} NOT NULL UNIQUE, schema_id INT PRIMARY KEY, principal_id INT NOT NULL);

CREATE TABLE "sys.objects" (
  name ${text} NOT NULL, object_id INT PRIMARY KEY, schema_id INT NOT NULL, parent_object_id INT NOT NULL,
  type NVARCHAR(2) COLLATE NOCASE NOT NULL, type_desc ${description}, create_date DATETIME NOT NULL,
  UNIQUE (schema_id, name)
);
CREATE VIEW "sys.tables" AS SELECT * FROM "sys.objects" WHERE type = 'U';
CREATE VIEW "sys.foreign_keys" AS SELECT * FROM "sys.objects" WHERE type = 'F';

CREATE TABLE "$identities" (
  object_id INT PRIMARY KEY, column_name TEXT NOT NULL, seed INT NOT NULL, increment INT NOT NULL, last INT
);
CREATE TABLE "$indexes" (
  object_id INT NOT NULL, name ${text} NOT NULL, is_unique BIT NOT NULL, is_primary_key BIT NOT NULL,
  is_unique_constraint BIT NOT NULL, columns TEXT NOT NULL, UNIQUE (object_id, name)
);
CREATE VIEW "sys.indexes" AS
  SELECT object_id, name, is_unique, is_primary_key, is_unique_constraint FROM "$indexes";

CREATE TABLE "sys.database_principals" (
  name ${text} NOT NULL UNIQUE, principal_id INT PRIMARY KEY, type NVARCHAR(1) NOT NULL,
  type_desc ${description}, default_schema_name ${text}, create_date DATETIME NOT NULL,
  owning_principal_id INT, sid VARBINARY(85), is_fixed_role BIT NOT NULL
);
CREATE TABLE "sys.database_role_members" (
  role_principal_id INT NOT NULL, member_principal_id INT NOT NULL,
  PRIMARY KEY (role_principal_id, member_principal_id)
);
CREATE TABLE "sys.database_permissions" (
  class TINYINT NOT NULL, class_desc ${description}, major_id INT NOT NULL, grantee_principal_id INT NOT NULL,
  permission_name ${text} NOT NULL, state NVARCHAR(1) NOT NULL, state_desc ${description},
  PRIMARY KEY (class, major_id, grantee_principal_id, permission_name)
);
`;

/** Only in `master`: server-wide tables and views. */
export const serverSchema = `
CREATE TABLE "sys.databases" (
  name ${text} NOT NULL UNIQUE, database_id INT PRIMARY KEY, owner_sid VARBINARY(85) NOT NULL,
  create_date DATETIME NOT NULL, state_desc ${description}, collation_name ${text} NOT NULL
);
CREATE TABLE "sys.server_principals" (
  name ${text} NOT NULL UNIQUE, principal_id INT PRIMARY KEY, sid VARBINARY(85) NOT NULL, type NVARCHAR(1) NOT NULL,
  type_desc ${description}, is_disabled BIT NOT NULL, create_date DATETIME NOT NULL, default_database_name ${text}
);
CREATE VIEW "sys.server_role_members" AS SELECT 0 AS role_principal_id, 0 AS member_principal_id WHERE 0;
CREATE VIEW "sys.server_permissions" AS
  SELECT 0 AS grantee_principal_id, '' AS permission_name, '' AS state WHERE 0;
CREATE TABLE "$passwords" (principal_id INT PRIMARY KEY, salt VARBINARY(16) NOT NULL, hash VARBINARY(64) NOT NULL);
`;

/** Server-wide views, which are visible in every database. */
export const serverViews: ReadonlySet<string> = new Set([
  'sys.databases',
  'sys.server_principals',
  // Empty, because there are no server roles or permissions here.
  'sys.server_role_members',
  'sys.server_permissions',
]);

export const fixedDatabaseRoles: readonly (readonly [string, number])[] = [
  ['db_owner', 16384],
  ['db_accessadmin', 16385],
  ['db_securityadmin', 16386],
  ['db_ddladmin', 16387],
  ['db_backupoperator', 16389],
  ['db_datareader', 16390],
  ['db_datawriter', 16391],
  ['db_denydatareader', 16392],
  ['db_denydatawriter', 16393],
];
