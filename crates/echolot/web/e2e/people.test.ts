// What readers decide: complaints answered, the model corrected and audited, searches kept and exported.
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launch, numberIn, reader, type Reader } from './reader';

let browser: Browser;
let me: Reader;

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(() => me.leave());

/** How many complaints have a status, by the head of the page. */
const counted = async (page: Page, status: string) => {
  const tile = page.locator('.tiles dl > div').filter({ has: page.getByText(status, { exact: true }) }).first();
  return numberIn(await tile.locator('dd.value').textContent());
};

test('a complaint is opened, answered with a note, found by its status, and given back', async () => {
  me = await reader(browser);
  await me.open('/queue?product=Vitaloop');
  const { page } = me;
  const before = { fresh: await counted(page, 'New'), answered: await counted(page, 'Answered') };
  const severities = (await page.locator('.severity b').allTextContents()).map(Number);
  expect(severities.length).toBeGreaterThan(3);
  expect(severities).toEqual(severities.toSorted((a, b) => b - a));

  const group = page.locator('article').filter({ has: page.locator('.severity') }).first();
  await group.locator('h3 a').click();
  await expect.poll(() => new URL(page.url()).searchParams.get('open')).not.toBeNull();
  await me.settled();
  await group.locator('mark.negative, mark.neutral').first().waitFor();
  const one = group.locator('.case').first();
  await one.getByPlaceholder('Note').fill('called back');
  await one.getByRole('button', { name: 'Answered', exact: true }).click();
  await page.getByText(/^Answered: /).waitFor();
  await expect.poll(() => counted(page, 'Answered')).toBe(before.answered + 1);
  expect(await counted(page, 'New')).toBe(before.fresh - 1);

  await page.getByLabel('listed: Answered').check();
  await me.settled();
  await expect.poll(() => new URL(page.url()).searchParams.get('status')).toBe('new,in_work,answered');
  await page.getByLabel('listed: New').uncheck();
  await me.settled();
  await page.reload();
  await me.settled();
  expect(await page.getByLabel('listed: New').isChecked()).toBe(false);
  await page.locator('h3 a').first().click();
  await page.getByText('called back').waitFor();
  await page.getByRole('button', { name: 'New', exact: true }).first().click();
  await expect.poll(() => counted(page, 'New')).toBe(before.fresh);
}, 90_000);

test('all complaints of one case get a status at once, and undoing gives each its own back', async () => {
  me = await reader(browser);
  await me.open('/queue');
  const { page } = me;
  const inWork = await counted(page, 'In work');
  const group = page.locator('article').filter({ has: page.getByText('repeated', { exact: true }) }).first();
  const size = numberIn((await group.locator('h3').textContent())?.replace(/^\D*/, '') ?? '');
  await group.locator('h3 a').click();
  await page.getByRole('heading', { level: 4 }).waitFor();
  await page.locator('.all').getByRole('button', { name: 'In work' }).click();
  await expect.poll(() => counted(page, 'In work')).toBe(inWork + size);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => counted(page, 'In work')).toBe(inWork);
}, 90_000);

test('what a rule found is told with its figures and words, and what waits to be sent', async () => {
  me = await reader(browser);
  await me.open('/');
  const { page } = me;
  await page.getByRole('region', { name: 'Newest alerts' }).getByText('Unhappy people').waitFor();
  await page.getByRole('link', { name: 'All alerts' }).click();
  await me.settled();
  const alerts = page.getByRole('region', { name: /alert/ }).first();
  await alerts.getByText('Unhappy people').waitFor();
  await alerts.getByText(/rating \d/).first().waitFor();
  const total = alerts.getByRole('link', { name: /verbatims/ }).first();
  const expected = numberIn(await total.textContent());
  await total.click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('article').first().waitFor();
  await expect.poll(async () => numberIn(await drawer.getByRole('heading').first().textContent())).toBe(expected);
  await page.keyboard.press('Escape');
  await alerts.locator('.quotes a').first().click();
  await drawer.getByRole('article').waitFor();
  await expect.poll(() => page.url()).toContain('verbatim=');
  await page.keyboard.press('Escape');
  await page.getByRole('region', { name: 'Messages that wait' }).getByRole('cell', { name: 'nobody' }).waitFor();
  await page.getByRole('region', { name: 'Rules' }).getByRole('cell', { name: 'Unhappy people' }).waitFor();
});

