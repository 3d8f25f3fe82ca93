/** Resolves with `null` after so many milliseconds: to race with what may take longer. Keeps no process running. */
export function nothingAfter(timeoutMs: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(resolve, timeoutMs, null).unref();
  });
}
