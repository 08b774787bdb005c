import { expect, test } from 'vitest';
import type { Schemas } from '../api/client';
import { cell, csv } from './export';

const hit: Schemas['HitJson'] = {
  id: 'r-1',
  score: 1,
  text: 'Sagt "nein",\nzweimal',
  highlights: [],
  language: 'de',
  polarity: 'negative',
  sentiment: -0.5,
  topics: ['delivery', 'price_value'],
  created_at: null,
  product: 'App',
  release: null,
  channel: null,
  source: null,
  rating: 2,
};

test('cells are quoted where they must be', () => {
  expect([cell('plain'), cell('a,b'), cell('a"b'), cell(null), cell(-0.5)]).toEqual(['plain', '"a,b"', '"a""b"', '', '-0.5']);
});

test('no verbatim can become a formula', () => {
  expect(['=1+1', '+49', '@x', '-5', '\t='].map(cell)).toEqual(["'=1+1", "'+49", "'@x", "'-5", "'\t="]);
});

test('one row a hit, whatever line breaks it holds', () => {
  expect(csv([hit])).toBe(
    'id,text,created_at,product,release,channel,source,language,rating,polarity,sentiment,topics\r\n' +
      'r-1,"Sagt ""nein"",\nzweimal",,App,,,,de,2,negative,-0.5,delivery price_value\r\n',
  );
});
