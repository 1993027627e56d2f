/** The exclusive locks that sessions, by their number, have taken with `sp_getapplock`, by resource. */
export class ApplicationLocks {
  readonly #owners = new Map<string, number>();

  /** Takes a lock, or has it already; false while another session has it. */
  take(resource: string, owner: number): boolean {
    if (!this.#owners.has(resource)) this.#owners.set(resource, owner);
    return this.#owners.get(resource) === owner;
  }

  /** Gives back whatever a session holds. */
  releaseAll(owner: number): void {
    for (const [resource, holder] of this.#owners) if (holder === owner) this.#owners.delete(resource);
  }

  mode(resource: string, session: number): string {
    return this.#owners.get(resource) === session ? 'Exclusive' : 'NoLock';
  }
}
