export interface Order {
  seats: number;
  reduced: boolean;
}

/** The price of an order, in cents. */
export function price(order: Order): number {
  const each = order.reduced ? 1250 : 2000;
  return order.seats * each;
}
