import type { Content } from './history.ts';

/** What is on the disk for a start. Without a `replid` the data cannot be placed any more. */
export interface Dump {
  readonly replid: string | null;
  readonly offset: number;
  readonly content: Content;
}
