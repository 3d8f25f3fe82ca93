/** Whether a parsed value is a whole number from 0 up that JSON carries exactly: an offset, a term. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
