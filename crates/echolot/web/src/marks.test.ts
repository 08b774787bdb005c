import { expect, test } from 'vitest';
import { pieces } from './marks';

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
