import { expect, test } from 'vitest';
import { conditionsOf, withWholeNames } from './filters';

test('the conditions of a rule are those of a list', () => {
  expect(conditionsOf('product=Vitaloop; topic=delivery,staff ;opinion_polarity=negative')).toEqual({
    product: 'Vitaloop',
    topic: 'delivery,staff',
    opinion_polarity: 'negative',
  });
  expect(conditionsOf('attribute.Filiale=Köln; attribute.Filiale=Bonn; q=a=b')).toEqual({
    q: 'a=b',
    where: 'attribute.Filiale=Köln;attribute.Filiale=Bonn',
  });
  expect(conditionsOf('product=A,B; lang=de')).toEqual({ lang: 'de', where: 'product=A,B' });
  expect(conditionsOf('')).toEqual({});
});

test('a name with a comma is asked for as one', () => {
  const asked = (query: string) => new URL(withWholeNames(`http://localhost/v1/search?${query}`)).searchParams;
  expect(asked('product=Herd%2C+schwarz&topic=a%2Cb').get('product')).toBe('Herd\\, schwarz');
  expect(asked('product=Herd%2C+schwarz&topic=a%2Cb').get('topic')).toBe('a,b');
  expect(withWholeNames('http://localhost/v1/kpi?product=A&by=day')).toBe('http://localhost/v1/kpi?product=A&by=day');
});
