/** Tells a fault from the same one over and over: who tries again each second complains once. */
export class LastFault {
  #last: string | null = null;

  /** Whether it is another than the last, which it is from now on. */
  isNew(fault: object): boolean {
    const text = JSON.stringify(fault);
    const isNew = text !== this.#last;
    this.#last = text;
    return isNew;
  }

  /** It went well: the same fault would be a new one. */
  clear(): void {
    this.#last = null;
  }
}
