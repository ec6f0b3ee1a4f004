// The sandbox's pages in the browser.
import assert from 'node:assert/strict';
import { atPage } from './person.js';

export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const heading = (page) => page.getByRole('heading', { level: 1 }).innerText();

/** As atPage(), with scripts off; afterwards nothing must be in the browser's console. */
export async function lookAt(link, colorScheme, visit) {
  const console = [];
  await atPage(
    'about:blank',
    async (page) => {
      page.on('console', (message) => console.push(message.text()));
      page.on('pageerror', (error) => console.push(String(error)));
      await page.goto(link);
      await visit(page);
    },
    { colorScheme, javaScriptEnabled: false },
  );
  assert.deepEqual(console, []);
}
