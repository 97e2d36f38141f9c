/** What became of every span that was sent, by its id. */
export class Ledger {
  readonly #accepted = new Set<string>();
  readonly #arrived = new Map<string, number>();
  readonly #refusedForGood = new Set<string>();

  #lastArrival = -Infinity;

  /** The Collector said that it has them. */
  accept(ids: readonly string[]): void {
    for (const id of ids) this.#accepted.add(id);
  }

  /** DeepFlow has taken them. */
  arrive(ids: readonly string[]): void {
    this.#lastArrival = performance.now();
    for (const id of ids) this.#arrived.set(id, (this.#arrived.get(id) ?? 0) + 1);
  }

  /** DeepFlow gave an answer after which the protocol forbids to send them again. */
  refuseForGood(ids: readonly string[]): void {
    for (const id of ids) this.#refusedForGood.add(id);
  }

  /** Seconds since DeepFlow took something. */
  get quietSeconds(): number {
    return (performance.now() - this.#lastArrival) / 1000;
  }

  /** Takes what is settled out, so that a long run does not grow: what is lost is counted once. */
  settle(): Account {
    const account = this.account();
    this.#accepted.clear();
    this.#arrived.clear();
    this.#refusedForGood.clear();
    return account;
  }

  account(): Account {
    const missing = [...this.#accepted].filter((id) => !this.#arrived.has(id));
    const droppedAfter500 = missing.filter((id) => this.#refusedForGood.has(id)).length;
    return {
      accepted: this.#accepted.size,
      lost: missing.length - droppedAfter500,
      droppedAfter500,
      duplicates: [...this.#arrived.values()].reduce((sum, times) => sum + times - 1, 0),
    };
  }
}

/** Spans, counted. */
export interface Account {
  readonly accepted: number;
  /** Accepted, and never taken by DeepFlow, for no reason that the protocol gives. */
  readonly lost: number;
  /** Accepted, and dropped because DeepFlow answered 500, which OTLP says is not to be tried again. */
  readonly droppedAfter500: number;
  /** How often a span came once more than it should. */
  readonly duplicates: number;
}
