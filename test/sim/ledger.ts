import { countIn, type Content, type History } from './history.ts';
import { Violation } from './violation.ts';

/**
 * All acknowledged writes, and which of them are lost. A write is lost when a leader begins its term
 * without it: from then on it must never be seen again, or clients would read what they were told
 * is gone, in an order in which nothing ever happened.
 */
export class Ledger {
  readonly #histories = new Set<History>();
  readonly #begun = new Set<History>();
  /** Writes that were acknowledged and are lost. */
  lost = 0;

  /** A write was acknowledged. */
  note(history: History): void {
    this.#histories.add(history);
  }

  /** The acknowledged and confirmed writes, by history. */
  get histories(): ReadonlySet<History> {
    return this.#histories;
  }

  /** How many writes of `content` are acknowledged and not lost. */
  countOf(content: Content): number {
    let count = 0;
    for (const history of this.#histories) {
      count += Math.min(countIn(content, history), history.lostFrom);
    }
    return count;
  }

  /** How many acknowledged writes that are not lost `a` has and `b` has not. */
  missing(a: Content, b: Content): number {
    let count = 0;
    for (const history of this.#histories) {
      const has = Math.min(countIn(a, history), history.lostFrom);
      count += Math.max(0, has - countIn(b, history));
    }
    return count;
  }

  /**
   * A term begins with `content`. Where somebody has tampered, lost writes may come back.
   *
   * @returns how many writes are lost by that.
   */
  begin(content: Content, wasTampered: boolean): number {
    let lost = 0;
    for (const history of this.#histories) {
      const count = countIn(content, history);
      if (count > history.lostFrom && !wasTampered) {
        throw new Violation('I3', `${count - history.lostFrom} lost writes are back`);
      }
      lost += Math.max(0, Math.min(history.accepted, history.lostFrom) - count);
      if (history !== content.history) history.lostFrom = Math.min(history.lostFrom, count);
    }
    this.lost += lost;
    // Before its first write: one that comes after the next term has begun is lost when it is made.
    this.#histories.add(content.history);
    this.#begun.add(content.history);
    return lost;
  }

  /** Whether `content` goes on from the data of an earlier term, be it from the first of them. */
  isDescended(content: Content): boolean {
    for (let at: Content | null = content; at !== null; at = at.history.parent) {
      if (this.#begun.has(at.history)) return true;
    }
    return false;
  }
}
