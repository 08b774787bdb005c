import { expect, test } from 'vitest';
import { daysOf, grainOf, lastDays } from './period';

test('periods hold the days that the calendar gives them', () => {
  expect(daysOf('2025-06-01')).toEqual({ from: '2025-06-01', to: '2025-06-01' });
  expect(daysOf('2024-02')).toEqual({ from: '2024-02-01', to: '2024-02-29' });
  expect(daysOf('2025-12')).toEqual({ from: '2025-12-01', to: '2025-12-31' });
  expect(daysOf('2.9.0')).toBeUndefined();
});

test('ISO weeks may begin in the year before and be 53', () => {
  expect(daysOf('2025-W01')).toEqual({ from: '2024-12-30', to: '2025-01-05' });
  expect(daysOf('2020-W53')).toEqual({ from: '2020-12-28', to: '2021-01-03' });
  expect(daysOf('2021-W01')).toEqual({ from: '2021-01-04', to: '2021-01-10' });
});

test('the grain suits the span', () => {
  expect([
    grainOf('2025-06-01', '2025-06-30'),
    grainOf('2025-06-01', '2025-08-31'),
    grainOf('2025-01-01', '2025-12-31'),
  ]).toEqual(['day', 'week', 'month']);
});

test('the last days include the last one', () => {
  expect(lastDays('2025-03-01', 7)).toEqual({ from: '2025-02-23', to: '2025-03-01' });
});
