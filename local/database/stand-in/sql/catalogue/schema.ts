/**
 * The catalogue of a database as SQLite tables and views. A T-SQL object `schema.name` is the SQLite object
 * `"schema.name"`; what begins with `$` no T-SQL can name. Declared types are T-SQL's: results take them.
 */

const text = 'NVARCHAR(128) COLLATE NOCASE';

/** In every database, `master` among them. */
export const databaseSchema = `
CREATE TABLE "sys.schemas" (name ${text} NOT NULL UNIQUE, schema_id INT PRIMARY KEY, principal_id INT NOT NULL);

CREATE TABLE "$objects" (
  name ${text} NOT NULL, object_id INT PRIMARY KEY, schema_id INT NOT NULL, parent_object_id INT NOT NULL,
  type NVARCHAR(2) COLLATE NOCASE NOT NULL, type_desc NVARCHAR(60) COLLATE NOCASE NOT NULL, create_date DATETIME NOT NULL,
  UNIQUE (schema_id, name)
);
CREATE VIEW "sys.objects" AS
  SELECT name, object_id, schema_id, parent_object_id, type, type_desc, create_date, create_date AS modify_date
  FROM "$objects";
CREATE VIEW "sys.tables" AS SELECT * FROM "sys.objects" WHERE type = 'U';
CREATE VIEW "sys.key_constraints" AS SELECT * FROM "sys.objects" WHERE type IN ('PK', 'UQ');
CREATE VIEW "sys.check_constraints" AS SELECT * FROM "sys.objects" WHERE type = 'C';
CREATE VIEW "sys.default_constraints" AS SELECT * FROM "sys.objects" WHERE type = 'D';

CREATE TABLE "$tables" (object_id INT PRIMARY KEY, definition TEXT NOT NULL, identity_value INT);
CREATE TABLE "$foreign_keys" (object_id INT PRIMARY KEY, referenced_object_id INT NOT NULL);
CREATE VIEW "sys.foreign_keys" AS
  SELECT o.name, o.object_id, o.schema_id, o.parent_object_id, o.type, o.type_desc, o.create_date, f.referenced_object_id
  FROM "$objects" AS o JOIN "$foreign_keys" AS f ON f.object_id = o.object_id;

CREATE TABLE "$columns" (
  object_id INT NOT NULL, name ${text} NOT NULL, column_id INT NOT NULL, data_type ${text} NOT NULL,
  max_length SMALLINT NOT NULL, precision TINYINT NOT NULL, scale TINYINT NOT NULL, is_nullable BIT NOT NULL,
  is_identity BIT NOT NULL, PRIMARY KEY (object_id, column_id)
);
CREATE VIEW "sys.columns" AS
  SELECT object_id, name, column_id, max_length, precision, scale, is_nullable, is_identity FROM "$columns";

CREATE TABLE "sys.indexes" (
  object_id INT NOT NULL, name ${text} NOT NULL, index_id INT NOT NULL, is_unique BIT NOT NULL,
  is_primary_key BIT NOT NULL, is_unique_constraint BIT NOT NULL, PRIMARY KEY (object_id, index_id)
);
CREATE TABLE "$index_columns" (object_id INT NOT NULL, index_id INT NOT NULL, columns TEXT NOT NULL);

CREATE TABLE "sys.database_principals" (
  name ${text} NOT NULL UNIQUE, principal_id INT PRIMARY KEY, type NVARCHAR(1) NOT NULL,
  type_desc NVARCHAR(60) COLLATE NOCASE NOT NULL, default_schema_name ${text}, create_date DATETIME NOT NULL,
  owning_principal_id INT, sid VARBINARY(85), is_fixed_role BIT NOT NULL
);
CREATE TABLE "sys.database_role_members" (
  role_principal_id INT NOT NULL, member_principal_id INT NOT NULL,
  PRIMARY KEY (role_principal_id, member_principal_id)
);
CREATE TABLE "sys.database_permissions" (
  class TINYINT NOT NULL, class_desc NVARCHAR(60) COLLATE NOCASE NOT NULL, major_id INT NOT NULL, minor_id INT NOT NULL,
  grantee_principal_id INT NOT NULL, grantor_principal_id INT NOT NULL,
  permission_name ${text} NOT NULL, state NVARCHAR(1) NOT NULL, state_desc NVARCHAR(60) COLLATE NOCASE NOT NULL,
  PRIMARY KEY (class, major_id, minor_id, grantee_principal_id, permission_name)
);

CREATE VIEW "information_schema.schemata" AS
  SELECT tsql_db_name() AS CATALOG_NAME, s.name AS SCHEMA_NAME FROM "sys.schemas" AS s;
CREATE VIEW "information_schema.tables" AS
  SELECT tsql_db_name() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME, 'BASE TABLE' AS TABLE_TYPE
  FROM "$objects" AS o JOIN "sys.schemas" AS s ON s.schema_id = o.schema_id WHERE o.type = 'U';
CREATE VIEW "information_schema.columns" AS
  SELECT tsql_db_name() AS TABLE_CATALOG, s.name AS TABLE_SCHEMA, o.name AS TABLE_NAME, c.name AS COLUMN_NAME,
    c.column_id AS ORDINAL_POSITION, iif(c.is_nullable, 'YES', 'NO') AS IS_NULLABLE, c.data_type AS DATA_TYPE,
    CAST(CASE WHEN c.data_type LIKE 'n%char' AND c.max_length > 0 THEN c.max_length / 2
      WHEN c.data_type LIKE '%char' OR c.data_type LIKE '%binary' THEN c.max_length END AS INT) AS CHARACTER_MAXIMUM_LENGTH
  FROM "$columns" AS c JOIN "$objects" AS o ON o.object_id = c.object_id
  JOIN "sys.schemas" AS s ON s.schema_id = o.schema_id;
`;

