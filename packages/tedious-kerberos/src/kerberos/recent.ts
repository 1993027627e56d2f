/** A bounded cache that drops the least recently used value. */
export class Recent<Key, Value> {
  readonly #values = new Map<Key, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns the cached value of the key, or makes one. */
  get(key: Key, make: () => Value): Value {
    const value = this.#values.get(key) ?? make();
    // A Map iterates in insertion order, so setting the key again makes it the most recent.
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#most) break;
      this.#values.delete(oldest);
    }
    return value;
  }
}
