/**
 * Stops the process when an assumption of the core is broken. An agent that goes on with a broken
 * assumption may write to the wrong Redis; one that ends is started again by the kubelet, and the
 * fence holds meanwhile.
 */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`INVARIANT: ${claim}`);
}