test('an opinion is corrected where it stands, seen as corrected, and undone', async () => {
  me = await reader(browser);
  await me.open('/search?q=Lieferung&mode=words&polarity=negative');
  const { page } = me;
  const item = page.getByRole('article').first();
  await item.getByRole('button', { name: 'Correct', exact: true }).click();
  const form = item.getByRole('form', { name: 'Correct' });
  await form.getByRole('button', { name: 'Save correction' }).waitFor();
  expect(await form.getByRole('button', { name: 'Save correction' }).isDisabled()).toBe(true);
  const unit = form.getByRole('group').first();
  await unit.getByLabel('neutral').check();
  await unit.getByRole('combobox', { name: 'Topic' }).fill('priv');
  await page.keyboard.press('Enter');
  await unit.getByText('Privacy and security').first().waitFor();
  await form.getByLabel('Why').fill('read again');
  await form.getByRole('button', { name: 'Save correction' }).click();
  await page.getByText(/^Corrected: /).waitFor();
  await me.settled();
  await item.getByText('corrected', { exact: true }).waitFor();
  await item.getByRole('button', { name: 'Details' }).click();
  await item.getByText('instead of negative').waitFor();

  await me.open('/audit');
  await page.getByRole('region', { name: 'Corrections by people' }).getByText('read again').first().waitFor();
  await page.getByRole('region', { name: 'Corrections by people' }).getByRole('button', { name: 'Undo' }).first().click();
  await page.getByText('Nobody has corrected the model', { exact: false }).waitFor();
}, 90_000);

test('spam is hidden from everything and comes back', async () => {
  me = await reader(browser);
  await me.open('/search?q=Hotline&mode=words');
  const { page } = me;
  const total = async () => numberIn(await page.getByRole('heading', { level: 2 }).first().textContent());
  const before = await total();
  const item = page.getByRole('article').first();
  await item.getByRole('button', { name: 'Correct', exact: true }).click();
  await item.getByRole('button', { name: 'Hide as spam' }).click();
  await expect.poll(total).toBe(before - 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(total).toBe(before);
}, 90_000);

test('a sample is labelled by single keys, kept over a reload, and sent', async () => {
  me = await reader(browser);
  await me.open('/audit');
  const { page } = me;
  await page.getByText('Nobody has labelled a sample').waitFor();
  await page.getByRole('link', { name: 'Label a sample' }).first().click();
  await me.settled();
  await page.getByText(/^Verbatim 1 of \d+/).waitFor();
  await page.keyboard.press('1');
  await page.keyboard.press('4');
  await page.keyboard.press('t');
  await page.keyboard.type('deliv');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  await page.getByText(/^Verbatim 2 of/).waitFor();
  await page.keyboard.press('3');
  await page.keyboard.press('9');
  await page.keyboard.press('0');
  await page.keyboard.press('n');
  await page.getByText(/^Verbatim 3 of/).waitFor();
  await page.keyboard.press('s');
  await page.getByText(/^2 labelled, 1 skipped/).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('at')).toBe('4');

  await page.reload();
  await me.settled();
  await page.getByText(/^2 labelled, 1 skipped/).waitFor();
  await page.keyboard.press('p');
  await page.keyboard.press('p');
  await page.keyboard.press('p');
  await page.getByText(/^Verbatim 1 of/).waitFor();
  expect(await page.getByRole('button', { name: 'negative' }).getAttribute('aria-pressed')).toBe('true');
  expect(await page.getByRole('button', { name: 'complaint' }).getAttribute('aria-pressed')).toBe('true');
  await page.locator('.chip', { hasText: 'Delivery' }).waitFor();

  await page.getByRole('button', { name: 'Send 2 labels' }).click();
  await page.getByText('2 verbatims have labels').waitFor();
  await me.settled();
  await page.getByRole('region', { name: 'Polarity' }).getByText('2 verbatims labelled by people').waitFor();
  expect(await page.getByRole('region', { name: 'Topics' }).locator('tbody tr').count()).toBeGreaterThan(0);
  expect(await page.evaluate(() => localStorage.getItem('echolot.labels'))).toBe('{}');
}, 90_000);

