/** A rule that a run has broken. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** Name of the rule: an invariant of the protocol, or a word. */
  readonly rule: string;

  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`);
    this.rule = rule;
  }
}
