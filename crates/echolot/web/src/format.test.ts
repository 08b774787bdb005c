import { expect, test } from 'vitest';
import { formatter } from './format';

const en = formatter('en');
const de = formatter('de');

test('what is missing is a dash and not a zero', () => {
  expect([en.count(null), en.percent(undefined), en.percentRange(0.1, null), en.day(null)]).toEqual(['–', '–', '–', '–']);
  expect([en.count(0), en.percent(0), en.signed(0)]).toEqual(['0', '0.0 %', '0.0']);
});

test('figures follow the language', () => {
  expect([en.count(49242), de.count(49242)]).toEqual(['49,242', '49.242']);
  expect([en.percentRange(0.0435, 0.2136), de.percentRange(0.0435, 0.2136)]).toEqual(['4.4–21.4 %', '4,4–21,4 %']);
  expect(de.signed(-9.756)).toBe('−9,8');
});

test('a share too small for one decimal gets two', () => {
  expect([en.percent(0.00042), en.percent(0.0042)]).toEqual(['0.04 %', '0.4 %']);
});

test('what rounds to zero has no sign', () => {
  expect([en.fixed(-0.04, 1), en.signed(-0.04)]).toEqual(['0.0', '0.0']);
});

test('very small probabilities are not told apart', () => {
  expect([en.probability(0.00034), en.probability(0.0416), de.probability(0)]).toEqual(['< 0.001', '0.042', '< 0,001']);
});

test('durations take the unit that fits', () => {
  const found = [9.065, 142, 5400, 6000, 200_000, 39_800_000].map(en.duration);
  expect(found).toEqual(['9.1 s', '2.4 min', '90 min', '1.7 h', '2.3 d', '461 d']);
});

test('periods are read by their form, releases stay', () => {
  expect(['2025-06-01', '2025-06', '2025-W07', '2.9.0'].map(en.period)).toEqual(['1 Jun 2025', 'Jun 2025', 'W 7, 2025', '2.9.0']);
  expect(de.period('2025-W07')).toBe('KW 7, 2025');
});
