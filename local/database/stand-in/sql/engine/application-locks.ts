interface Hold {
  readonly owner: number;
  readonly shared: boolean;
}

/**
 * The locks of `sp_getapplock`, by resource, exclusive or shared. An owner is a session, by its number, or its
 * transaction, by the same number below zero; the two are never in each other's way.
 */
export class ApplicationLocks {
  readonly #holds = new Map<string, Hold[]>();

  /** Takes a lock, once more if the owner has it already; false while another session is in the way. */
  take(resource: string, owner: number, shared: boolean): boolean {
    const holds = this.#holds.get(resource) ?? [];
    const free = holds.every((hold) => Math.abs(hold.owner) === Math.abs(owner) || (shared && hold.shared));
    if (free) this.#holds.set(resource, [...holds, { owner, shared }]);
    return free;
  }

  /** Gives one hold of the lock back; false if the owner has none. */
  release(resource: string, owner: number): boolean {
    const holds = this.#holds.get(resource) ?? [];
    const at = holds.findIndex((hold) => hold.owner === owner);
    if (at >= 0) this.#holds.set(resource, holds.toSpliced(at, 1));
    return at >= 0;
  }

  /** Gives back whatever an owner still holds. */
  releaseAll(owner: number): void {
    for (const [resource, holds] of this.#holds) {
      this.#holds.set(
        resource,
        holds.filter((hold) => hold.owner !== owner),
      );
    }
  }

  mode(resource: string, session: number): string {
    const own = this.#holds.get(resource)?.filter((hold) => Math.abs(hold.owner) === session) ?? [];
    if (own.length === 0) return 'NoLock';
    return own.some(({ shared }) => !shared) ? 'Exclusive' : 'Shared';
  }
}
