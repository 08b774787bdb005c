import { expect, test } from 'vitest';
import { rise } from './courses';

test('a rise is the later half less the earlier one, the middle left out', () => {
  expect(rise([0.1, 0.1, 0.9, 0.3, 0.3])).toBeCloseTo(0.2);
  expect(rise([0.2, 0.1])).toBeCloseTo(-0.1);
  expect([rise([0.4]), rise([])]).toEqual([0, 0]);
});