/** In `master` alone: what belongs to the server. */
export const serverSchema = `
CREATE TABLE "sys.databases" (
  name ${text} NOT NULL UNIQUE, database_id INT PRIMARY KEY, owner_sid VARBINARY(85) NOT NULL,
  create_date DATETIME NOT NULL, user_access TINYINT NOT NULL, user_access_desc NVARCHAR(60) COLLATE NOCASE NOT NULL,
  state TINYINT NOT NULL, state_desc NVARCHAR(60) COLLATE NOCASE NOT NULL, collation_name ${text} NOT NULL
);
CREATE VIEW "dbo.sysdatabases" AS SELECT name, database_id AS dbid FROM "sys.databases";
CREATE TABLE "sys.server_principals" (
  name ${text} NOT NULL UNIQUE, principal_id INT PRIMARY KEY, sid VARBINARY(85) NOT NULL, type NVARCHAR(1) NOT NULL,
  type_desc NVARCHAR(60) COLLATE NOCASE NOT NULL, is_disabled BIT NOT NULL, create_date DATETIME NOT NULL,
  default_database_name ${text}, is_fixed_role BIT NOT NULL
);
CREATE TABLE "$passwords" (principal_id INT PRIMARY KEY, salt VARBINARY(16) NOT NULL, hash VARBINARY(32) NOT NULL);
CREATE VIEW "sys.sql_logins" AS
  SELECT name, principal_id, sid, type, type_desc, is_disabled, create_date, default_database_name
  FROM "sys.server_principals" WHERE type = 'S';
CREATE TABLE "sys.server_role_members" (
  role_principal_id INT NOT NULL, member_principal_id INT NOT NULL,
  PRIMARY KEY (role_principal_id, member_principal_id)
);
CREATE TABLE "sys.server_permissions" (
  class TINYINT NOT NULL, class_desc NVARCHAR(60) COLLATE NOCASE NOT NULL, grantee_principal_id INT NOT NULL,
  permission_name ${text} NOT NULL, state NVARCHAR(1) NOT NULL, state_desc NVARCHAR(60) COLLATE NOCASE NOT NULL,
  PRIMARY KEY (grantee_principal_id, permission_name)
);
`;

/** Server-wide views, which every database shows. */
export const serverViews: ReadonlySet<string> = new Set([
  'sys.databases',
  'sys.server_principals',
  'sys.sql_logins',
  'sys.server_role_members',
  'sys.server_permissions',
]);

/** Views of what is running now; the session fills them before a query reads them. */
export const sessionViews = `
CREATE TEMP TABLE IF NOT EXISTS "sys.dm_exec_sessions" (
  session_id SMALLINT NOT NULL, login_name ${text}, original_login_name ${text}, host_name ${text},
  program_name ${text}, status NVARCHAR(30), database_id SMALLINT, is_user_process BIT, login_time DATETIME
);
CREATE TEMP TABLE IF NOT EXISTS "sys.dm_exec_connections" (
  session_id INT, net_transport NVARCHAR(40), encrypt_option NVARCHAR(40), auth_scheme NVARCHAR(40),
  client_net_address NVARCHAR(48), connect_time DATETIME
);
`;

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

export const fixedServerRoles: readonly (readonly [string, number])[] = [
  ['public', 2],
  ['sysadmin', 3],
  ['securityadmin', 4],
  ['serveradmin', 5],
  ['setupadmin', 6],
  ['processadmin', 7],
  ['diskadmin', 8],
  ['dbcreator', 9],
  ['bulkadmin', 10],
];
