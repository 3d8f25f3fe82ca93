/** What one Redis says of itself, as far as the model and the real one can be compared. */
export interface Look {
  readonly role: 'primary' | 'replica';
  readonly replid: string;
  readonly replid2: string | null;
  readonly offset: number;
  readonly keys: number;
  readonly linkUp: boolean;
  /** Replicas that count for `min-replicas-to-write`. */
  readonly good: number;
}

/** What became of a write. */
export type Outcome = 'accepted' | 'refused' | 'waits';

/** Some Redis, by number: real processes, or those of the simulator. */
export interface Bench {
  /** Boots one as a replica of nowhere that refuses writes, from its dump when it has one. */
  start(redis: number): Promise<void>;
  /** Ends one as a crash does. */
  kill(redis: number): Promise<void>;
  /** Writes the dump now. */
  save(redis: number): Promise<void>;
  /** Makes it a primary behind the fence, with a backlog. */
  promote(redis: number): Promise<void>;
  /** Replicates from another, or from nowhere; does not wait. */
  follow(redis: number, from: number | null): Promise<void>;
  /** Sets what a write needs. */
  admit(redis: number, replicas: number, lagSeconds: number): Promise<void>;
  /** Holds writes back. */
  pause(redis: number, forMs: number): Promise<void>;
  freeze(redis: number): Promise<void>;
  thaw(redis: number): Promise<void>;
  /** Writes one key that was never written. */
  write(redis: number): Promise<Outcome>;
  /** Lets time pass. */
  wait(ms: number): Promise<void>;
  /** Lets time pass until replication has settled. */
  settle(): Promise<void>;
  /** `null` for one that does not run or does not answer. */
  look(redis: number): Promise<Look | null>;
}

/** How many Redis a bench has. */
export const benchSize = 3;
