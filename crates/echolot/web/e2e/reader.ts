// A reader with a browser, who notices what must never happen.
import { chromium, type Browser, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';

export interface Reader {
  page: Page;
  /** Asks for an address of the page and waits until every answer is there. */
  open(path: string): Promise<void>;
  /** Waits until no answer is awaited any more. */
  settled(): Promise<void>;
  /** Says that the browser will complain of something, and is right to. */
  expect(complaint: RegExp): void;
  leave(): Promise<void>;
}

/** The number that a text begins with. */
export function numberIn(text: string | null): number {
  return Number((text ?? '').trim().replace(/^(\d[\d,.]*).*$/s, '$1').replace(/[,.]/g, ''));
}

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

interface Taste {
  colours?: 'light' | 'dark';
  language?: string;
  width?: number;
}

export async function reader(browser: Browser, { colours = 'light', language = 'en-GB', width = 1440 }: Taste = {}): Promise<Reader> {
  const address = inject('address');
  const context = await browser.newContext({ colorScheme: colours, locale: language, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  page.on('console', (message) => {
    // Breaches of the content security policy are told here too.
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const isOwn = request.url().startsWith(address) || request.url().startsWith('blob:');
    if (!isOwn) complaints.push(`asked for ${request.url()}`);
  });
  const settled = async () => {
    await page.waitForFunction(
      () => document.querySelector('h1') && !document.querySelector('.waiting, [aria-busy="true"]'),
      undefined,
      { timeout: 30_000 },
    );
  };
  return {
    page,
    settled,
    async open(path) {
      await page.goto(address + path);
      await settled();
    },
    expect(complaint) {
      expected.push(complaint);
    },
    async leave() {
      await context.close();
      const unexpected = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)));
      expect(unexpected).toEqual([]);
    },
  };
}
