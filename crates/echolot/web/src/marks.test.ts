import { expect, test } from 'vitest';
import { excerpt, pieces } from './marks';

test('offsets count characters and not halves of surrogate pairs', () => {
  expect(pieces('👍🏽 gut', [{ start: 3, end: 6, kind: 'good' }])).toEqual([
    { text: '👍🏽 ', kinds: [] },
    { text: 'gut', kinds: ['good'] },
  ]);
});

test('pieces together are the text, however marks overlap', () => {
  const text = 'Sehr nettes Personal, aber die App stürzt ab';
  const marks = [
    { start: 0, end: 21, kind: 'praise' },
    { start: 12, end: 34, kind: 'word' },
    { start: 40, end: 99, kind: 'beyond the end' },
    { start: 5, end: 5, kind: 'empty' },
  ];
  const cut = pieces(text, marks);
  expect(cut.map((piece) => piece.text).join('')).toBe(text);
  expect(cut.find((piece) => piece.text === 'Personal,')?.kinds).toEqual(['praise', 'word']);
  expect(cut.flatMap((piece) => piece.kinds)).not.toContain('empty');
});

test('an excerpt keeps its first mark in sight and its offsets right', () => {
  const text = `${'a'.repeat(300)}NEEDLE${'b'.repeat(300)}`;
  const short = excerpt(text, [{ start: 300, end: 306, kind: 'word' }], 80);
  expect([...short.text].length).toBe(82);
  expect(short.text.startsWith('…') && short.text.endsWith('…')).toBe(true);
  expect(pieces(short.text, short.marks).find((piece) => piece.kinds.length)?.text).toBe('NEEDLE');
});

test('an excerpt begins at the beginning where the mark is near it', () => {
  expect(excerpt(`NEEDLE${'b'.repeat(300)}`, [{ start: 0, end: 6, kind: 'word' }], 20).text).toBe(`NEEDLE${'b'.repeat(14)}…`);
  expect(excerpt('short', [], 20)).toEqual({ text: 'short', marks: [] });
});
