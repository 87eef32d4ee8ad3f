const FIRST_DELAY_MS = 200;
const LARGEST_DELAY_MS = 10_000;
const ATTEMPTS = 5;

/**
 * Runs an action again after failures, waiting twice as long each time, with some chance in the wait
 * so that clients that failed together do not come back together.
 */
export async function retryWithBackoff<T>(
  action: () => Promise<T>,
  mayRetry: (error: unknown) => boolean,
): Promise<T> {
  let delay = FIRST_DELAY_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt === ATTEMPTS || !mayRetry(error)) {
        throw error;
      }
      await sleep(delay * (0.5 + Math.random() / 2));
      delay = Math.min(delay * 2, LARGEST_DELAY_MS);
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
