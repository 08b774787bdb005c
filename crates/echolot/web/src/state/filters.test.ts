import { expect, test } from 'vitest';
import { conditionsOf } from './filters';

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
  expect(conditionsOf('')).toEqual({});
});
