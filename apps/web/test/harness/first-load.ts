/** What a browser that has nothing of the app yet loads for a page, as it goes over the wire. */
import type { Page, Response } from 'playwright-core';

export interface FirstLoad {
  /** Of the app's own files: page, scripts, styles, icons. Compressed, without headers. */
  readonly bytes: number;
  readonly files: number;
  /** From the request to the first contentful paint, and to the heading of the page. */
  readonly paintMs: number;
  readonly headingMs: number;
}

/** @param url  Of a page that is signed in, and was never opened in this browser. */
export async function firstLoadOf(page: Page, url: string): Promise<FirstLoad> {
  const loaded: Promise<number>[] = [];
  const isOwnFile = (response: Response): boolean => !/\/(?:api|graphql|ws)\b/.test(new URL(response.url()).pathname);
  page.on('requestfinished', (request) => {
    loaded.push(request.response().then(async (response) => (response !== null && isOwnFile(response) ? (await request.sizes()).responseBodySize : 0)));
  });
  const begunAt = Date.now();
  await page.goto(url, { waitUntil: 'commit' });
  await page.waitForSelector('h1');
  const headingMs = Date.now() - begunAt;
  await page.waitForLoadState('load');
  await page.waitForTimeout(500);
  const sizes = await Promise.all(loaded);
  const paintMs = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN);
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.filter((size) => size > 0).length, paintMs: Math.round(paintMs), headingMs };
}