test('verbatims like a pasted text are found, by its address or by the tab where it is too long for one', async () => {
  me = await reader(browser);
  await me.open('/search?product=Vitaloop');
  const { page } = me;
  const paste = async (text: string) => {
    await page.getByLabel('Pasted text').fill(text);
    await page.getByRole('button', { name: 'Find similar ones' }).click();
    await me.settled();
  };
  const texts = () => page.getByRole('article').locator('.text').allTextContents();
  await page.getByText('Find verbatims like a pasted text').click();
  await paste('Seit dem Update komme ich nicht mehr in mein Konto, das Passwort wird nicht angenommen.');
  await expect.poll(() => new URL(page.url()).searchParams.get('like_text')).toMatch(/^Seit dem Update/);
  await expect.poll(() => new URL(page.url()).searchParams.get('product')).toBe('Vitaloop');
  await page.getByText('Verbatims like the pasted text').waitFor();
  const found = await texts();
  expect(found.length).toBeGreaterThan(0);

  await paste('Seit dem Update komme ich nicht mehr in mein Konto, das Passwort wird nicht angenommen. '.repeat(20));
  await expect.poll(() => page.url()).not.toContain('Passwort');
  await page.reload();
  await me.settled();
  await page.getByText('Verbatims like the pasted text').waitFor();
  expect(await page.getByLabel('Pasted text').inputValue()).toMatch(/^Seit dem Update/);
  await page.goBack();
  await expect.poll(texts).toEqual(found);
  await page.getByRole('link', { name: 'All verbatims' }).click();
  await me.settled();
  await expect.poll(() => new URL(page.url()).search).toBe('?product=Vitaloop');
}, 90_000);

/** Has the server say that whoever asks has a key of this kind. */
const withKey = (page: Page, role: string, products: string[] = []) =>
  page.route('**/v1/me', (route) => route.fulfill({ json: { is_key_needed: true, key: 'k', key_name: 'ada', role, products } }));

test('whoever may only read is offered no change, and told why', async () => {
  me = await reader(browser);
  const { page } = me;
  await withKey(page, 'reader');
  await me.open('/themes');
  expect(await page.locator('tbody input[type=checkbox]').count()).toBe(0);
  await me.open('/themes/1');
  for (const name of ['Rename', 'Pin', 'Hide', 'Merge …']) {
    const button = page.getByRole('button', { name, exact: true });
    expect([name, await button.isDisabled()]).toEqual([name, true]);
    expect(await button.getAttribute('title')).toContain('Your key is for reading');
  }
  expect(await page.getByRole('button', { name: 'Correct', exact: true }).count()).toBe(0);
  await me.open('/queue');
  await page.locator('h3 a').first().click();
  await me.settled();
  expect(await page.getByRole('button', { name: 'Answered', exact: true }).first().isDisabled()).toBe(true);
}, 90_000);

test('whoever sees some products meets no errors about the others', async () => {
  me = await reader(browser);
  const { page } = me;
  await withKey(page, 'editor', ['Vitaloop']);
  // The server refuses what is of all products; nothing of it is asked for.
  await page.route(/\/v1\/(alerts|runs|themes\/\d+\/ledger)/, (route) => route.fulfill({ status: 403, json: { code: 'beyond_products' } }));
  for (const path of ['/', '/themes/1', '/alerts', '/runs']) {
    await me.open(path);
    expect([path, await page.getByRole('alert').count()]).toEqual([path, 0]);
    await page.getByText('Your key is for Vitaloop; this is about all products.').first().waitFor();
  }
  await me.open('/search?q=Lieferung&mode=words');
  await page.getByRole('button', { name: 'Correct', exact: true }).first().waitFor();
  await withKey(page, 'ingest');
  await me.open('/');
  await page.getByText('Your key is for delivering feedback').waitFor();
}, 90_000);

