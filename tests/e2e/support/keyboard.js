// A person who has no mouse.
import assert from 'node:assert/strict';

const MOST_STOPS = 60;

/** Presses Tab until `target` has the focus; fails where it never comes there, or where a stop on the way can't be seen. */
export async function tabTo(page, target) {
  for (let stops = 0; stops < MOST_STOPS; ++stops) {
    await page.keyboard.press('Tab');
    const focus = page.locator(':focus');
    if ((await focus.count()) === 0) continue; // The browser's own controls.
    const style = await focus.evaluate((element) => getComputedStyle(element).outlineStyle);
    assert.notEqual(style, 'none', `the focus can't be seen at ${await focus.innerHTML()}`);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`Tab never comes to ${target}`);
}

/** Goes to `target` and presses `key`; ends once the page that this leads to is there. */
export async function pressAt(page, target, key = 'Enter') {
  await tabTo(page, target);
  const led = page.waitForNavigation();
  await page.keyboard.press(key);
  await led;
}

/** Goes to a field and types; a field that has text already is typed over. */
export async function typeInto(page, target, text) {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

/** Goes to a list and chooses the option of this name by its first letters. */
export async function choose(page, target, option) {
  await typeInto(page, target, option);
  assert.equal(await target.locator('option:checked').innerText(), option);
}
