// Waiting for what comes by itself: a condition and a limit, never a time.

const LIMIT_MS = 60_000;
const PAUSE_MS = 100;

/// What `found` gives as soon as it gives something.
export async function until(what, found) {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const result = await found();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited ${LIMIT_MS / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
