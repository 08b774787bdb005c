// What a reader chooses once: language, colours and the name that edits are signed with.
import { formatter, type LanguageCode } from '../format';
import { de } from '../text/de';
import { en, type Dictionary } from '../text/en';

export type Colours = 'system' | 'light' | 'dark';

const DICTIONARIES: Record<LanguageCode, Dictionary> = { de, en };
const FORMATTERS = { de: formatter('de'), en: formatter('en') };

/** Storage can be forbidden; then a choice lasts as long as the page. */
function kept(key: string): string | null {
  try {
    return localStorage.getItem(`echolot.${key}`);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`echolot.${key}`, value);
  } catch {
    // The choice holds until the page is left.
  }
}

function firstLanguage(): LanguageCode {
  const chosen = kept('language');
  if (chosen === 'de' || chosen === 'en') return chosen;
  return navigator.languages.find((tag) => /^(de|en)\b/.test(tag))?.startsWith('de') ? 'de' : 'en';
}

function firstColours(): Colours {
  const chosen = kept('colours');
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

class Settings {
  #language = $state<LanguageCode>(firstLanguage());
  #colours = $state<Colours>(firstColours());
  #author = $state(kept('author') ?? '');
  #systemIsDark = $state(matchMedia('(prefers-color-scheme: dark)').matches);

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (query) => {
      this.#systemIsDark = query.matches;
    });
    this.#show();
  }

  get language(): LanguageCode {
    return this.#language;
  }

  set language(code: LanguageCode) {
    this.#language = code;
    keep('language', code);
    this.#show();
  }

  get colours(): Colours {
    return this.#colours;
  }

  set colours(colours: Colours) {
    this.#colours = colours;
    keep('colours', colours);
    this.#show();
  }

  get isDark(): boolean {
    return this.#colours === 'system' ? this.#systemIsDark : this.#colours === 'dark';
  }

  get author(): string {
    return this.#author;
  }

  set author(name: string) {
    this.#author = name;
    keep('author', name);
  }

  get words(): Dictionary {
    return DICTIONARIES[this.#language];
  }

  #show(): void {
    document.documentElement.lang = this.#language;
    document.documentElement.dataset.colours = this.#colours;
  }
}

export const settings = new Settings();

/** The words of the chosen language. */
export function t(): Dictionary {
  return settings.words;
}

/** The formats of the chosen language. */
export function f(): ReturnType<typeof formatter> {
  return FORMATTERS[settings.language];
}
