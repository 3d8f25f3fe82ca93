/** What happens at an instant of the world's time. */
export type Event = () => void;

/** The future of a world: events in the order of time, those of one instant as they were added. */
export class EventQueue {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #events: Event[] = [];
  #added = 0;

  /** Adds an event. */
  add(atMs: number, event: Event): void {
    let at = this.#times.length;
    const order = this.#added++;
    this.#times.push(atMs);
    this.#orders.push(order);
    this.#events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= atMs) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, atMs, order, event);
  }

  /** When the next event is due; infinitely late when there is none. */
  get nextMs(): number {
    return this.#times[0] ?? Infinity;
  }

  /** Takes the next event out. */
  take(): Event {
    const first = this.#events[0]!;
    const atMs = this.#times.pop()!;
    const order = this.#orders.pop()!;
    const event = this.#events.pop()!;
    if (this.#times.length > 0) this.#sink(atMs, order, event);
    return first;
  }

  #sink(atMs: number, order: number, event: Event): void {
    let at = 0;
    const count = this.#times.length;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#isBefore(child + 1, this.#times[child]!, this.#orders[child]!))
        child += 1;
      if (!this.#isBefore(child, atMs, order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, atMs, order, event);
  }

  #isBefore(index: number, atMs: number, order: number): boolean {
    const time = this.#times[index]!;
    return time < atMs || (time === atMs && this.#orders[index]! < order);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!;
    this.#orders[to] = this.#orders[from]!;
    this.#events[to] = this.#events[from]!;
  }

  #put(at: number, atMs: number, order: number, event: Event): void {
    this.#times[at] = atMs;
    this.#orders[at] = order;
    this.#events[at] = event;
  }
}
