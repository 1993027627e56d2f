import { quoteText, type SqlSession } from './sql-session.ts';

/** Records of who made what, kept in the database's schema `provisioning`. */
export interface OwnershipNotes {
  /**
   * Whether this database records that this owner made the login; other databases may record it, too (`surveyLogin`).
   */
  ownsLogin(): Promise<boolean>;
  noteLogin(): Promise<void>;
  forgetLogin(): Promise<void>;
  ownsUser(): Promise<boolean>;
  noteUser(): Promise<void>;
  forgetUser(): Promise<void>;
  /** The roles of this database that this owner gave to the user. */
  givenRoles(): Promise<string[]>;
  noteRole(role: string): Promise<void>;
  forgetRole(role: string): Promise<void>;
}

export interface NotesOptions {
  readonly session: SqlSession;
  readonly login: string;
  readonly owner: string;
}

/** An owner's records about a login, in the database that the session is in. */
export function ownershipNotes({ session, login, owner }: NotesOptions): OwnershipNotes {
  const [name, by] = [quoteText(login), quoteText(owner)];
  const tables = {
    made_login: `[provisioning].[made_login] WHERE [login] = ${name}`,
    made_user: `[provisioning].[made_user] WHERE [user] = ${name}`,
    given_role: `[provisioning].[given_role] WHERE [user] = ${name}`,
  } as const;
  const has = async (from: string) =>
    (await session.batch(`SELECT [owner] FROM ${from} AND [owner] = ${by}`)).length > 0;
  const put = (table: 'made_login' | 'made_user', column: string) =>
    session.batch(
      `DELETE FROM ${tables[table]};
INSERT INTO [provisioning].[${table}] ([${column}], [owner]) VALUES (${name}, ${by})`,
    );

  return {
    ownsLogin: () => has(tables.made_login),
    async noteLogin() {
      if (!(await has(tables.made_login))) await put('made_login', 'login');
    },
    async forgetLogin() {
      await session.batch(`DELETE FROM ${tables.made_login} AND [owner] = ${by}`);
    },

    ownsUser: () => has(tables.made_user),
    async noteUser() {
      await put('made_user', 'user');
    },
    async forgetUser() {
      await session.batch(`DELETE FROM ${tables.made_user} AND [owner] = ${by}`);
    },

    async givenRoles() {
      const rows = await session.batch(`SELECT [role] FROM ${tables.given_role} AND [owner] = ${by}`);
      return rows.map(({ role }) => String(role));
    },
    async noteRole(role) {
      const key = `${tables.given_role} AND [role] = ${quoteText(role)}`;
      await session.batch(
        `DELETE FROM ${key};
INSERT INTO [provisioning].[given_role] ([user], [role], [owner]) VALUES (${name}, ${quoteText(role)}, ${by})`,
      );
    },
    async forgetRole(role) {
      await session.batch(
        `DELETE FROM ${tables.given_role} AND [role] = ${quoteText(role)} AND [owner] = ${by}`,
      );
    },
  };
}

/** For a database that may hold no records of ours: nothing in it counts as made by us. */
export const noNotes: OwnershipNotes = {
  ownsLogin: async () => false,
  noteLogin: async () => {},
  forgetLogin: async () => {},
  ownsUser: async () => false,
  noteUser: async () => {},
  forgetUser: async () => {},
  givenRoles: async () => [],
  noteRole: async () => {},
  forgetRole: async () => {},
};
