interface Held {
  readonly owner: number;
  readonly shared: boolean;
  count: number;
}

interface Waiting {
  readonly owner: number;
  readonly shared: boolean;
  readonly grant: () => void;
}

/**
 * The locks of `sp_getapplock`, by resource, exclusive or shared. An owner is a session, by its number, or its
 * transaction, by the same number below zero; the two are never in each other's way.
 */
export class ApplicationLocks {
  readonly #held = new Map<string, Held[]>();
  readonly #queues = new Map<string, Waiting[]>();

  /**
   * Takes a lock: 0 if it was free, 1 after waiting, -1 when `timeout` (milliseconds, -1 for ever) has passed,
   * -2 when `signal` aborts.
   */
  async take(
    resource: string,
    owner: number,
    shared: boolean,
    timeout: number,
    signal: AbortSignal,
  ): Promise<number> {
    if (this.#grantable(resource, owner, shared)) {
      this.#add(resource, owner, shared);
      return 0;
    }
    if (timeout === 0) return -1;
    return await new Promise<number>((resolve) => {
      const queue = this.#queues.get(resource) ?? [];
      this.#queues.set(resource, queue);
      const settle = (result: number) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        const at = queue.indexOf(waiting);
        if (at >= 0) queue.splice(at, 1);
        resolve(result);
      };
      const waiting: Waiting = { owner, shared, grant: () => settle(1) };
      const abort = () => settle(-2);
      const timer = timeout > 0 ? setTimeout(() => settle(-1), timeout) : undefined;
      signal.addEventListener('abort', abort, { once: true });
      queue.push(waiting);
    });
  }

  /** Gives one hold of the lock back; false if the session does not have it. */
  release(resource: string, owner: number): boolean {
    const held = this.#held.get(resource);
    const own = held?.find((lock) => lock.owner === owner);
    if (!held || !own) return false;
    own.count -= 1;
    if (own.count === 0)
      this.#held.set(
        resource,
        held.filter((lock) => lock !== own),
      );
    this.#serve(resource);
    return true;
  }

  /** Gives back whatever an owner still holds. */
  releaseAll(owner: number): void {
    for (const [resource, held] of this.#held) {
      const others = held.filter((lock) => lock.owner !== owner);
      if (others.length === held.length) continue;
      this.#held.set(resource, others);
      this.#serve(resource);
    }
  }

  mode(resource: string, owner: number): string {
    const own = this.#held.get(resource)?.find((lock) => Math.abs(lock.owner) === owner);
    return own ? (own.shared ? 'Shared' : 'Exclusive') : 'NoLock';
  }

  #grantable(resource: string, owner: number, shared: boolean): boolean {
    return (this.#held.get(resource) ?? []).every(
      (lock) => Math.abs(lock.owner) === Math.abs(owner) || (shared && lock.shared),
    );
  }

  #add(resource: string, owner: number, shared: boolean): void {
    const held = this.#held.get(resource) ?? [];
    const own = held.find((lock) => lock.owner === owner);
    if (own) own.count += 1;
    else held.push({ owner, shared, count: 1 });
    this.#held.set(resource, held);
  }

  #serve(resource: string): void {
    for (const waiting of [...(this.#queues.get(resource) ?? [])]) {
      if (!this.#grantable(resource, waiting.owner, waiting.shared)) return;
      this.#add(resource, waiting.owner, waiting.shared);
      waiting.grant();
    }
  }
}
