const startedMs = performance.now();
/** How often work that goes on is mentioned, in milliseconds. */
const reminderMs = 20_000;

/** Tells the person who watches what happens, with the seconds since the start. */
export function say(sentence: string): void {
  const seconds = Math.floor((performance.now() - startedMs) / 1000);
  console.log(`[${String(seconds).padStart(4)} s] ${sentence}`);
}

/** Says what is being done, and every now and then that it still is. */
export async function during<T>(what: string, work: Promise<T>): Promise<T> {
  say(what);
  const timer = setInterval(() => {
    say(`${what}: still at it`);
  }, reminderMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
