/** Names in one language. */
export interface JodaSymbols {
  era(ofChrist: boolean): string;
  /** 1 to 12. */
  month(month: number, long: boolean): string;
  /** 1 = Monday. */
  weekday(weekday: number, long: boolean): string;
  half(afternoon: boolean): string;
  zone(id: string, epochMs: number, long: boolean): string;
}

/** Names where Java knows no language: short English ones, whatever the length asked for. */
const ROOT: JodaSymbols = {
  era: (ofChrist) => (ofChrist ? 'CE' : 'BCE'),
  month: (month) => inLanguage('en').month(month, false),
  weekday: (weekday) => inLanguage('en').weekday(weekday, false),
  half: (afternoon) => (afternoon ? 'PM' : 'AM'),
  zone: zoneName,
};

/**
 * The names of a locale. The connector makes it by `new Locale(text)`, which takes the whole text for a language: `fr` is French, but
 * `en-US` is a language nobody has names for, so that the root's short English ones are used.
 */
export function jodaSymbols(locale: string): JodaSymbols {
  const language = locale.toLowerCase();
  if (!/^[a-z]{2,8}$/.test(language)) return ROOT;
  return Intl.DateTimeFormat.supportedLocalesOf([language]).length === 0 ? ROOT : inLanguage(language);
}

function inLanguage(language: string): JodaSymbols {
  const name = (options: Intl.DateTimeFormatOptions, part: string, epochMs: number) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).formatToParts(epochMs).find(({ type }) => type === part)?.value ??
    '';
  return {
    era: (ofChrist) => name({ era: 'short', year: 'numeric' }, 'era', Date.UTC(ofChrist ? 2000 : -500)),
    month(month, long) {
      const at = Date.UTC(2001, month - 1, 15);
      const style = long ? 'long' : 'short';
      const inDate = name({ month: style, day: 'numeric' }, 'month', at);
      // Where the name is a number and a word apart (2月), only the word alone has both
      return /^\d+$/.test(inDate) ? new Intl.DateTimeFormat(language, { month: style, timeZone: 'UTC' }).format(at) : inDate;
    },
    // 1 January 2001 was a Monday
    weekday: (weekday, long) => name({ weekday: long ? 'long' : 'short' }, 'weekday', Date.UTC(2001, 0, weekday)),
    half: (afternoon) => name({ hour: 'numeric', hour12: true }, 'dayPeriod', Date.UTC(2001, 0, 1, afternoon ? 15 : 9)),
    zone: zoneName,
  };
}

function zoneName(id: string, epochMs: number, long: boolean): string {
  if (id === 'UTC') return long ? 'Coordinated Universal Time' : 'UTC';
  const timeZoneName = long ? 'long' : 'short';
  const names = ['en-US', 'en-GB', 'en-AU'].map(
    (language) =>
      new Intl.DateTimeFormat(language, { timeZone: id, timeZoneName }).formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')
        ?.value ?? id,
  );
  return names.find((name) => !name.startsWith('GMT')) ?? names[0]!;
}