test('a search is kept under a name, found again, and forgotten', async () => {
  me = await reader(browser);
  await me.open('/search?q=Lieferung&lang=de&page=2');
  const { page } = me;
  await page.getByRole('button', { name: 'Save this search' }).click();
  await page.getByLabel('Name of the search').fill('Late parcels');
  await page.keyboard.press('Enter');
  await me.open('/search');
  await page.getByRole('link', { name: 'Late parcels' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?lang=de&q=Lieferung');
  await page.reload();
  await me.settled();
  expect(await page.getByRole('link', { name: 'Late parcels' }).getAttribute('aria-current')).toBe('true');
  await page.getByRole('button', { name: 'Remove Late parcels' }).click();
  expect(await page.getByRole('link', { name: 'Late parcels' }).count()).toBe(0);
});

test('all that was found is exported by the server, one row each', async () => {
  me = await reader(browser);
  await me.open('/search?product=Vitaloop');
  const { page } = me;
  const total = numberIn(await page.getByRole('heading', { level: 2 }).first().textContent());
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  expect(file.suggestedFilename()).toMatch(/^echolot-\d+\.csv$/);
  expect(readFileSync(await file.path(), 'utf8')).toMatch(/^\uFEFFid,text,/);
  await page.getByLabel('Format').selectOption('jsonl');
  const [lines] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  const items = readFileSync(await lines.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { product: string });
  expect(items.length).toBe(total);
  expect(new Set(items.map(({ product }) => product))).toEqual(new Set(['Vitaloop']));
});

test('a taxonomy is checked at its lines, previewed, applied, opened by its counts, and undone', async () => {
  me = await reader(browser);
  await me.open('/taxonomy');
  const { page } = me;
  me.expect(/400/);
  await page.getByText('There are no own topics').waitFor();
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  const document = page.getByRole('textbox', { name: 'The taxonomy in TOML' });
  await document.fill('[[topic]]\nkey = "late"\nname = "Late parcel"\nrule = \'"offen\'\n');
  await page.getByRole('button', { name: 'Check and preview' }).click();
  const mistake = page.getByRole('alert').getByText(/line 4/);
  await mistake.waitFor();
  await page.locator('.gutter .wrong').waitFor();
  await page.getByRole('button', { name: 'go to line 4' }).click();
  expect(await document.evaluate((field: HTMLTextAreaElement) => field.value.slice(field.selectionStart, field.selectionEnd))).toMatch(/^rule/);

  await page.reload();
  await me.settled();
  expect(await document.inputValue()).toContain('"offen');
  await document.fill('[[topic]]\nkey = "late"\nname = "Late parcel"\nrule = "Lieferung OR delivery"\n');
  await page.getByRole('button', { name: 'Check and preview' }).click();
  const preview = page.getByRole('region', { name: 'As it would be' });
  const volume = numberIn(await preview.locator('tbody td.figure').first().textContent());
  expect(volume).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Taxonomy applied: 1 topics').waitFor();
  await page.getByRole('link', { name: 'Topics', exact: true }).click();
  await me.settled();
  const row = page.locator('tbody tr').first();
  expect(numberIn(await row.locator('td.figure').first().textContent())).toBe(volume);
  await row.getByRole('button', { name: 'Late parcel' }).click();
  await row.getByText('Lieferung OR delivery').waitFor();
  await row.locator('td.figure a').first().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('article').first().waitFor();
  await expect.poll(async () => numberIn(await drawer.getByRole('heading').first().textContent())).toBe(volume);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('There are no own topics').waitFor();
}, 90_000);
