/** The listed domain controllers, in the order in which they are asked. */
export interface KdcOrder {
  /** How many are listed; 0 when they are found by DNS. */
  readonly length: number;
  /** Puts the first one last, because it does not answer. */
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
    length: kdcs.length,
    async putFirstLast() {
      const [first, ...others] = order;
      if (first !== undefined && others.length > 0) {
        order = [...others, first];
        await onChange(order, first);
      }
    },
  };
}
