// What people call the codes and values of the API.
import type { FilterKey } from './state/filters';
import { selection } from './state/scope.svelte';
import { settings, t } from './state/settings.svelte';

export function topicName(code: string): string {
  return t().topics[code] ?? code;
}

export function polarityName(code: string): string {
  return t().polarity[code] ?? code;
}

/** The name of a language by its code, in the language of the page. */
export function languageName(code: string): string {
  if (code === 'xx') return settings.language === 'de' ? 'unbekannt' : 'unknown';
  return new Intl.DisplayNames([settings.language], { type: 'language', fallback: 'code' }).of(code) ?? code;
}

/** A channel; those that everybody has are known by name. */
export function channelName(value: string): string {
  return t().channels[value] ?? value;
}

/** The name of a theme by its number, as far as it is known. */
export function themeName(number: string): string {
  return selection.choices?.themes.find((theme) => theme.number === number)?.label ?? number;
}

/** The name of a company's own topic by its key, as far as it is known. */
function ownTopicName(key: string): string {
  return selection.choices?.ownTopics.find((topic) => topic.key === key)?.name ?? key;
}

/** The value of a condition as people say it; lists are separated by commas. */
export function valueName(key: FilterKey, value: string): string {
  const each = (name: (code: string) => string) => value.split(',').map(name).join(', ');
  if (key === 'topic') return each(topicName);
  if (key === 'polarity' || key === 'opinion_polarity') return each(polarityName);
  if (key === 'intent') return each((code) => t().intents[code] ?? code);
  if (key === 'stage') return each((code) => t().stages[code] ?? code);
  if (key === 'lang') return each(languageName);
  if (key === 'channel') return channelName(value);
  if (key === 'has') return each((code) => t().figures[code as 'nps'] ?? code);
  if (key === 'theme') return each(themeName);
  if (key === 'own_topic') return each(ownTopicName);
  return value;
}
