// Waiting that always ends.

/** The promise's value, or an error that says what did not come within `limit` milliseconds. */
export async function within(limit, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Waited ${limit} ms in vain for ${typeof what === 'function' ? what() : what}`));
    }, limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition` returns something true, and returns it. */
export async function until(condition, what, limit = 10_000) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end)
      throw new Error(`Waited ${limit} ms in vain for ${typeof what === 'function' ? what() : what}`);
    await sleep(20);
  }
}
