// What can be measured of a page's looks.
import assert from 'node:assert/strict';

const LEAST_CONTRAST = 4.5; // WCAG 2.2, 1.4.3
const NARROWEST = 320; // CSS pixels, 1.4.10

/** The texts of a page whose contrast with what is behind them is too low, with their ratio. Runs in the page. */
function faintTexts(least) {
  const rgba = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const luminance = ({ red, green, blue }) => {
    const linear = [red, green, blue].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color.alpha === 1) return color;
    }
    return { red: 255, green: 255, blue: 255 };
  };
  const hasText = ({ childNodes }) => [...childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll('*')]
    .filter((element) => hasText(element) && element.checkVisibility())
    .map((element) => {
      const lights = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))];
      const ratio = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
      return { text: element.textContent.trim(), ratio };
    })
    .filter(({ ratio }) => ratio < least);
}

/** Everything on the page can be read, and nothing sticks out on a small telephone. */
export async function checkLooks(page) {
  assert.deepEqual(await page.evaluate(faintTexts, LEAST_CONTRAST), [], `texts too faint at ${page.url()}`);
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, width: NARROWEST });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= NARROWEST, `${page.url()} is ${width} pixels wide`);
  await page.setViewportSize(size);
}
