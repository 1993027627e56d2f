/** The listed domain controllers, in the order in which they are asked. */
export interface KdcOrder {
  /** The present order; empty if they are found by DNS. */
  readonly kdcs: readonly string[];
  /** Moves the first one to the end, because it does not answer. */
  putFirstLast(): Promise<void>;
}

/**
 * @param onChange makes the new order known to Kerberos
 */
export function createKdcOrder(
  kdcs: readonly string[],
  onChange: (order: readonly string[], silent: string) => Promise<void>,
): KdcOrder {
  let order = kdcs;
  return {
    get kdcs() {
      return order;
    },
    async putFirstLast() {
      const [first, ...others] = order;
      if (first !== undefined && others.length > 0) {
        order = [...others, first];
        await onChange(order, first);
      }
    },
  };
}
