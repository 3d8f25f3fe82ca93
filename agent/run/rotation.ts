/** A Secret in a volume changes at most once a minute; so often it is worth a look. */
export const rotationPeriodMs = 5000;

/** Something that looks whether a Secret has changed, and does what is due. Never rejects. */
export interface Rotation {
  turn(): Promise<void>;
}

/**
 * Gives each rotation its turns, one after the other, until it is ended.
 *
 * @returns the function that ends it.
 */
export function keepTurning(rotations: readonly Rotation[], periodMs: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let hasEnded = false;
  const turn = async (): Promise<void> => {
    for (const rotation of rotations) await rotation.turn();
    if (!hasEnded) timer = setTimeout(() => void turn(), periodMs);
  };
  void turn();
  return () => {
    hasEnded = true;
    clearTimeout(timer);
  };
}
